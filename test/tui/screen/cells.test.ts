// Lines become cells, and nothing but letters and looks gets through.

import { expect, test } from 'vitest';
import { mergeCells, parseCells } from '../../../src/tui/screen/cells.ts';
import { diffRow } from '../../../src/tui/screen/diff.ts';
import { applySgr, penChange } from '../../../src/tui/screen/sgr.ts';

test.each([
  ['', ''],
  ['0', ''],
  ['1', '1'],
  ['31;1;4', '1;4;31'],
  ['01;031', '1;31'],
  ['38;5;200', '38;5;200'],
  ['38;2;1;2;3;48;5;7', '38;2;1;2;3;48;5;7'],
  ['38:2::1:2:3', '38;2;1;2;3'],
  ['38:2:1:2:3', '38;2;1;2;3'],
  ['48:5:9', '48;5;9'],
  ['4:3', '4'],
  ['4:0', ''],
  ['21', '4'],
  ['58;5;3;1', '1'],
  ['58:2::1:2:3;1', '1'],
  ['38;5;999', ''],
  ['38;7;1', '1'],
  ['38', ''],
  ['1;;31', '31'],
  ['53;73;10', ''],
])('SGR %j is %j', (parameters, style) => {
  expect(applySgr('', parameters)).toBe(style);
  expect(applySgr(style, '')).toBe('');
  expect(applySgr('', style)).toBe(style);
});

test.each([
  ['1;2;31', '22', '31'],
  ['1;31;44', '39', '1;44'],
  ['1;31;44', '49', '1;31'],
  ['7;38;5;3', '27', '38;5;3'],
  ['31', '34', '34'],
])('%j and then %j is %j', (style, parameters, after) => {
  expect(applySgr(style, parameters)).toBe(after);
});

test('the pen changes by one sequence', () => {
  expect(penChange('1', '1')).toBe('');
  expect(penChange('', '1;31')).toBe('\x1b[1;31m');
  expect(penChange('1;31', '')).toBe('\x1b[m');
  expect(penChange('1;31', '4')).toBe('\x1b[0;4m');
});

const HOSTILE = [
  '\x1b[2J\x1b[10;10Hmoved',
  '\x1b]0;title\x07\x1b]52;c;aGk=\x1b\\',
  '\x1b[?1049l\x1b[?25h\x1bc',
  '\x1bP1$r\x1b\\\x9b5n\x90x\x9c',
  'bell\x07back\x08tab\tnewline\nreturn\r\x00\x7f',
  '\x1b',
  '\x1b[31',
  '\x1b[31;m\x1b[;;m\x1b[1:2:3:4m\x1b[999999999999999999999m',
  '\x1b[31\x1b[32mx',
];
test.each(HOSTILE)('%j leaves nothing but letters and looks', (line) => {
  const cells = parseCells(line);
  for (const text of cells.text) expect(text).not.toMatch(/\p{Cc}/u);
  for (const style of cells.style) expect(style).toMatch(/^[\d;]*$/);
  const blank = parseCells(' '.repeat(cells.text.length));
  expect(diffRow(0, blank, cells).replace(/\x1b\[[\d;]*[mHGK]/g, '')).not.toMatch(/(?!\r)\p{Cc}/u);
});

test('a cell holds one letter and its marks; what joins is taken apart or cut down', () => {
  expect(parseCells('ae\u0301中b').text).toEqual(['a', 'e\u0301', '中', '', 'b']);
  expect(parseCells('👩\u200d👧x').text).toEqual(['👩', '', 'x']);
  expect(parseCells('ｶﾞx').text).toEqual(['ｶ', 'ﾞ', 'x']);
  expect(parseCells('\u0301a').text).toEqual(['a']);
  expect(parseCells(`a${'\u0301'.repeat(1_000)}`).text[0]!.length).toBeLessThanOrEqual(5);
  expect(parseCells('a\u200b\u202eb').text).toEqual(['a', 'b']);
});

test('a wide character that is not wholly visible is blank, in its own look', () => {
  const below = { cells: parseCells('\x1b[44m中中中\x1b[0m'), x: 0 };
  const above = { cells: parseCells('xx'), x: 1 };
  const row = mergeCells([below, above], Uint8Array.from([0, 1, 1, 0, 0, 0]));
  expect(row.text).toEqual([' ', 'x', 'x', ' ', '中', '']);
  expect(row.style).toEqual(['44', '', '', '44', '44', '44']);
});

test('a disputed character under the blank that another one takes is written over with the cell behind it', () => {
  const old = parseCells('a☁ b');
  const now = parseCells('\x1b[4me\u0301 \x1b[m b');
  const out = diffRow(0, old, now);
  // underlined, the blank takes the place of what a terminal may have drawn wide: column 3 has to be said again, plainly
  expect(out).toMatch(/\x1b\[3G(\x1b\[m)? /);
});
