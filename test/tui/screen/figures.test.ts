// Numbers as people read them.

import { expect, test } from 'vitest';
import { bytes, count, duration, heldBytes, percent } from '../../../src/tui/screen/figures.ts';
import { bar, sparkline } from '../../../src/tui/screen/gauge.ts';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from '../../../src/tui/screen/glyphs.ts';
import { makeTheme } from '../../../src/tui/screen/make-theme.ts';
import { width } from '../../../src/tui/screen/text.ts';
import { builtInTheme } from '../../../src/tui/screen/themes.ts';
import { freshSeed, random } from './random.ts';

test('bytes in use keep their digits', () => {
  expect([0, 999, 3.1 * 2 ** 20, 25 * 2 ** 20, 2 * 2 ** 30, 212 * 2 ** 20].map(heldBytes)).toEqual([
    '0',
    '999',
    '3.10M',
    '25.0M',
    '2.00G',
    '212M',
  ]);
});

test.each([
  [0, '0'],
  [1, '1'],
  [999, '999'],
  [1000, '0.98K'],
  [1024, '1K'],
  [1536, '1.5K'],
  [10 * 1024 + 100, '10.1K'],
  [212 * 2 ** 20, '212M'],
  [999.4 * 2 ** 20, '999M'],
  [999.6 * 2 ** 20, '0.98G'],
  [1.66 * 2 ** 30, '1.66G'],
  [2 * 2 ** 30, '2G'],
  [2 ** 60, '1E'],
  [-1536, '-1.5K'],
  [Number.NaN, '?'],
  [Number.POSITIVE_INFINITY, '?'],
])('%d bytes are %s', (n, text) => {
  expect(bytes(n)).toBe(text);
});

test('never more than three digits and a unit below the last unit, and never off by more than half of the last digit', () => {
  const dice = random(freshSeed());
  for (let i = 0; i < 5_000; i++) {
    const n = Math.floor(2 ** (dice.below(6_000) / 100));
    const text = bytes(n);
    expect(text).toMatch(/^(\d{1,3}|\d\.\d{1,2}|\d\d\.\d)[KMGTPE]?$/);
    const unit = 1024 ** 'BKMGTPE'.indexOf(/[A-Z]$/.exec(text)?.[0] ?? 'B');
    const digit = text.includes('.') ? 10 ** -(text.replace(/[A-Z]$/, '').split('.')[1]?.length ?? 0) : 1;
    expect(Math.abs(Number.parseFloat(text) * unit - n)).toBeLessThanOrEqual((Math.max(digit, 0.1) * unit) / 2 + 1e-6 * n);
  }
});

test('counts, percents and times', () => {
  expect([412, 1000, 1234, 99_949, 99_950, 999_499, 999_500].map(count)).toEqual(['412', '1k', '1.23k', '99.9k', '100k', '999k', '1M']);
  expect([0, 0.4, 36.6, 100, 180].map(percent)).toEqual(['0%', '0%', '37%', '100%', '180%']);
  expect([-1, 0, 59.9, 60, 3_599, 3_600, 86_399, 86_400, 41.9 * 86_400].map(duration)).toEqual([
    '0s',
    '0s',
    '59s',
    '1m',
    '59m',
    '1h',
    '23h',
    '1d',
    '41d',
  ]);
});

const mono = makeTheme(builtInTheme('mono'), 'mono', UNICODE_GLYPHS);
const ascii = makeTheme(builtInTheme('mono'), 'mono', ASCII_GLYPHS);
const plain = (text: string) => text.replace(/\x1b\[[\d;]*m/g, '');

test.each([
  [0, '        ', '........'],
  [0.001, '▏       ', '-.......'],
  [0.08, '▋       ', '=.......'],
  [0.5, '████    ', '####....'],
  [0.52, '████▏   ', '####....'],
  [0.55, '████▍   ', '####-...'],
  [1, '████████', '########'],
  [7, '████████', '########'],
  [-1, '        ', '........'],
  [Number.NaN, '        ', '........'],
])('a bar at %d', (fraction, unicode, letters) => {
  expect(plain(bar(mono, fraction, 8))).toBe(unicode);
  expect(plain(bar(ascii, fraction, 8))).toBe(letters);
});

test('bars and sparklines are as wide as asked, at any value', () => {
  for (const theme of [mono, ascii])
    for (const cells of [0, 1, 7, 30])
      for (const value of [0, 0.01, 0.33, 0.8, 1, 3]) {
        expect(width(bar(theme, value, cells))).toBe(cells);
        expect(width(sparkline(theme, [value, 0, 1, 2, 3, 4, 5], cells))).toBe(cells);
      }
});

test('a full bar is an alarm, a nearly full one a warning', () => {
  expect(bar(mono, 1, 2)).toContain(mono.sgr.alarm);
  expect(bar(mono, 0.8, 2)).toContain(mono.sgr.warn);
  expect(bar(mono, 0.79, 2)).not.toContain(mono.sgr.warn);
});

test('a sparkline goes from lowest to highest, old values fall out on the left', () => {
  expect(plain(sparkline(mono, [0, 1, 2, 3, 4, 5, 6, 7, 8], 9))).toBe('▁▁▂▃▄▅▆▇█');
  expect(plain(sparkline(mono, [1, 8], 4))).toBe('  ▁█');
  expect(plain(sparkline(mono, [9, 9, 9, 4], 2, 8))).toBe('█▄');
  expect(plain(sparkline(mono, [0, 0], 2))).toBe('▁▁');
  expect(plain(sparkline(ascii, [1, 5], 2))).toBe('_#');
});
