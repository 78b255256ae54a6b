import { describe, expect, it } from 'vitest';
import { containerCgroups } from '../../../src/engine/cgroup/container.ts';
import type { Limits } from '../../../src/engine/cgroup/face.ts';
import { NO_LIMITS } from '../../../src/engine/cgroup/limits.ts';
import type { Quantity } from '../../../src/engine/cgroup/quantities.ts';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import { fieldOf, glances, numberOf, openCounters, toldOf } from '../../../src/engine/cgroup/usage.ts';
import { hybrid, type Machine, v1, v2 } from './trees.ts';

const LIMITS: Limits = { ...NO_LIMITS, numproc: 20, memory: 4096 * 100, swap: 4096 * 10, cpuunits: 1000, cpulimit: 50, cpus: 0 };
const ALL: readonly Quantity[] = [
  'numproc',
  'numprocLimit',
  'numprocPeak',
  'numprocFail',
  'memory',
  'memoryLimit',
  'memoryPeak',
  'memoryFail',
  'oomKill',
  'swap',
  'swapLimit',
  'swapFail',
  'cpuUsec',
  'cpuThrottled',
];

function started(m: Machine, wanted = ALL) {
  const topology = findTopology(m.files, '/proc', '');
  m.run(containerCgroups(m.files, topology, 101).create(LIMITS, 7));
  return { topology, open: () => openCounters(m.files, topology, 101, wanted), glance: () => glances(m.files, topology, wanted)(101) };
}

const EXPECTED = {
  numproc: 3,
  numprocLimit: 20,
  numprocPeak: 21,
  numprocFail: 4,
  memory: 12288,
  memoryLimit: 409600,
  memoryPeak: 40960,
  memoryFail: 5,
  oomKill: 1,
  swap: 8192,
  swapLimit: 40960,
  swapFail: 6,
  cpuUsec: 2_500_000,
  cpuThrottled: 9,
};

const V2_FILES = {
  'pids.current': '3',
  'pids.peak': '21',
  'pids.events': 'max 99',
  'pids.events.local': 'max 4',
  'memory.current': '12288',
  'memory.peak': '40960',
  'memory.events': 'low 0\nhigh 0\nmax 30\noom 17\noom_kill 1\noom_group_kill 0',
  'memory.events.local': 'low 0\nhigh 0\nmax 30\noom 5\noom_kill 0\noom_group_kill 0',
  'memory.swap.current': '8192',
  'memory.swap.events': 'high 0\nmax 6\nfail 60',
  'cpu.stat': 'usage_usec 2500000\nuser_usec 1\nsystem_usec 1\nnr_periods 70\nnr_throttled 9\nthrottled_usec 3',
};
const V1_FILES = {
  'pids/pids.current': '3',
  'pids/pids.peak': '21',
  'pids/pids.events': 'max 4',
  'memory/memory.usage_in_bytes': '12288',
  'memory/memory.memsw.usage_in_bytes': '20480',
  'memory/memory.max_usage_in_bytes': '40960',
  'memory/memory.failcnt': '5',
  'memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1',
  'cpu/cpu.stat': 'nr_periods 70\nnr_throttled 9\nthrottled_time 3',
};

const put = (m: Machine, dir: (name: string) => string, files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) m.content.set(dir(name), `${text}\n`);
};

describe('the same story from each version', () => {
  it('v2', () => {
    const m = v2();
    const { open, glance } = started(m);
    put(m, (name) => `/sys/fs/cgroup/vz/101/${name}`, V2_FILES);
    expect(open().read()).toEqual(EXPECTED);
    expect(glance()).toEqual({ usage: EXPECTED, from: open().from });
  });

  it('hybrid: CPU time from the v2 tree; swap failures are not told', () => {
    const m = hybrid();
    const { open, glance } = started(m);
    put(m, (name) => `/sys/fs/cgroup/${name.replace('/', '/vz/101/')}`, V1_FILES);
    put(m, (name) => `/sys/fs/cgroup/unified/vz/101/${name}`, { 'cpu.stat': 'usage_usec 2500000\nuser_usec 0\nsystem_usec 0' });
    expect(open().read()).toEqual({ ...EXPECTED, swapFail: 0 });
    const { swapFail: _, ...told } = EXPECTED;
    expect(glance()).toEqual({ usage: told, from: open().from });
  });

  it('v1: CPU time in nanoseconds from cpuacct', () => {
    const m = v1();
    const { open } = started(m);
    put(m, (name) => `/sys/fs/cgroup/${name.replace('/', '/vz/101/').replace('cpu/', 'cpu,cpuacct/')}`, {
      ...V1_FILES,
      'cpu/cpuacct.usage': '2500000000',
    });
    expect(open().read()).toEqual({ ...EXPECTED, swapFail: 0 });
  });

  it('a kernel that does not keep a peak tells 0', () => {
    const m = v2();
    const { open, glance } = started(m, ['memoryPeak', 'numproc']);
    m.content.delete('/sys/fs/cgroup/vz/101/memory.peak');
    expect(open().read()).toEqual({ memoryPeak: 0, numproc: 0 });
    expect(glance()).toEqual({ usage: { numproc: 0 }, from: { numproc: 'pids.current' } });
  });

  it('is null when the groups are gone, and reads the same object again before', () => {
    const m = v2();
    const { open, glance } = started(m, ['numproc']);
    const counters = open();
    expect(counters.read()).toBe(counters.read());
    m.run([{ op: 'rmCgroup', path: '/sys/fs/cgroup/vz/101' }]);
    expect(counters.read()).toBeNull();
    expect(open().read()).toBeNull();
    expect(glance()).toBeNull();
  });
});

