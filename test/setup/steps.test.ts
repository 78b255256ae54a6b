// The set-up's steps: nothing is done twice, a step that was ended in the middle is done again, a refusal ends the run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, onTestFailed, test } from 'vitest';
import { inProject, isStatic } from '../../scripts/setup/machine.mjs';
import { Refusal, run, runSteps } from '../../scripts/setup/run.mjs';
import { stamped } from '../../scripts/setup/stamp.mjs';

const PRODUCT = `build/test-step-${process.pid}`;
const STAMP = `test-step-${process.pid}`;

afterEach(() => {
  for (const path of [PRODUCT, `build/stamps/${STAMP}`]) rmSync(inProject(path), { force: true });
});

function step(key: string, work: () => void) {
  return stamped({ name: 'Step', stamp: STAMP, products: [PRODUCT], key: () => key, do: async () => work() });
}
const make = (): void => writeFileSync(inProject(PRODUCT), '');

describe('a stamped step', () => {
  test('is done once, and again when what it was made from has changed or the product is gone', async () => {
    let done = 0;
    const work = (): void => {
      done += 1;
      make();
    };
    const said: string[] = [];
    const say = (text: string) => void said.push(text);
    for (let i = 0; i < 3; i++) await runSteps([step('one', work)], say);
    expect(done).toBe(1);
    expect(said.join('')).toMatch(/^Step: not made yet … \d+\.\d s\n$/);
    await runSteps([step('two', work)], say);
    expect(done).toBe(2);
    rmSync(inProject(PRODUCT));
    await runSteps([step('two', work)], say);
    expect(done).toBe(3);
  });

  test('that was ended in the middle is done again, although its product is there', async () => {
    await runSteps([step('one', make)], () => {});
    const broken = step('two', () => {
      throw new Error('killed');
    });
    await expect(runSteps([broken], () => {})).rejects.toThrow('killed');
    expect(existsSync(inProject(PRODUCT))).toBe(true);
    expect(step('two', make).needed()).toBe('not finished');
    expect(step('one', make).needed()).toBe('not finished');
  });
});

test('a failed program is refused with its last lines', async () => {
  await expect(run('sh', ['-c', 'echo first; echo why >&2; exit 3'])).rejects.toThrow(/why\nsh -c .* ended with exit status 3$/);
  await expect(run('sh', ['-c', 'kill -9 $$'])).rejects.toThrow(/SIGKILL/);
  await expect(run('sh', ['-c', 'exit 1'])).rejects.toBeInstanceOf(Refusal);
});

test('Ctrl-C ends the set-up after the program that it runs, which tidies up', async () => {
  const work = `trap 'sleep 0.2; echo tidied >&3; exit 1' INT; echo begun >&3; while :; do sleep 0.05; done`;
  const script = `import(process.argv[1]).then(({ run }) => run('sh', ['-c', process.argv[2]], { stdio: ['ignore', 'pipe', 'pipe', 1] })).catch((e) => console.log(e.message))`;
  const setup = spawn(process.execPath, ['-e', script, inProject('scripts/setup/run.mjs'), work], { detached: true });
  const group = -(setup.pid ?? 0);
  onTestFailed(() => void process.kill(group, 'SIGKILL'));
  let said = '';
  setup.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said === 'begun\n') process.kill(group, 'SIGINT');
  });
  expect(await once(setup, 'close')).toEqual([0, null]);
  expect(said).toBe('begun\ntidied\nInterrupted: the next run goes on from here\n');
});

test('a static program is told from one that needs a dynamic linker', () => {
  expect(isStatic('/bin/sh')).toBe(false);
  expect(isStatic('/etc/passwd')).toBe(false);
});
