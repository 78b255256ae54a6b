// Copy mode over a real emulator: what is selected stays selected while output goes on, however the lines are numbered inside.

import { expect, test, vi } from 'vitest';
import { type MotionName, moved, type SelectionKind, selecting } from '../../../src/tui/panes/copy-view.ts';
import { PaneTerm } from '../../../src/tui/panes/pane-term.ts';
import { FakeLink } from './fake-link.ts';

function open(columns = 20, rows = 4) {
  const link = new FakeLink();
  const copied: string[] = [];
  const term = new PaneTerm(link, { columns, rows, answers: true, onClipboard: (text) => copied.push(text) });
  const say = async (text: string) => {
    link.say(text);
    await vi.waitUntil(() => !link.paused);
  };
  const go = (...motions: readonly MotionName[]) =>
    term.changeCopy((copy) => copy.change((view, history) => motions.reduce((v, motion) => moved(v, history, motion), view)));
  const select = (kind: SelectionKind) => term.changeCopy((copy) => copy.change((view) => selecting(view, kind)));
  return { link, term, say, go, select, copied };
}
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line ${from + i}\r\n`).join('');
const plain = (rows: readonly string[]) => rows.map((row) => row.replace(/\x1b\[[\d;]*m/g, '').trimEnd());

test('begins at the cursor, goes through the history and comes back to the live screen', async () => {
  const { term, say, go } = open();
  await say(`${lines(0, 50)}$ `);
  term.beginCopy();
  expect(term.cursor()).toEqual({ x: 2, y: 3 });
  expect(term.copy?.info).toMatchObject({ line: 51, lines: 51, selects: false });
  go('first');
  expect(plain(term.lines())).toEqual(['line 0', 'line 1', 'line 2', 'line 3']);
  expect(term.cursor()).toEqual({ x: 2, y: 0 });
  term.type(Buffer.from('x'));
  expect(term.copy).toBeNull();
  expect(plain(term.lines()).at(-1)).toBe('$');
});

test('keeps what is selected while output goes on, also when the oldest lines are dropped', async () => {
  const { term, say, go, select } = open();
  await say(lines(0, 900));
  term.beginCopy();
  go('first', 'page-down', 'page-down', 'line-start');
  for (let i = 0; i < 190; i++) go('page-down');
  select('lines');
  go('down');
  const text = term.copy?.text;
  const shown = plain(term.lines());
  expect(text).toMatch(/^line 7\d\d\nline 7\d\d\n$/);
  for (let from = 900; from < 1600; from += 50) await say(lines(from, from + 50));
  expect(term.copy?.text).toBe(text);
  expect(plain(term.lines())).toEqual(shown);
  // and when they are dropped themselves, nothing else is taken for them
  for (let from = 1600; from < 3000; from += 50) await say(lines(from, from + 50));
  expect(term.copy?.info.line).toBe(1);
  expect(plain(term.lines())[0]).toMatch(/^line 19\d\d$/);
});

test('a burst that replaces the whole history drops the selection', async () => {
  const { term, say, go, select } = open();
  await say(lines(0, 100));
  term.beginCopy();
  go('up');
  select('lines');
  await say('\r\n'.repeat(5000));
  await say('\r\n'.repeat(5000));
  expect(term.copy?.info.selects).toBe(false);
});

test('sets off the selection and the matches', async () => {
  const { term, say, go, select } = open();
  await say('one two one\r\n\x1b[7mrev\x1b[0m');
  term.beginCopy();
  term.changeCopy((copy) => copy.seek('one', false));
  expect(term.lines()[0]).toBe('\x1b[1;4;7mone\x1b[0m two \x1b[1;4;7mone\x1b[0m');
  expect(term.copy?.info.found).toEqual({ number: 2, count: 2 });
  term.changeCopy((copy) => copy.endSeek(true));
  term.changeCopy((copy) => copy.seekAgain(true));
  expect(term.copy?.info.found).toEqual({ number: 1, count: 2 });
  term.changeCopy((copy) => copy.seekAgain(false));
  expect(term.copy?.info.found).toEqual({ number: 2, count: 2 });
  select('chars');
  go('down', 'line-start');
  expect(term.lines().slice(0, 2)).toEqual(
    ['\x1b[1;4;7mone\x1b[0m two \x1b[7mone\x1b[0m\x1b[7m         \x1b[0m', 'r\x1b[7mev\x1b[0m'].map((line) =>
      line.replace('\x1b[0m\x1b[7m', ''),
    ),
  );
});

test('a search that is given up leaves the cursor where it was', async () => {
  const { term, say } = open();
  await say(lines(0, 50));
  term.beginCopy();
  const before = term.copy?.info.line;
  for (const typed of ['l', 'li', 'lin', 'line 7']) term.changeCopy((copy) => copy.seek(typed, false));
  expect(term.copy?.info.line).toBe(8);
  term.changeCopy((copy) => copy.endSeek(false));
  expect(term.copy?.info.line).toBe(before);
});

test('a line that was too long is copied as one, without the gap before a wide character', async () => {
  const { term, say, go, select } = open(10);
  await say('https://ex中/path?query');
  term.beginCopy();
  go('first', 'line-start');
  select('chars');
  go('down', 'down', 'line-end');
  expect(term.copy?.text).toBe('https://ex中/path?query');
  const gap = open(10);
  await gap.say('123456789中x');
  gap.term.beginCopy();
  gap.go('first', 'line-start');
  gap.select('chars');
  gap.go('down', 'line-end');
  expect(gap.term.copy?.text).toBe('123456789中x');
});

test('ends when the size or the program’s screen changes, and is told', async () => {
  const { term, say } = open();
  const ended = vi.fn();
  term.onCopyEnd(ended);
  term.beginCopy();
  term.resize(30, 5);
  expect(term.copy).toBeNull();
  term.beginCopy();
  await say('\x1b[?1049h');
  expect(term.copy).toBeNull();
  expect(ended).toHaveBeenCalledTimes(2);
  term.beginCopy();
  expect(term.copy?.info.lines).toBe(5);
});

test('a program asks for the clipboard in words that are clean; what is on it, it never learns', async () => {
  const { link, say, copied } = open();
  await say('\x1b]52;c;aGkg4pyT\x07\x1b]52;;aGk=\x1b\\\x1b]52;c;?\x07\x1b]52;c;not base64!\x07\x1b]52;c;\x07');
  expect(copied).toEqual(['hi ✓', 'hi']);
  expect(link.written).toBe('');
});
