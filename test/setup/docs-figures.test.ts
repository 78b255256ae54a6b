// What README and docs/figures.md say is what was measured, and samples come down to the figures that they should.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Measured, reached, readResults } from '../../scripts/bench/results.ts';
import { quantile, ratio, spread, tail } from '../../scripts/bench/statistics.ts';
import { shown } from '../../scripts/bench/tap.ts';
import { valueText, verdict } from '../../scripts/bench/words.ts';
import { figuresPage, withBlocks } from '../../scripts/readme-blocks.ts';

const HOME = new URL('../..', import.meta.url).pathname;
const read = (file: string): string => readFileSync(`${HOME}${file}`, 'utf8');
const results = readResults(HOME);

describe('what is made from docs/figures.json', () => {
  test('README’s blocks are up to date (npm run docs)', () => {
    expect(read('README.md')).toBe(withBlocks(read('README.md'), results));
  });

  test('so is docs/figures.md', () => {
    expect(results).not.toBeNull();
    if (results) expect(read('docs/figures.md')).toBe(figuresPage(results));
  });

  test('a README without its marks is refused, not overwritten', () => {
    expect(() => withBlocks('# vzdeck', results)).toThrow('README.md has no block between "<!-- picture: begin -->"');
  });
});

describe('statistics', () => {
  test('quantiles lie between the samples', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(spread([1, 2, 3, 4, 5])).toEqual({ median: 3, low: 2, high: 4, rounds: 5 });
    expect(tail([1, 2, 3, 4, 5], 1).median).toBe(5);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });

  test('a ratio is taken round by round: a slow round is slow for both', () => {
    expect(ratio([2, 20, 2], [1, 10, 1]).median).toBe(2);
  });
});

describe('what a figure says', () => {
  const value: Measured = { says: 'start', unit: 'ms', median: 12, low: 11, high: 13, rounds: 5, atMost: 15 };
  test('the reach is an end of its own, in both directions', () => {
    expect(reached(value)).toBe(true);
    expect(reached({ ...value, median: 15.1 })).toBe(false);
    const { atMost: _, ...open } = value;
    expect(reached(open)).toBeNull();
    expect(reached({ ...open, atLeast: 12 })).toBe(true);
    expect(reached({ ...open, atLeast: 12.1 })).toBe(false);
  });

  test('is said with unit, quartiles and verdict', () => {
    expect(valueText(value)).toBe('12 ms (11–13)');
    expect(verdict({ ...value, unit: '×', median: 16 })).toBe('not reached: ≤ 15×');
  });
});

test('only characters count as shown', () => {
  expect(shown('\x1b[?2026h\x1b[3;4H\x1b[1;31mab\x1b[0m \x1b]0;title\x07c\r\n\x1b(B')).toBe('abc');
});