describe('numbers that somebody tells for all containers', () => {
  const names = ['memory.usage_in_bytes', 'memory.memsw.usage_in_bytes', 'pids.events max', undefined];
  const told = (...numbers: number[]) => ({ names, numbers: Float64Array.from(numbers) });
  const wanted: readonly Quantity[] = ['memory', 'swap', 'numprocFail', 'numproc'];
  const machine = () => {
    const m = hybrid();
    const made = started(m, wanted);
    put(m, (name) => `/sys/fs/cgroup/${name.replace('/', '/vz/101/')}`, V1_FILES);
    return { m, ...made };
  };

  it('stand in the place of files, and a file that is read after that has the last word', () => {
    const { topology, open } = machine();
    const counters = open();
    expect(counters.read()).toEqual({ memory: 12288, swap: 8192, numprocFail: 4, numproc: 3 });
    const now = told(8192, 20480, 9, 1);
    expect(toldOf(topology, wanted, now)).toEqual(['memory', 'swap', 'numprocFail']);
    const { edition } = counters;
    expect(counters.take(now)).toEqual({ memory: 8192, swap: 12288, numprocFail: 9, numproc: 3 });
    expect(counters.edition).toBeGreaterThan(edition);
    const after = counters.edition;
    counters.take(now);
    expect(counters.edition).toBe(after);
    expect(counters.read(['numproc'])).toMatchObject({ memory: 8192, numprocFail: 9 });
    expect(counters.read()).toEqual({ memory: 12288, swap: 8192, numprocFail: 4, numproc: 3 });
  });

  it('leave out what they do not know: that is read', () => {
    const { m, topology, open, glance } = machine();
    const some = told(8192, Number.NaN, 2 ** 63, 1);
    expect(toldOf(topology, wanted, some)).toEqual(['memory', 'numprocFail']);
    expect(open().take(some)).toMatchObject({ memory: 8192, numprocFail: Number.POSITIVE_INFINITY });
    expect(glances(m.files, topology, wanted)(101, some)?.usage).toEqual({
      memory: 8192,
      swap: 12288,
      numprocFail: Number.POSITIVE_INFINITY,
      numproc: 3,
    });
    expect(glances(m.files, topology, wanted)(101, some)?.from).toEqual(glance()?.from);
  });
});

describe('refused forks before kernel 6.11 are those of all groups below', () => {
  const dir = '/sys/fs/cgroup/vz/101';
  const refusals = (m: Machine, path: string, count: number): void => {
    m.run([{ op: 'mkdir', path: `${dir}/${path}`, mode: 0o755 }]);
    m.content.set(`${dir}/${path}/pids.events`, `max ${count}\n`);
  };
  const old = () => {
    const m = v2();
    const { open } = started(m, ['numprocFail']);
    m.content.delete(`${dir}/pids.events.local`);
    m.content.set(`${dir}/init/cgroup.subtree_control`, 'pids');
    return {
      m,
      read: (
        (counters) => () =>
          counters.read()?.numprocFail
      )(open()),
    };
  };

  it('sums them, and keeps those of groups that are gone', () => {
    const { m, read } = old();
    m.content.set(`${dir}/pids.peak`, '20\n');
    refusals(m, 'init', 2);
    refusals(m, 'init/init.scope', 1);
    refusals(m, 'init/system.slice', 3);
    expect(read()).toBe(6);
    refusals(m, 'init/system.slice', 10);
    expect(read()).toBe(13);
    m.run([{ op: 'rmCgroup', path: `${dir}/init/system.slice` }]);
    expect(read()).toBe(13);
    refusals(m, 'init/system.slice', 1);
    expect(read()).toBe(14);
  });

  it('does not look as long as the peak lies below the limit', () => {
    const { m, read } = old();
    m.content.set(`${dir}/pids.peak`, '19\n');
    expect(read()).toBe(0);
    refusals(m, 'init', 5);
    expect(read()).toBe(0);
    m.content.set(`${dir}/pids.peak`, '20\n');
    expect(read()).toBe(5);
  });

  it('looks at first, since the limit may have been raised meanwhile', () => {
    const { m, read } = old();
    m.content.set(`${dir}/pids.peak`, '10\n');
    refusals(m, 'init', 5);
    expect(read()).toBe(5);
  });

  it('does so with the mount option on a newer kernel', () => {
    const m = v2({ '/proc/self/mountinfo': '31 25 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,pids_localevents\n' });
    const { open, glance } = started(m, ['numprocFail']);
    refusals(m, 'init', 4);
    expect(open().read()).toEqual({ numprocFail: 4 });
    expect(glance()).toEqual({ usage: { numprocFail: 4 }, from: open().from });
  });
});

describe('parsing', () => {
  it.each([
    ['oom 3\noom_kill 5\n', 'oom', 3],
    ['oom_kill 5\noom 3\n', 'oom', 3],
    ['max 7\n', 'max', 7],
    ['low 0\nmax 12\n', 'max', 12],
    ['oom_kill 5\n', 'oom', 0],
    ['', 'max', 0],
    ['a 1\nb 4503599627370496\n', 'b', 2 ** 52],
  ])('%j: %s is %d', (text, key, value) => {
    expect(fieldOf(text, key)).toBe(value);
  });

  it.each([
    ['0\n', 0],
    ['12288\n', 12288],
    ['max\n', Infinity],
    ['9223372036854771712\n', Infinity],
    ['9223372036854710272\n', Infinity],
    ['1099511627776\n', 2 ** 40],
  ])('%j is %d', (text, value) => {
    expect(numberOf(text)).toBe(value);
  });
});
