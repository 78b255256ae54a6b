// vzlist of what runs: counters and limits as the kernel has them, also those that no config says.
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOME, type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('vzlist of a running container', () => {
  let lab: Lab;
  const vzlist = (...args: readonly string[]): string => {
    const env = { ...process.env, VZDECK_ROOT: lab.root };
    const { stdout, stderr } = spawnSync(`${HOME}/bin/vzlist`, args, { encoding: 'utf8', env });
    return stdout + stderr;
  };
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101, { NUMPROC: '60', PHYSPAGES: '0:16384', SWAPPAGES: '0:1000' });
  });
  afterAll(() => lab.down());

  test('shows the limits that it has, not those that its config had at its start', async () => {
    expect(vzlist('-H', '-o', 'numproc.b,numproc.l,physpages.l,kmemsize.l').trim().split(/\s+/)).toEqual(['60', '60', '16384', '0']);
    await lab.engine.set(101, { NUMPROC: '77' }, { save: false });
    expect(vzlist('-H', '-o', 'numproc.b,numproc.l,physpages.b').trim().split(/\s+/)).toEqual(['77', '77', '0']);
    const [row] = JSON.parse(vzlist('-j', '-o', 'numproc,physpages'));
    expect(row.numproc).toMatchObject({ barrier: 77, limit: 77, failcnt: 0 });
    expect(row.numproc.held).toBeGreaterThan(2);
    expect(row.physpages).toMatchObject({ barrier: 0, limit: 16_384 });
    await lab.engine.stop(101, { fast: true });
    expect(vzlist('-aH', '-o', 'numproc,numproc.l').trim().split(/\s+/)).toEqual(['-', '60']);
    expect(JSON.parse(vzlist('-aj', '-o', 'numproc'))[0].numproc).toEqual({ held: 0, maxheld: 0, barrier: 60, limit: 60, failcnt: 0 });
  });
});
