// Motions, selection and search of copy mode over a history that the test writes.

import { describe, expect, test } from 'vitest';
import { awaiting, charAgain, charTyped } from '../../../src/tui/panes/copy-char.ts';
import {
  beginCopy,
  type CopyView,
  counted,
  type MotionName,
  moved,
  selectedText,
  selecting,
  settled,
  sought,
  swapped,
} from '../../../src/tui/panes/copy-view.ts';
import type { History } from '../../../src/tui/panes/history.ts';
import { width } from '../../../src/tui/screen/text.ts';

const COLUMNS = 20;

/** Lines from number 100 on; one that ends with a backslash goes on in the next. */
function historyOf(lines: readonly string[]): History {
  const goesOn = (line: number) => lines[line - 100]?.endsWith('\\') ?? false;
  const text = (line: number) => (lines[line - 100] ?? '').replace(/\\$/, '');
  return {
    first: 100,
    end: 100 + lines.length,
    columns: COLUMNS,
    cells: (line) => {
      const cells = [...text(line)].flatMap((c) => (width(c) === 2 ? [c, ''] : [c]));
      return [...cells, ...Array.from({ length: COLUMNS - cells.length }, () => ' ')];
    },
    text,
    goesOn,
  };
}

const LINES = historyOf([
  'first line of all',
  '',
  'foo(bar) == 中文 x_y',
  'the quick brown foxy\\',
  'jumps over',
  '   indented',
  '',
  'last',
]);

const at = (line: number, x: number, rows = 4): CopyView => settled(beginCopy(line, rows, { line, x }), LINES);
const go = (view: CopyView, ...motions: readonly MotionName[]) => motions.reduce((v, motion) => moved(v, LINES, motion), view);
const spot = ({ at: { line, x } }: CopyView) => [line, x];

describe('motions', () => {
  test.each<[MotionName[], number[]]>([
    [['word'], [102, 3]],
    [
      ['word', 'word'],
      [102, 4],
    ],
    [
      ['word', 'word', 'word', 'word'],
      [102, 9],
    ],
    [['word-end'], [102, 2]],
    [
      ['word-end', 'word-end', 'word-end'],
      [102, 6],
    ],
    [['line-end'], [102, 19]],
    [
      ['line-end', 'word'],
      [103, 0],
    ],
    [
      ['line-end', 'word-back'],
      [102, 17],
    ],
    [['word-back'], [100, 14]],
    [['paragraph'], [106, 0]],
    [['paragraph-back'], [101, 0]],
    [
      ['paragraph-back', 'paragraph-back'],
      [100, 0],
    ],
    [['first'], [100, 0]],
    [['last'], [107, 0]],
    [
      ['last', 'word'],
      [107, 19],
    ],
    [
      ['down', 'down', 'down', 'line-text'],
      [105, 3],
    ],
    [['left'], [102, 0]],
    [
      ['up', 'up', 'up'],
      [100, 0],
    ],
  ])('%j', (motions, expected) => {
    expect(spot(go(at(102, 0), ...motions))).toEqual(expected);
  });

  test.each<[number, MotionName, number[]]>([
    [2, 'down', [104, 0]],
    [3, 'word', [102, 7]],
    [13, 'right', [102, 14]],
    [9999, 'up', [100, 0]],
    [4, 'last', [103, 0]],
    [99, 'first', [107, 0]],
  ])('%i times %s', (count, motion, expected) => {
    const view = [...String(count)].reduce((v, digit) => counted(v, Number(digit)), at(102, 0));
    const next = moved(view, LINES, motion);
    expect(spot(next)).toEqual(expected);
    expect(next.count).toBe(0);
  });

  test.each<[string, number[]]>([
    ['fb', [102, 4]],
    ['tb', [102, 3]],
    ['fo;', [102, 2]],
    ['fo;,', [102, 1]],
    ['to;;', [102, 1]],
    ['f文', [102, 14]],
    ['t文', [102, 12]],
    ['f文T中', [102, 14]],
    ['f_F(', [102, 3]],
    ['2fo', [102, 2]],
    ['3fo', [102, 0]],
    ['fz', [102, 0]],
    ['f\u001b', [102, 0]],
  ])('%s goes to characters of the line', (typed, expected) => {
    const ways: Readonly<Record<string, readonly [down: boolean, till: boolean]>> = {
      ...{ f: [true, false], F: [false, false], t: [true, true], T: [false, true] },
    };
    let view = at(102, 0);
    for (const key of typed) {
      const way = ways[key];
      if (view.awaits !== null) view = charTyped(view, LINES, key === '\u001b' ? '' : key);
      else if (way !== undefined) view = awaiting(view, ...way);
      else if (key === ';' || key === ',') view = charAgain(view, LINES, key === ';');
      else view = counted(view, Number(key));
    }
    expect(spot(view)).toEqual(expected);
    expect([view.count, view.awaits]).toEqual([0, null]);
  });

  test('up and down come back to their column', () => {
    const view = go(at(102, 0), 'line-end');
    expect(spot(go(view, 'down', 'down', 'up', 'up'))).toEqual([102, 19]);
    expect(spot(go(view, 'page-down', 'half-up'))).toEqual([104, 19]);
  });

  test('step over both halves of a wide character', () => {
    const before = at(102, 11);
    expect(spot(go(before, 'right'))).toEqual([102, 12]);
    expect(spot(go(before, 'right', 'right'))).toEqual([102, 14]);
    expect(spot(go(before, 'right', 'right', 'left'))).toEqual([102, 12]);
  });

  test('take the view along', () => {
    const view = go(at(100, 0), 'last');
    expect(view.top).toBe(104);
    expect(spot(go(view, 'top'))).toEqual([104, 0]);
    expect(spot(go(view, 'middle'))).toEqual([106, 0]);
    expect(go(view, 'first').top).toBe(100);
  });
});

