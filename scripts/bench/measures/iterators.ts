// One read of all containers through the kernel's iterators, against the walk through /proc that it replaces.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { findIterators, makeIterators } from '../../../src/engine/account/iterators.ts';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import { heldOf, openedOf } from '../../../src/engine/spec/bpf/passes.ts';
import { farm } from '../farm.ts';
import { type Figure, figure } from '../figure.ts';
import { ratio, spread } from '../statistics.ts';

const ROUNDS = 40;

const times = (work: () => void): readonly number[] => {
  work();
  return Array.from({ length: ROUNDS }, () => {
    const began = performance.now();
    work();
    return performance.now() - began;
  });
};

/** What each process of the node has promised, as far as /proc can be read. */
function walk(what: (pid: string) => void): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      what(pid);
    } catch {
      // it has ended
    }
}

export const ITERATORS: Figure = figure(
  'iterators',
  'Promised memory and open files of 200 busybox containers, one read of all',
  {
    memory: { says: 'memory, by iterator', unit: 'ms' },
    memoryRatio: { says: 'against /proc/PID/statm of all', unit: '×', atMost: 0.1 },
    files: { says: 'files, locks and sockets, by iterator', unit: 'ms' },
    filesRatio: { says: 'against /proc/PID/fd of all, descriptors alone', unit: '×', atMost: 0.5 },
  },
  async (bench) => {
    const { engine, root, running } = await bench.shared(farm);
    await running(200);
    const host = openLinuxHost(root, openLauncher(`${bench.home}/build/launcher`));
    bench.later(() => host.launcher.close());
    const topology = findTopology(linuxFiles, '/proc', engine.node.tag);
    await makeIterators(host, topology);
    const iterators = findIterators(host, topology);
    if (iterators === null) throw new Error('this kernel has no iterators');
    const memory = times(() => heldOf(readFileSync(iterators.tasks)));
    const statm = times(() => walk((pid) => readFileSync(`/proc/${pid}/statm`)));
    const files = times(() => openedOf(readFileSync(iterators.files)));
    const descriptors = times(() => walk((pid) => statSync(`/proc/${pid}/fd`)));
    return {
      memory: spread(memory),
      memoryRatio: ratio(memory, statm),
      files: spread(files),
      filesRatio: ratio(files, descriptors),
    };
  },
);
