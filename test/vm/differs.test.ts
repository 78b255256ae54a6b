// The table of what kernels differ in names files that there are, once each, and has all that only the test machine can run.
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inProject } from '../../scripts/setup/machine.mjs';
import { DIFFERS, differs } from './differs.ts';

const FILES = globSync('test/kernel/**/*.test.ts', { cwd: inProject() });
const NAMES = Object.values(DIFFERS).flat();
/** Needs of test/kernel/requires.ts that the test machine alone is sure to have. */
const ONLY_THERE = ['boots', 'disposable', 'nfsd', 'systemd', 'apparmor', 'vlan', 'ipvlan', 'bond', 'bpf-trampoline', 'project-quota'];

/** `word` is one of the needs of a file. */
const needs = (file: string, word: string): boolean => readFileSync(inProject(file), 'utf8').includes(`'${word}'`);

test.each(NAMES)('%s is a file of test/kernel, or a folder', (name) => {
  expect(FILES.some((file) => (name.endsWith('/') ? file.startsWith(`test/kernel/${name}`) : file === `test/kernel/${name}.test.ts`))).toBe(
    true,
  );
  expect(NAMES.filter((other) => name.startsWith(other) && (other.endsWith('/') || other === name))).toEqual([name]);
});

test('what needs something that only the test machine has is among them', () => {
  const only = FILES.filter((file) => ONLY_THERE.some((word) => needs(file, word)));
  expect(only.length).toBeGreaterThan(5);
  expect(only.filter((file) => !differs(file))).toEqual([]);
});

test('what goes over boots lies in one folder, which is run across them', () => {
  expect(FILES.filter((file) => needs(file, 'boots')).every((file) => file.startsWith('test/kernel/boot/'))).toBe(true);
});
