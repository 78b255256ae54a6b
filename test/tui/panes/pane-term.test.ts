// The emulator of a pane: what a program writes becomes rows, answers and modes; nothing it writes becomes more.

import { describe, expect, test, vi } from 'vitest';
import { PaneTerm } from '../../../src/tui/panes/pane-term.ts';
import { type Parser, Turns } from '../../../src/tui/panes/turns.ts';
import { parseCells } from '../../../src/tui/screen/cells.ts';
import { FakeLink } from './fake-link.ts';

/** All that was said is parsed when `say` returns, however little the processor is ours. */
class Unhurried extends Turns {
  override begin(parser: Parser): boolean {
    return parser.parse(Number.POSITIVE_INFINITY);
  }
}

function open(options: { columns?: number; rows?: number; answers?: boolean; turns?: Turns } = {}) {
  const link = new FakeLink();
  const term = new PaneTerm(link, { columns: 20, rows: 4, answers: true, turns: new Unhurried(), ...options });
  return { link, term, say: (text: string | Uint8Array) => link.say(text) };
}

/** What stands in the cells, wide characters followed by nothing. */
const texts = (line: string) => parseCells(line).text;

test('rows keep text, attributes and colours, and lose trailing blanks', () => {
  const { term, say } = open();
  say('plain \x1b[1;31mred\x1b[0m \x1b[48;5;17;38;2;1;2;3mrgb\x1b[0m  \r\n\x1b[7m  \x1b[0m\r\n\x1b[2;3;4;8;9;94;103mall\x1b[0m');
  expect(term.lines()).toEqual([
    'plain \x1b[1;31mred\x1b[0m \x1b[38;2;1;2;3;48;5;17mrgb\x1b[0m',
    '\x1b[7m  \x1b[0m',
    '\x1b[2;3;4;8;9;94;103mall\x1b[0m',
    '',
  ]);
});

test('the same array as long as nothing visible changes', () => {
  const { term, say } = open();
  say('one');
  const lines = term.lines();
  say('\x1b[?25l\x1b]0;title\x07\x1b[1m\x1b[0m');
  expect(term.lines()).toBe(lines);
  say('two');
  expect(term.lines()).not.toBe(lines);
});

test.each([
  ['wide', 'a中b', ['a', '中', '', 'b']],
  ['emoji', 'a😀b', ['a', '😀', '', 'b']],
  ['combining', 'ae\u0301b', ['a', 'e\u0301', 'b']],
  ['a family stays in the places of its members', 'a👩\u200d👧b', ['a', '👩', '', '👧', '', 'b']],
  ['a skin tone is blank', 'a👍\u{1f3fd}b', ['a', '👍', '', ' ', ' ', 'b']],
  ['a flag', '🇩🇪b', ['🇩', ' ', 'b']],
  ['joining syllables', '\u1100\u1161b', ['\u1100', '', ' ', 'b']],
  ['bidi and other format characters', 'a\u202eb\u200bc\u00add', ['a', 'b', 'c', 'd']],
  ['many marks', `a${'\u0301'.repeat(40)}b`, ['a\u0301\u0301\u0301\u0301', 'b']],
])('%s: the screen measures what the emulator measured', (_, text, cells) => {
  const { term, say } = open();
  say(`${text}\x1b[s`);
  expect(texts(term.lines()[0]!)).toEqual(cells);
  expect(term.cursor()).toEqual({ x: cells.length, y: 0 });
});

