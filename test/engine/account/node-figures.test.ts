import { describe, expect, it } from 'vitest';
import { cpuCount, cpuPercent, cpuTimes, loadOf, memoryOf } from '../../../src/engine/account/node-figures.ts';

const STAT = `cpu  100 5 50 800 40 0 5 0 7 0
cpu0 50 2 25 400 20 0 3 0 3 0
cpu1 50 3 25 400 20 0 2 0 4 0
intr 4711 0 0
ctxt 99
btime 1700000000
`;

describe('/proc/stat', () => {
  it('idle and iowait are not busy, guest times are not counted twice', () => {
    expect(cpuTimes(STAT)).toEqual({ busy: 160, all: 1000 });
  });
  it('counts CPUs that are online', () => {
    expect(cpuCount(STAT)).toBe(2);
  });
  it.each([
    [{ busy: 160, all: 1000 }, { busy: 210, all: 1100 }, 50],
    [{ busy: 160, all: 1000 }, { busy: 160, all: 1100 }, 0],
    [{ busy: 160, all: 1000 }, { busy: 160, all: 1000 }, 0],
    // iowait ran backwards
    [{ busy: 160, all: 1000 }, { busy: 170, all: 1005 }, 100],
    [{ busy: 160, all: 1000 }, { busy: 150, all: 1005 }, 0],
  ])('from %j to %j: %d %%', (before, now, percent) => {
    expect(cpuPercent(before, now)).toBe(percent);
  });
});

it('/proc/meminfo: held is what no new program can have', () => {
  expect(memoryOf('MemTotal:       24500000 kB\nMemFree:  100 kB\nMemAvailable:   20500000 kB\n')).toEqual({
    held: 4_000_000 * 1024,
    limit: 24_500_000 * 1024,
  });
});

it('/proc/loadavg', () => {
  expect(loadOf('0.52 1.02 12.30 1/234 5678\n')).toEqual([0.52, 1.02, 12.3]);
});
