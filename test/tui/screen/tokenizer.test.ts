// Keys by name, as terminals send them.

import { expect, test } from 'vitest';
import type { InputEvent } from '../../../src/tui/screen/input-event.ts';
import { nextToken } from '../../../src/tui/screen/tokenizer.ts';

function events(text: string): (InputEvent | null)[] {
  const input = Buffer.from(text).toString('latin1');
  const found: (InputEvent | null)[] = [];
  for (let at = 0; at < input.length; ) {
    const token = nextToken(input, at, true);
    if (token === null) throw new Error(`Nothing at ${at} of ${JSON.stringify(text)}`);
    at += token.raw.length;
    found.push(token.event);
  }
  return found;
}
const ids = (text: string) => events(text).map((event) => (event?.type === 'key' ? event.id : (event?.type ?? '-')));

test.each([
  ['a', 'a'],
  ['A', 'A'],
  ['é', 'é'],
  ['中', '中'],
  ['😀', '😀'],
  [' ', 'space'],
  ['\r', 'enter'],
  ['\n', 'ctrl-j'],
  ['\t', 'tab'],
  ['\x1b[Z', 'shift-tab'],
  ['\x7f', 'backspace'],
  ['\b', 'backspace'],
  ['\x00', 'ctrl-space'],
  ['\x03', 'ctrl-c'],
  ['\x1a', 'ctrl-z'],
  ['\x1c', 'ctrl-\\'],
  ['\x1d', 'ctrl-]'],
  ['\x1b', 'escape'],
  ['\x1b[A', 'up'],
  ['\x1bOA', 'up'],
  ['\x1b[1;5C', 'ctrl-right'],
  ['\x1b[1;6D', 'ctrl-shift-left'],
  ['\x1b[1;3H', 'alt-home'],
  ['\x1b[3~', 'delete'],
  ['\x1b[5;2~', 'shift-pageup'],
  ['\x1bOP', 'f1'],
  ['\x1b[[A', 'f1'],
  ['\x1b[11~', 'f1'],
  ['\x1b[24~', 'f12'],
  ['\x1b[1;5P', 'ctrl-f1'],
  ['\x1bx', 'alt-x'],
  ['\x1b\x7f', 'alt-backspace'],
  ['\x1b\x18', 'ctrl-alt-x'],
  ['\x1b\x1b[A', 'alt-up'],
  ['\x1b[97;5u', 'ctrl-a'],
  ['\x1b[27;5;105~', 'ctrl-i'],
  ['\x1b[13;2u', 'shift-enter'],
  ['\x1b[I', 'focus'],
])('%j is %s', (text, id) => {
  expect(ids(text)).toEqual([id]);
});

test.each([
  ['device attributes', '\x1b[?62;22c'],
  ['a cursor report in private form', '\x1b[?1;1R'],
  ['a window title', '\x1b]0;title\x07'],
  ['a DCS answer', '\x1bP1+r\x1b\\'],
  ['an unknown sequence', '\x1b[99~'],
  ['a broken letter', Buffer.from([0xc3]).toString('latin1')],
])('%s is no key', (_, text) => {
  const input = text;
  expect(nextToken(input, 0, true)).toEqual({ raw: input, event: null });
});

test('printable keys carry the text that they type, others none', () => {
  expect(events('x \r')).toEqual([
    { type: 'key', id: 'x', text: 'x' },
    { type: 'key', id: 'space', text: ' ' },
    { type: 'key', id: 'enter', text: '' },
  ]);
});

test('several keys in one packet are several keys', () => {
  expect(ids('yes\r\x1b[B\x1b[Bq')).toEqual(['y', 'e', 's', 'enter', 'down', 'down', 'q']);
});

test('a paste is one event without control characters', () => {
  expect(events('\x1b[200~one\rtwo\r\n\tthree\x03\x1b[A end\x1b[201~x')).toEqual([
    { type: 'paste', text: 'one\ntwo\n\tthree[A end' },
    { type: 'key', id: 'x', text: 'x' },
  ]);
});

test('mouse reports name what happened and where', () => {
  const at = { x: 9, y: 4 };
  expect(events('\x1b[<0;10;5M\x1b[<0;10;5m\x1b[<18;10;5M\x1b[<32;10;5M\x1b[<35;10;5M\x1b[<64;10;5M\x1b[<65;10;5M')).toEqual([
    { type: 'mouse', action: 'press', button: 'left', ...at },
    { type: 'mouse', action: 'release', button: 'left', ...at },
    { type: 'mouse', action: 'press', button: 'right', ...at },
    { type: 'mouse', action: 'drag', button: 'left', ...at },
    { type: 'mouse', action: 'move', button: 'none', ...at },
    { type: 'mouse', action: 'wheel-up', button: 'none', ...at },
    { type: 'mouse', action: 'wheel-down', button: 'none', ...at },
  ]);
});

test('what may go on is waited for', () => {
  for (const head of ['\x1b', '\x1b[', '\x1b[1;', '\x1bO', '\x1b[<0;1', '\x1b[200~text', '\x1b[200~text\x1b[20', '\xe4\xb8', '\x1b]0;ti'])
    expect(nextToken(head, 0, false)).toBeNull();
});

test("what is torn by something else is nobody's, and what tore it is whole", () => {
  for (const head of ['\x1b[', '\x1b[1;', '\x1b[<0;12', '\x1b[[', '\x1bO', '\x1b]11;rgb:00', '\x1bP1$r'])
    expect(nextToken(`${head}\x1b[A`, 0, false)?.raw, JSON.stringify(head)).toBe(head);
  expect(ids('\x1b[1;\x1b[A\x1b[<0;\ra')).toEqual(['-', 'up', '-', 'enter', 'a']);
  expect(ids('\x1b]11;rgb:0000\x1b[27u')).toEqual(['-', 'escape']);
  expect(nextToken('\x1b]11;rgb:00\x1b', 0, false)).toBeNull();
});
