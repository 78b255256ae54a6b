// What the engine runs and what tests ask for is brought by set-up: on a machine that has it anyway nobody would notice what is missing.
import { expect, test } from 'vitest';
import { programsOf } from '../../scripts/setup/packages.mjs';
import { PACKAGE } from '../../src/engine/net/explain.ts';
import { NEEDS } from '../kernel/requires.ts';

/** Of one package with another one. */
const WITH: Readonly<Record<string, string>> = { tc: 'ip', cc: 'gcc' };
const brought = (program: string, use: string): boolean => programsOf(use).includes(WITH[program] ?? program);

test('all that makes networks is there after the first start', () => {
  expect(Object.keys(PACKAGE).filter((program) => !brought(program, 'run'))).toEqual([]);
});

test('all programs that tests need are there once they run', () => {
  const programs = Object.values(NEEDS).flatMap(({ what }) => /^the program (\S+)$/.exec(what)?.[1] ?? []);
  expect(programs.length).toBeGreaterThan(5);
  expect(programs.filter((program) => program !== 'busybox' && !brought(program, 'test'))).toEqual([]);
});
