import { expect, it } from 'vitest';
import { readBeancounters } from '../../../src/engine/account/beancounters.ts';
import { containerCgroups } from '../../../src/engine/cgroup/container.ts';
import { NO_LIMITS } from '../../../src/engine/cgroup/limits.ts';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import { hybrid, v2 } from '../cgroup/trees.ts';

const LIMITS = { ...NO_LIMITS, numproc: 20 };

it.each([
  [
    'v2',
    v2,
    {
      'pids.current': '3',
      'pids.peak': '9',
      'pids.events.local': 'max 2',
      'memory.current': '8193',
      'memory.peak': '40960',
      'memory.events.local': 'oom 4',
      'memory.events': 'oom 4\noom_kill 5',
      'memory.swap.current': '4096',
      'memory.swap.events': 'max 6',
    },
    { held: 1, maxheld: 1, failcnt: 6 },
  ],
  [
    'hybrid',
    hybrid,
    {
      'pids.current': '3',
      'pids.peak': '9',
      'pids.events': 'max 2',
      'memory.usage_in_bytes': '8193',
      'memory.memsw.usage_in_bytes': '12289',
      'memory.max_usage_in_bytes': '40960',
      'memory.failcnt': '4',
      'memory.oom_control': 'oom_kill 5',
    },
    { held: 1, maxheld: 1, failcnt: 0 },
  ],
] as const)('what the kernel counts, in pages and processes: %s', (_, make, values, swap) => {
  const m = make();
  const topology = findTopology(m.files, '/proc', '');
  m.run(containerCgroups(m.files, topology, 101).create(LIMITS, 7));
  for (const [file, text] of Object.entries(values)) {
    const path = [...m.content.keys()].find((p) => p.endsWith(`/vz/101/${file}`));
    m.content.set(path ?? '', `${text}\n`);
  }
  const names = ['numproc', 'physpages', 'swappages', 'oomguarpages', 'numfile'];
  expect(Object.fromEntries(readBeancounters(m.files, topology, 101, names) ?? [])).toEqual({
    numproc: { held: 3, maxheld: 9, failcnt: 2 },
    physpages: { held: 3, maxheld: 10, failcnt: 4 },
    swappages: swap,
    oomguarpages: { held: 4, maxheld: 4, failcnt: 5 },
  });
  expect(readBeancounters(m.files, topology, 102, names)).toBeNull();
});