describe('selection', () => {
  const select = (view: CopyView, kind: 'chars' | 'lines' | 'block', ...motions: readonly MotionName[]) =>
    selectedText(go(selecting(view, kind), ...motions), LINES);

  test('of characters, in either direction', () => {
    expect(select(at(102, 0), 'chars', 'word-end')).toBe('foo');
    expect(select(at(102, 2), 'chars', 'line-start')).toBe('foo');
    expect(select(at(100, 6), 'chars', 'down', 'down')).toBe('line of all\n\nfoo(bar');
    expect(select(at(102, 12), 'chars')).toBe('中');
  });

  test('of lines that only the terminal had broken is one line again', () => {
    expect(select(at(103, 4), 'chars', 'down')).toBe('quick brown foxyjumps');
    expect(select(at(103, 4), 'lines', 'down')).toBe('the quick brown foxyjumps over\n');
    expect(select(at(105, 0), 'lines')).toBe('   indented\n');
  });

  test('of a rectangle', () => {
    expect(select(at(102, 0), 'block', 'down', 'down', 'right', 'right')).toBe('foo\nthe\njum');
  });

  test('changes its kind, goes away, and has two ends', () => {
    const begun = go(selecting(at(102, 0), 'chars'), 'word-end');
    expect(selectedText(selecting(begun, 'lines'), LINES)).toBe('foo(bar) == 中文 x_y\n');
    expect(selecting(begun, 'chars').anchor).toBeNull();
    expect(spot(swapped(begun, LINES))).toEqual([102, 0]);
    expect(selectedText(swapped(begun, LINES), LINES)).toBe('foo');
  });
});

describe('search', () => {
  const found = (view: CopyView) => [...spot(view), view.found?.number, view.found?.count];

  test('goes on, around the end, and in both directions', () => {
    const first = sought(at(100, 0), LINES, 'o', true);
    expect(found(first)).toEqual([100, 11, 1, 6]);
    expect(found(sought(first, LINES, 'o', true))).toEqual([102, 1, 2, 6]);
    expect(found(sought(first, LINES, 'o', false))).toEqual([104, 6, 6, 6]);
  });

  test('finds what the terminal has broken', () => {
    expect(found(sought(at(100, 0), LINES, 'foxyjumps', true))).toEqual([103, 16, 1, 1]);
  });

  test('with small letters means both cases, with a capital itself', () => {
    const names = historyOf(['Error', 'ERROR', 'error']);
    const from = settled(beginCopy(100, 3, { line: 100, x: 5 }), names);
    expect(sought(from, names, 'error', true).found?.count).toBe(3);
    expect(sought(from, names, 'ERROR', true).found?.count).toBe(1);
  });

  test('of wide characters stands on the right cell, of nothing nowhere', () => {
    expect(found(sought(at(100, 0), LINES, '文 x', true))).toEqual([102, 14, 1, 1]);
    expect(found(sought(at(100, 3), LINES, 'absent', true))).toEqual([100, 3, 0, 0]);
    expect(sought(at(100, 3), LINES, '', true).found).toBeNull();
  });
});
