// A race is told from a failure by a second try, and neither gets lost.
import { describe, expect, test } from 'vitest';
import { joinTries, toTryAgain } from '../../scripts/second-try.mjs';

const FAILURES = [
  'test/kernel/net/guards.test.ts > guards > hold: expected 1 to be 2',
  'test/kernel/net/guards.test.ts > guards > are told: expected 1 to be 2',
  'test/tui/pane.test.tsx: it was not run',
];
const FILES = ['test/kernel/net/guards.test.ts', 'test/tui/pane.test.tsx'];
const first = { passed: 10, failed: 3, failures: FAILURES, skipped: 1, reasons: { 'needs x': 1 }, kernel: '6.18' };

describe('a second try', () => {
  test('is of each file in which something failed', () => {
    expect(toTryAgain(FAILURES)).toEqual(FILES);
    expect(toTryAgain([])).toEqual([]);
  });

  test('is of none where something failed outside of all files, nor where many did', () => {
    expect(toTryAgain([...FAILURES, 'the tests did not come to their end'])).toEqual([]);
    expect(toTryAgain(Array.from({ length: 6 }, (_, n) => `test/a${n}.test.ts > a: b`))).toEqual([]);
  });

  test('that passes leaves races, which are named, and no failure', () => {
    const joined = joinTries(first, { ...first, passed: 7, failed: 0, failures: [] }, FILES);
    expect(joined).toMatchObject({ passed: 13, failed: 0, failures: [], races: FAILURES, skipped: 1, kernel: '6.18' });
  });

  test('that fails as well leaves its failure; what failed in other files only is a race', () => {
    const failures = ['test/kernel/net/guards.test.ts > guards > hold: expected 1 to be 3'];
    const joined = joinTries(first, { ...first, passed: 6, failed: 1, failures }, FILES);
    expect(joined).toMatchObject({ passed: 12, failed: 1, failures, races: FAILURES.slice(2) });
  });
});
