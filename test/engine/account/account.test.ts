import { expect, it } from 'vitest';
import { CPU_PARTS, cpuTimesOf, openAccount } from '../../../src/engine/account/account.ts';
import { ASTIR, type Calm } from '../../../src/engine/account/calm.ts';
import type { SourceKind } from '../../../src/engine/account/row-source.ts';
import { containerCgroups } from '../../../src/engine/cgroup/container.ts';
import { NO_LIMITS } from '../../../src/engine/cgroup/limits.ts';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import type { Host } from '../../../src/engine/host/port.ts';
import { ACCOUNT_ROWS } from '../../../src/engine/spec/ubc-rows.ts';
import { hybrid, v1, v2 } from '../cgroup/trees.ts';

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
    { held: 1, maxheld: 1 },
  ],
] as const)('what the kernel counts, in pages and processes: %s', (_, make, values, swap) => {
  const m = make();
  const topology = findTopology(m.files, '/proc', '');
  m.run(containerCgroups(m.files, topology, 101).create(LIMITS, 7));
  for (const [file, text] of Object.entries(values)) {
    const path = [...m.content.keys()].find((p) => p.endsWith(`/vz/101/${file}`));
    m.content.set(path ?? '', `${text}\n`);
  }
  const host = { files: m.files, proc: '/proc', root: '/', uptime: () => 0 } as unknown as Host;
  const account = openAccount(host, topology, ['numproc', 'physpages', 'swappages', 'oomguarpages', 'numfile'], []);
  const ct = (id: number) => ({ id, init: { pid: 7, startTime: 1n } });
  const seen = account.look([ct(101), ct(102)]);
  expect(seen.get(101)?.rows).toMatchObject({
    numproc: { held: 3, maxheld: 9, failcnt: 2, limit: 20, source: 'pids.current' },
    physpages: { held: 3, maxheld: 10, failcnt: 4, limit: Number.POSITIVE_INFINITY },
    swappages: swap,
    oomguarpages: { held: 4, maxheld: 4, failcnt: 5 },
  });
  expect(Object.keys(seen.get(101)?.rows ?? {})).not.toContain('numfile');
  expect(seen.has(102)).toBe(false);
  expect(account.look([ct(101)]).get(101)?.rows).toBe(seen.get(101)?.rows);
  account.close();
});

it.each([
  ['v2', v2, 'cpu.stat', 'usage_usec 7000\nuser_usec 5000\nsystem_usec 2000\nnice_usec 1000\n', { user: 4, nice: 1, system: 2 }, 1],
  ['v1', v1, 'cpuacct.stat', 'user 5\nsystem 2\n', { user: 50, nice: 0, system: 20 }, 0],
] as const)('what CPU time was used for, from files that are read anyway, or when it has grown: %s', (_, make, file, text, cpu, atRest) => {
  const m = make();
  const topology = findTopology(m.files, '/proc', '');
  m.run(containerCgroups(m.files, topology, 101).create(LIMITS, 7));
  const path = (name: string): string => [...m.content.keys()].find((p) => p.endsWith(`/vz/101/${name}`)) ?? '';
  m.content.set(path(file), text);
  if (file !== 'cpu.stat') m.content.set(path('cpuacct.usage'), '7000000\n');
  let reads = 0;
  const openCounter: Host['files']['openCounter'] = (name) => {
    const counter = m.files.openCounter(name);
    if (counter === null || name !== path(file)) return counter;
    return {
      ...counter,
      read: () => {
        reads++;
        return counter.read();
      },
    };
  };
  const host = { files: { ...m.files, openCounter }, proc: '/proc', root: '/', uptime: () => 0 } as unknown as Host;
  const account = openAccount(host, topology, ['numproc'], [], CPU_PARTS);
  const look = () => account.look([{ id: 101, init: { pid: 7, startTime: 1n } }]).get(101)?.cpu;
  expect(look()).toEqual(cpu);
  reads = 0;
  expect([look(), reads]).toEqual([cpu, atRest]);
});

/** A machine whose counters are files of `m`; which of them is read is noted. */
function noting(m: ReturnType<typeof hybrid>, reads: string[]): Host {
  const openCounter = (path: string) => {
    const file = m.files.openCounter(path);
    const read = (): string | null => {
      reads.push(path);
      return file?.read() ?? null;
    };
    return file && { ...file, read };
  };
  return { files: { ...m.files, openCounter }, proc: '/proc', root: '/', uptime: () => 0 } as unknown as Host;
}

