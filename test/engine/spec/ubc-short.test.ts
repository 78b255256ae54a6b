import { describe, expect, test } from 'vitest';
import { shortAmount, shortPercent } from '../../../src/engine/spec/ubc-short.ts';
import type { TextRow } from '../../../src/engine/spec/ubc-text.ts';
import { concernOf, USUAL_WATERMARKS } from '../../../src/engine/spec/ubc-watermarks.ts';
import { printDigits, printFixed, UNLIMITED } from '../../../src/engine/spec/units.ts';

test.each([
  [0n, false, '- '],
  [UNLIMITED, true, '- '],
  [2_147_483_647n, false, '- '],
  [45n, false, '45 '],
  [1023n, false, '1023 '],
  [1024n, false, '1K'],
  [1100n, false, '1.07K'],
  [2_714_009n, false, '2.59M'],
  [8n, true, '32K'],
  [59_095n, true, '230M'],
  [65_536n, true, '256M'],
  [9_223_372_036_854_775_806n, false, '8E'],
])('%s (pages: %s) is %s', (value, pages, text) => expect(shortAmount(value, pages)).toBe(text));

test.each([
  [0n, 100n, '- '],
  [5n, 0n, '- '],
  [5n, UNLIMITED, '- '],
  [8n, 65_536n, '- '],
  [8n, 2048n, '0.4%'],
  [4n, 206n, '2%'],
  [6n, 206n, '2%'],
  [900n, 9312n, '9%'],
  [69_400n, 65_536n, '105%'],
])('%s of %s is %s', (part, whole, text) => expect(shortPercent(part, whole)).toBe(text));

test('of two that are equally near C prints the one with the even digit', () => {
  expect([0.125, 0.375, 2.5, 0.35, 1.005].map((value) => printFixed(value, value === 2.5 ? 0 : 2))).toEqual([
    '0.12',
    '0.38',
    '2',
    '0.35',
    '1.00',
  ]);
  expect([2.125, 99.96, 0, 28, 0.3].map((value) => printDigits(value, 3))).toEqual(['2.12', '100', '0', '28', '0.3']);
});

describe('what matters', () => {
  const row = (figures: Partial<TextRow>): TextRow => ({
    name: 'numproc',
    held: 0n,
    maxheld: 0n,
    barrier: 100n,
    limit: 100n,
    failcnt: 0n,
    ...figures,
  });
  test.each<[string, Partial<TextRow>, string]>([
    ['nothing held', {}, 'none'],
    ['half of the barrier', { held: 50n }, 'none'],
    ['more than half', { held: 51n }, 'near'],
    ['once near it', { maxheld: 81n }, 'near'],
    ['above the barrier', { held: 101n }, 'over'],
    ['refused', { failcnt: 1n, barrier: UNLIMITED }, 'over'],
    ['no barrier: the limit', { barrier: 0n, held: 51n }, 'near'],
    ['no limit at all', { barrier: UNLIMITED, limit: UNLIMITED, held: 10n ** 12n }, 'none'],
  ])('%s', (_, figures, concern) => expect(concernOf(row(figures), USUAL_WATERMARKS)).toBe(concern));
});
