// What the end of a container's life is asked for: what the kernel keeps of it, and no walk over processes, locks and descriptors.
import { expect, test } from 'vitest';
import { KEEPING } from '../../../src/engine/account/sources.ts';
import { containerCgroups } from '../../../src/engine/cgroup/container.ts';
import { NO_LIMITS } from '../../../src/engine/cgroup/limits.ts';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import { readGroups } from '../../../src/engine/ct/ubc.ts';
import type { Files, Host } from '../../../src/engine/host/port.ts';
import { loadNodeConfig } from '../../../src/engine/store/node-config.ts';
import { hybrid } from '../cgroup/trees.ts';

test('a life’s end is told from what the kernel keeps of it', () => {
  const m = hybrid();
  const topology = findTopology(m.files, '/proc', '');
  m.run(containerCgroups(m.files, topology, 101).create({ ...NO_LIMITS, numproc: 20 }, 7));
  for (const [file, text] of [['pids.events', 'max 2'] as const, ['pids.peak', '9'] as const]) {
    const path = [...m.content.keys()].find((p) => p.endsWith(`/vz/101/${file}`));
    m.content.set(path ?? '', `${text}\n`);
  }
  const asked: string[] = [];
  const files = new Proxy(m.files, {
    get(of, method) {
      const real: unknown = Reflect.get(of, method);
      if (typeof real !== 'function') return real;
      return (path: string, ...rest: unknown[]): unknown => {
        asked.push(path);
        return real.call(of, path, ...rest);
      };
    },
  }) as unknown as Files;
  const host = { files, root: '/', proc: '/proc', planning: false, uptime: () => 0 } as unknown as Host;
  const { rows } = readGroups({ host, node: loadNodeConfig(files, '/') }, topology, 101);
  expect(rows.find(({ name }) => name === 'numproc')).toMatchObject({ maxheld: 9, failcnt: 2 });
  expect(asked.filter((path) => /cgroup\.procs|\/proc\/(\d|self\/fd|locks)|\/bpf\/(tasks|files)_/.test(path))).toEqual([]);
  expect(KEEPING.length).toBeGreaterThan(0);
});