/** Container 101 on controllers of version 1; `of`: its control file, `parts`: that with the parts of its memory. */
function withOne() {
  const m = hybrid();
  const topology = findTopology(m.files, '/proc', '');
  m.run(containerCgroups(m.files, topology, 101).create(LIMITS, 7));
  const of = (file: string): string => [...m.content.keys()].find((p) => p.endsWith(`/vz/101/${file}`)) ?? '';
  return { m, topology, of, parts: of('memory.usage_in_bytes').replace('usage_in_bytes', 'stat') };
}

it('a look at who has run reads no file twice, and parts of memory in every second look', () => {
  const { m, topology, of, parts } = withOne();
  m.content.set(parts, 'total_shmem 0\n');
  const reads: string[] = [];
  const host = noting(m, reads);
  const account = openAccount(host, topology, ACCOUNT_ROWS, []);
  const sums: boolean[] = [];
  for (let look = 0; look < 8; look++) {
    m.content.set(of('cpu.stat'), `usage_usec ${1000 * (look + 1)}\n`);
    reads.length = 0;
    account.look([{ id: 101, init: { pid: 7, startTime: 1n } }]);
    // highest values are read where all is
    if (reads.includes(of('pids.peak'))) continue;
    expect(reads).toEqual([...new Set(reads)]);
    sums.push(reads.includes(parts));
  }
  expect(sums.filter(Boolean).length).toBe(sums.length / 2);
  account.close();
});

it('parts of memory of who has run are read within two looks of another sum of all of them, and not before', () => {
  const { m, topology, of, parts } = withOne();
  const shared = (bytes: number): void => {
    for (const path of [parts, parts.replace('/101/', '/')]) m.content.set(path, `total_shmem ${bytes}\ntotal_unevictable 0\n`);
  };
  const reads: string[] = [];
  const account = openAccount(noting(m, reads), topology, ['shmpages', 'kmemsize'], []);
  let ran = 0;
  const look = (): number | undefined => {
    m.content.set(of('cpu.stat'), `usage_usec ${++ran}\n`);
    reads.length = 0;
    return account.look([{ id: 101, init: { pid: 7, startTime: 1n } }]).get(101)?.rows['shmpages']?.held;
  };
  // one look in five reads all, whatever the sums say
  const inTurn = (): boolean => (101 + ran) % 5 === 0;
  shared(0);
  for (let n = 0; n < 3; n++) look();
  for (let n = 0; n < 12; n++) {
    look();
    expect(reads.includes(parts)).toBe(inTurn());
  }
  for (const bytes of [4096, 8192, 12_288]) {
    shared(bytes);
    look();
    expect(look()).toBe(bytes / 4096);
  }
  account.close();
});

it('of who sleeps it reads CPU time and memory, and all in every twentieth look', () => {
  const m = hybrid();
  const topology = findTopology(m.files, '/proc', '');
  m.run(containerCgroups(m.files, topology, 101).create(LIMITS, 7));
  const of = (file: string): string => [...m.content.keys()].find((p) => p.endsWith(`/vz/101/${file}`)) ?? '';
  m.content.set(of('cpu.stat'), 'usage_usec 1000\n');
  const reads: string[] = [];
  const host = noting(m, reads);
  const account = openAccount(host, topology, ACCOUNT_ROWS, []);
  const look = () => {
    reads.length = 0;
    return account.look([{ id: 101, init: { pid: 7, startTime: 1n } }]).get(101);
  };
  for (let n = 0; n < 6; n++) look();
  const looks = Array.from({ length: 40 }, () => {
    const seen = look();
    return {
      seen,
      frozen: reads.includes(of('cgroup.freeze')),
      peak: reads.includes(of('pids.peak')),
      most: reads.filter((path) => path.includes('/101/')).length,
    };
  });
  expect(new Set(looks.map(({ seen }) => seen)).size).toBe(1);
  expect([looks.filter(({ frozen }) => frozen).length, looks.filter(({ peak }) => peak).length]).toEqual([2, 2]);
  expect(looks.filter(({ most }) => most === 2).length).toBe(38);
  // who is told to stand still runs for a moment
  m.content.set(of('cgroup.freeze'), '1\n');
  m.content.set(of('cpu.stat'), 'usage_usec 1020\n');
  expect(look()?.frozen).toBe(true);
  account.close();
});