test('invalid UTF-8 and raw control bytes draw something or nothing, and never reach the screen', () => {
  const { term, say } = open({ columns: 300 });
  say(Uint8Array.from({ length: 256 }, (_, i) => i));
  say('\x1b]52;c;aGk=\x07\x1b]0;evil\x07\x1bP+q544e\x1b\\\x9b31m\x1b_apc\x1b\\x');
  for (const line of term.lines()) expect(line.replace(/\x1b\[[\d;]*m/g, '')).not.toMatch(/\p{Cc}/u);
});

test('questions of a program are answered, those of a console are not', () => {
  const program = open();
  program.say('\x1b[c\x1b[6n\x1b[5n');
  expect(program.link.written).toContain('\x1b[1;1R');
  const console = open({ answers: false });
  console.say('\x1b[c\x1b[6n\x1b[5n\x1b]10;?\x07\x05\x1bP$qm\x1b\\\x1b[18t\x1b[21t');
  expect(console.link.written).toBe('');
});

test('the cursor is where the program has it, and nowhere while it hides it', () => {
  const { term, say } = open();
  say('ab\r\ncd');
  expect(term.cursor()).toEqual({ x: 2, y: 1 });
  say('\x1b[?25l');
  expect(term.cursor()).toBeNull();
  say('\x1b[?1049;25h');
  expect(term.cursor()).not.toBeNull();
  say('\x1b[?25l\x1bc');
  expect(term.cursor()).toEqual({ x: 0, y: 0 });
  say('x'.repeat(20));
  expect(term.cursor()).toEqual({ x: 19, y: 0 });
});

test('modes that the program asks for are told, once each', () => {
  const { term, say } = open();
  let told = 0;
  term.onModes(() => told++);
  say('\x1b[?1h\x1b[?2004h\x1b[?1002h\x1b[?1006h\x1b[?1004h');
  expect(term.modes()).toEqual({
    applicationCursorKeys: true,
    applicationKeypad: false,
    bracketedPaste: true,
    mouse: 'drag',
    mouseEncoding: 'sgr',
    focusReports: true,
  });
  expect(told).toBe(1);
  say('text');
  expect(told).toBe(1);
  say('\x1bc');
  expect(term.modes()).toMatchObject({ mouse: 'none', mouseEncoding: 'default', applicationCursorKeys: false });
});

test('what was scrolled off can be seen again; typing returns to the live screen', async () => {
  const { term, link, say } = open();
  say(Array.from({ length: 10 }, (_, i) => `line ${i}`).join('\r\n'));
  expect(term.lines()).toEqual(['line 6', 'line 7', 'line 8', 'line 9']);
  term.scroll(-3);
  expect(term.scrolled).toBe(3);
  expect(term.lines()[0]).toBe('line 3');
  expect(term.cursor()).toBeNull();
  say('\r\nline 10');
  await vi.waitUntil(() => !link.paused);
  expect(term.lines()[0]).toBe('line 3');
  term.type(Buffer.from('k'));
  expect(term.scrolled).toBe(0);
  expect(term.lines().at(-1)).toBe('line 10');
  expect(link.written).toBe('k');
});

test('what came is on the screen before anything else is read: nothing piles up however fast the sender is', async () => {
  const { link, term, say } = open({ columns: 80, turns: new Turns() });
  const lines = (from: number) => Array.from({ length: 500 }, (_, i) => `line ${from + i}\r\n`).join('');
  for (let from = 0; from < 20_000; from += 500) {
    say(lines(from));
    await vi.waitUntil(() => !link.paused);
    expect(term.lines().slice(0, 3)).toEqual([497, 498, 499].map((i) => `line ${from + i}`));
  }
  say('x'.repeat(100_000));
  expect(term.flooding).toBe(true);
});

test('the size goes to both sides', () => {
  const { term, link, say } = open();
  say('wide text here');
  term.resize(10, 3);
  expect(link.size).toBe('10x3');
  expect(term.lines()).toHaveLength(3);
});

test('after it was freed it only keeps its last screen', () => {
  const { term, link, say } = open();
  say('last words');
  term.dispose();
  link.say('more');
  term.type(Buffer.from('x'));
  term.resize(5, 5);
  term.dispose();
  expect(term.lines()[0]).toBe('last words');
  expect(link.written).toBe('');
});

describe('a hostile program', () => {
  test.each([...'STLMZIb'])('cannot make the emulator repeat CSI %s for ever', async (final) => {
    const { link, term } = open({ columns: 80, rows: 24, turns: new Turns() });
    link.say(`a\x1b[2147483647${final}after`);
    await vi.waitUntil(() => term.lines().join('').includes('after'));
  });

  test('that floods with costly sequences is parsed in small parts: its sender waits, and others have their turn', async () => {
    const { link, term } = open({ columns: 200, rows: 50, turns: new Turns() });
    link.say(`${'\x1b[50S'.repeat(2000)}after`);
    expect(link.paused).toBe(true);
    let turns = 0;
    const count = (): void => {
      turns++;
      if (link.paused) setImmediate(count);
    };
    setImmediate(count);
    await vi.waitUntil(() => !link.paused, { timeout: 20_000 });
    expect(turns).toBeGreaterThan(10);
    expect(term.lines().join('')).toContain('after');
  });

  test.each(['\x1b]0;', '\x1bP', '\x1b_', '\xc2\x9d0;', '\x1b]8;;http://'])(
    'cannot make it keep a string that never ends: %j',
    async (begin) => {
      const { link, term } = open({ columns: 80, rows: 24, turns: new Turns() });
      link.say(Buffer.from(begin, 'latin1'));
      for (let i = 0; i < 64; i++) link.say('x'.repeat(64 * 1024));
      link.say('\x07\x1b\\after');
      await vi.waitUntil(() => term.lines().join('').includes('after'));
      expect(term.lines().join('')).not.toContain('xx');
    },
  );

  test('a string of a sensible length and what stands around it pass, however they are cut', async () => {
    const { link, term } = open({ columns: 80, rows: 24, turns: new Turns() });
    const text = Buffer.from(`one\x1b]0;${'t'.repeat(60_000)}\x07two\x1b]8;;http://a/\x1b\\three\x1b]8;;\x1b\\ ä€ four`);
    for (let at = 0; at < text.length; at += 7) link.say(text.subarray(at, at + 7));
    await vi.waitUntil(() => term.lines()[0] === 'onetwo\x1b[4mthree\x1b[0m ä€ four');
  });
});
