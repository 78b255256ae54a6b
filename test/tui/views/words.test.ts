import { describe, expect, test } from 'vitest';
import { lineInput } from '../../../src/tui/forms/line-input.ts';
import { width } from '../../../src/tui/screen/text.ts';
import { wrap } from '../../../src/tui/screen/wrap.ts';
import { inputLine } from '../../../src/tui/views/input-line.ts';
import { ends, seconds } from '../../../src/tui/views/words.ts';
import { testTheme } from '../manager-rig.tsx';

describe('wrap', () => {
  test('breaks between words', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  });

  test('cuts what is longer than a line, and loses nothing', () => {
    const text = '/very/long/path/without/any/blank 漢字漢字漢字漢字';
    for (let cells = 2; cells < 40; cells++) {
      const lines = wrap(text, cells);
      for (const line of lines) expect(width(line)).toBeLessThanOrEqual(cells);
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    }
  });

  test('survives a line of no width', () => {
    expect(wrap('ab', 0)).toEqual(['a', 'b']);
    expect(wrap('', 10)).toEqual(['']);
  });
});

describe('ends', () => {
  test('fills the line between', () => {
    expect(ends('left', 'right', 12)).toBe('left   right');
  });

  test('gives up the right part before the left one', () => {
    expect(ends('left', 'right', 10)).toBe('left');
  });
});

test.each([
  [0, '0.0 s'],
  [420, '0.4 s'],
  [12_400, '12 s'],
  [180_000, '3 min'],
])('%i ms are %s', (milliseconds, text) => {
  expect(seconds(milliseconds)).toBe(text);
});

describe('a line that is typed into', () => {
  const theme = testTheme();
  const shown = (text: string, cells: number, cursor?: number): string =>
    inputLine({ ...lineInput(text), ...(cursor === undefined ? {} : { cursor }) }, cells, theme, true);
  const plain = (line: string): string => line.replace(/\x1b\[[\d;]*m/g, '');

  test('is exactly as wide as it may be, wherever the cursor stands', () => {
    for (const text of ['', 'web', 'a long line that does not fit', '漢字漢字漢字漢字漢字'])
      for (let cursor = 0; cursor <= [...text].length; cursor++)
        expect(width(plain(shown(text, 10, cursor))), `${text} ${cursor}`).toBe(10);
  });

  test('shows the cell under the cursor inverted', () => {
    expect(shown('web', 10, 1)).toContain('\x1b[7me\x1b[0m');
    expect(shown('web', 10)).toContain('\x1b[7m \x1b[0m');
  });

  test('scrolls to the cursor', () => {
    expect(plain(shown('0123456789abcdef', 6))).toBe('bcdef ');
    expect(plain(shown('0123456789abcdef', 6, 0))).toBe('012345');
  });
});
