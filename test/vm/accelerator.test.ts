// What runs the test machine, where KVM is there, is not, works and does not; no machine is started.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Refusal } from '../../scripts/setup/run.mjs';
import { accelerator } from '../../scripts/vm/accelerator.ts';

let dir: string;
let said: string[];
let trials: number;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vzdeck-accelerator-'));
  [said, trials] = [[], 0];
});
afterEach(() => rmSync(dir, { recursive: true }));

const asked = (fails?: string, device = '/dev/null'): Promise<string> => {
  const trial = async (): Promise<void> => {
    trials += 1;
    if (fails !== undefined) throw new Error(fails);
  };
  return accelerator(dir, trial, (text) => void said.push(text), device);
};
const noted = (): string => readFileSync(join(dir, 'accelerator'), 'utf8');

test('KVM is used where the machine comes up by it, which is tried once', async () => {
  expect([await asked(), await asked('never')]).toEqual(['kvm', 'kvm']);
  expect([trials, said.join(''), noted()]).toEqual([1, 'Test machine: tries KVM … it is used\n', `${release()} kvm\n`]);
});

test('the machine is emulated where it does not, which is told with the reason, once', async () => {
  expect([await asked('It did not come up:\n  | lines\n  | the last'), await asked()]).toEqual(['tcg', 'tcg']);
  expect([trials, said.join('')]).toEqual([1, 'Test machine: tries KVM … It did not come up: the last, so it is emulated\n']);
});

test('another kernel of this machine is tried anew, and so is a note that says nothing', async () => {
  for (const note of ['5.0.0 tcg\n', `${release()} what\n`, '']) {
    writeFileSync(join(dir, 'accelerator'), note);
    expect(await asked()).toBe('kvm');
  }
  expect(trials).toBe(3);
});

test('a trial that is stopped says nothing of KVM', async () => {
  await expect(
    accelerator(
      dir,
      () => Promise.reject(new Refusal('stopped')),
      () => {},
      '/dev/null',
    ),
  ).rejects.toThrow('stopped');
  expect(await asked()).toBe('kvm');
});

test('without KVM nothing is tried or told', async () => {
  expect([await asked(undefined, '/dev/kvm-that-is-not-there'), trials, said]).toEqual(['tcg', 0, []]);
});
