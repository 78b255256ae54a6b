// Many cycles of start and stop leave nothing behind (the guard of this folder counts), and many containers start by one command.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOME, type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';

const TOGETHER = 8;
const CYCLES = Number(process.env['VZDECK_CYCLES'] ?? 1000);
const CLEAN = Math.min(20, CYCLES);
const LONG_MS = 600_000;

/** Of the node as long as it is up: locks, what the kernel's types are, counts of containers that have a config. */
const KEPT = ['lock', 'kernel-types', 'ledger'];

requires(
  'root',
  'launcher',
  'busybox',
)('many', () => {
  let lab: Lab;
  const ids = Array.from({ length: TOGETHER }, (_, n) => 101 + n);
  const openFiles = (): number => readdirSync('/proc/self/fd').length;
  const ours = (): readonly string[] =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(lab.root));

  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    for (const id of ids) await lab.engine.create(id, { ostemplate: 'busybox', values: {}, layout: id % 2 ? 'overlay' : 'simfs' });
  });
  afterAll(() => lab.down());

  test(`${CYCLES} cycles of start and stop --fast leave no mount, file, process or descriptor`, { timeout: LONG_MS }, async () => {
    const before = openFiles();
    await Promise.all(
      ids.map(async (id) => {
        for (let cycle = 0; cycle < CYCLES / TOGETHER; cycle++) {
          await lab.engine.start(id);
          await lab.engine.stop(id, { fast: true });
        }
      }),
    );
    expect(ours()).toEqual([]);
    expect(readdirSync(`${lab.root}/vz/lock`)).toEqual([]);
    expect(readdirSync(`${lab.root}/run/vzdeck`).filter((name) => !KEPT.includes(name))).toEqual([]);
    expect(openFiles() - before).toBeLessThan(3);
  });

  test(`${CLEAN} clean stops leave nothing either`, { timeout: LONG_MS }, async () => {
    const lanes = ids.slice(0, CLEAN / 4);
    await Promise.all(
      lanes.map(async (id) => {
        for (let cycle = 0; cycle < 4; cycle++) {
          await lab.engine.start(id);
          await lab.engine.stop(id);
        }
      }),
    );
    expect(ours()).toEqual([]);
  });

  test('a range starts and stops by one command each', { timeout: LONG_MS }, () => {
    const vzdeck = (...args: string[]): string =>
      execFileSync(`${HOME}/bin/vzdeck`, args, { env: { ...process.env, VZDECK_ROOT: lab.root }, encoding: 'utf8' });
    const range = `${ids[0]}-${ids.at(-1)}`;
    vzdeck('start', range);
    expect(lab.engine.list().map((ct) => ct.state)).toEqual(ids.map(() => 'running'));
    vzdeck('stop', '--fast', range);
    expect(lab.engine.list().map((ct) => ct.state)).toEqual(ids.map(() => 'stopped'));
  });
});
