// A race is told from a failure by a second try, and neither gets lost.
import { describe, expect, test } from 'vitest';
import { joinTries, toTryAgain } from '../../scripts/second-try.mjs';
import type { FileTally, TallyResult } from '../tally.ts';

const [GUARDS, PANE, WELL] = ['test/kernel/net/guards.test.ts', 'test/tui/pane.test.tsx', 'test/cli/well.test.ts'] as const;
const file = (passed: number, ...failures: string[]): FileTally => ({ passed, failures, reasons: {} });
const tally = (files: TallyResult['files'], ...outside: string[]): TallyResult => ({ kernel: '6.18', files, outside });
const [HOLD, PANES] = [`${GUARDS} > guards > hold: expected 1 to be 2`, `${PANE}: it was not run`];
/** Of a file whose hook has failed nothing was run. */
const first = tally({ [GUARDS]: file(9, HOLD), [PANE]: { ...file(0, PANES), reasons: { 'no reason given': 4 } }, [WELL]: file(3) });

describe('a second try', () => {
  test('is of each file in which something failed', () => {
    expect(toTryAgain(first)).toEqual([GUARDS, PANE]);
    expect(toTryAgain(tally({ [WELL]: file(3) }))).toEqual([]);
  });

  test('is of none where something failed outside of all files, nor where many did', () => {
    expect(toTryAgain(tally(first.files, 'the tests did not come to their end'))).toEqual([]);
    expect(toTryAgain(tally(Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [`test/a${n}.test.ts`, file(0, 'b')]))))).toEqual([]);
  });

  test('that passes leaves races, which are named, and no failure, nor what was skipped for it', () => {
    const joined = joinTries(first, tally({ [GUARDS]: file(10), [PANE]: file(4) }));
    expect(joined).toEqual({ ...tally({ [GUARDS]: file(10), [PANE]: file(4), [WELL]: file(3) }), races: [HOLD, PANES] });
  });

  test('that fails as well leaves its failure; what failed in other files only is a race', () => {
    const again = `${GUARDS} > guards > hold: expected 1 to be 3`;
    const joined = joinTries(first, tally({ [GUARDS]: file(9, again), [PANE]: file(4) }));
    expect(joined.files[GUARDS]?.failures).toEqual([again]);
    expect(joined.races).toEqual([PANES]);
  });

  test('that does not come to its end makes no race of a failure', () => {
    expect(joinTries(first, tally({}, 'lost'))).toEqual({ ...first, outside: ['lost'], races: [] });
  });
});