it('where nothing has happened to any container it reads none of them but in turns, sooner after a verb, and all as soon as somebody may have run', () => {
  const m = hybrid();
  const topology = findTopology(m.files, '/proc', '');
  const ids = Array.from({ length: 40 }, (_, i) => 101 + i);
  const of = (id: number, file: string): string => [...m.content.keys()].find((p) => p.endsWith(`/vz/${id}/${file}`)) ?? '';
  for (const id of ids) m.run(containerCgroups(m.files, topology, id).create(LIMITS, 7));
  for (const id of ids) m.content.set(of(id, 'cpu.stat'), 'usage_usec 1000\n');
  const reads: string[] = [];
  const account = openAccount(noting(m, reads), topology, ['numproc', 'physpages'], []);
  const look = (calm: Calm) => {
    reads.length = 0;
    const found = account.look(
      ids.map((id) => ({ id, init: { pid: 7, startTime: 1n } })),
      calm,
    );
    return { asked: new Set(reads.map((path) => path.split('/').at(-2))).size, found };
  };
  const [still, touched] = [
    { still: true, touched: false },
    { still: false, touched: true },
  ];
  // all of them once more in the first five, after which nothing is owed
  for (let n = 0; n < 6; n++) look(still);
  const before = look(still).found;
  expect(Array.from({ length: 40 }, () => look(still).asked)).toEqual(Array.from({ length: 40 }, () => 2));
  m.content.set(of(117, 'memory.usage_in_bytes'), '8192\n');
  const after = look(ASTIR);
  expect(after.asked).toBe(40);
  expect(ids.filter((id) => after.found.get(id) !== before.get(id))).toEqual([117]);
  // whoever is refused something has its limit read with it
  for (const id of ids) m.content.set(of(id, 'cpu.stat'), 'usage_usec 2000\n');
  for (const id of ids) m.content.set(of(id, 'pids.max'), '17\n');
  for (const id of ids.slice(0, 20)) m.content.set(of(id, 'pids.events'), 'max 3\n');
  const refused = look(ASTIR).found;
  expect(ids.slice(0, 20).map((id) => refused.get(id)?.rows['numproc'])).toEqual(
    Array.from({ length: 20 }, () => expect.objectContaining({ limit: 17, failcnt: 3 })),
  );
  m.content.set(of(121, 'pids.max'), '19\n');
  look(touched);
  for (let n = 0; n < 5; n++) look(still);
  expect(look(still).found.get(121)?.rows).toMatchObject({ numproc: { limit: 19 } });
  account.close();
});

it('parts of CPU time never go back, and are the whole together', () => {
  const first = cpuTimesOf({ cpuUser: 5000, cpuNice: 1000, cpuSystem: 4000 });
  expect(first).toEqual({ user: 4, nice: 1, system: 4 });
  // ticks have found more of the one and less of the other than before
  expect(cpuTimesOf({ cpuUser: 6500, cpuNice: 1000, cpuSystem: 3500 }, first)).toEqual({ user: 5, nice: 1, system: 4 });
  expect(cpuTimesOf({ cpuUser: 4000, cpuNice: 1000, cpuSystem: 6000 }, first)).toEqual({ user: 4, nice: 1, system: 5 });
});

it('what is dear is asked once in its time of each, and not of all in one look', () => {
  const m = hybrid();
  const topology = findTopology(m.files, '/proc', '');
  const ids = Array.from({ length: 20 }, (_, n) => 101 + n);
  for (const id of ids) m.run(containerCgroups(m.files, topology, id).create(LIMITS, 7));
  let now = 0;
  const asked: (readonly number[])[] = [];
  const dear: SourceKind = {
    rows: ['numpty'],
    every: 5000,
    restless: true,
    open: () => ({
      look(containers) {
        asked.push(containers.map(({ id }) => id));
        return new Map();
      },
      forget() {},
      close() {},
    }),
  };
  const host = { files: m.files, proc: '/proc', root: '/', uptime: () => now } as unknown as Host;
  const account = openAccount(host, topology, ['numpty'], [dear]);
  for (; now <= 20_000; now += 1000) account.look(ids.map((id) => ({ id, init: { pid: 7, startTime: 1n } })));
  const [first, ...then] = asked;
  expect(first).toEqual(ids);
  // of 20 in 5 s four in each
  expect(then.map((of) => of.length)).toEqual(Array.from({ length: 20 }, () => 4));
  for (const id of ids) expect(then.filter((of) => of.includes(id))).toHaveLength(4);
  account.close();
});
