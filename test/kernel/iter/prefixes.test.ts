// Counting by iterators in whole prefixes: each sees its own containers, and nothing of it is left that the next verb would stumble over.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOME, type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('two prefixes', () => {
  const labs: Lab[] = [];
  beforeAll(async () => {
    labs.push(openLab(), openLab());
    for (const lab of labs) await lab.born(101);
  });
  afterAll(async () => {
    for (const lab of labs) await lab.down();
  });

  const row = (lab: Lab | undefined, name: string) => lab?.engine.ubc([101])[0]?.rows.find((one) => one.name === name);
  const mounted = (root: string): boolean => readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${root}/run/vzdeck/bpf `);

  test('count their own container of the same id, by the iterators', async () => {
    const [one, other] = labs;
    for (const lab of labs) expect(row(lab, 'privvmpages')).toMatchObject({ source: 'bpf iter/task' });
    const [before, theirs] = [row(one, 'numfile')?.held ?? 0, row(other, 'numfile')?.held ?? 0];
    expect(
      await one?.inside(
        101,
        '(for i in 11 12 13 14 15; do eval "exec $i</etc/passwd"; done; exec sleep 1000) >/dev/null 2>&1 </dev/null &',
      ),
    ).toMatchObject({ code: 0 });
    // five files, and the three of every program that are one here
    await until(() => (row(one, 'numfile')?.held ?? 0) >= before + 5);
    expect(row(other, 'numfile')?.held).toBe(theirs);
  });

  test('kill -9 in the middle of a start that makes the iterators leaves them to the next one; whoever leaves takes them along', async () => {
    const [, other] = labs;
    const root = other?.root ?? '';
    await other?.engine.stop(101, { fast: true });
    await other?.engine.leave();
    expect(mounted(root)).toBe(false);
    const env = { ...process.env, VZDECK_ROOT: root };
    for (const timeout of [150, 300, 450, 600])
      spawnSync(`${HOME}/bin/vzdeck`, ['start', '101'], { env, timeout, killSignal: 'SIGKILL', stdio: 'ignore' });
    if (other?.engine.find('101')?.state === 'running') await other?.engine.stop(101, { fast: true });
    await other?.engine.start(101);
    expect(row(other, 'privvmpages')).toMatchObject({ source: 'bpf iter/task' });
    expect(row(other, 'privvmpages')?.held).toBeGreaterThan(0);
    await other?.engine.stop(101, { fast: true });
    await other?.engine.leave();
    expect(mounted(root)).toBe(false);
  });
});
