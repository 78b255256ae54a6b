// Text from anywhere is harmless once cleaned, and takes exactly the room it is given.

import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { agreedWidth } from '../../../src/tui/screen/agreed-width.ts';
import { parseCells } from '../../../src/tui/screen/cells.ts';
import { clean, cut, fit as fitted, pad, width } from '../../../src/tui/screen/text.ts';
import { freshSeed, random } from './random.ts';

const HOSTILE: Readonly<Record<string, string>> = {
  colour: '\x1b[31mred\x1b[0m',
  'cursor moves': '\x1b[2J\x1b[H\x1b[10;10Hhere',
  'clipboard, title, link': '\x1b]52;c;aGk=\x07\x1b]0;t\x07\x1b]8;;http://x\x07link\x1b]8;;\x07',
  'DCS, APC, PM, SOS': '\x1bPq\x1b\\\x1b_a\x1b\\\x1b^p\x1b\\\x1bXs\x1b\\',
  'C1 controls': 'a\x9b31mb\x9d0;t\x9cc\x85d',
  reset: '\x1bc\x1b[!p\x1b(0',
  'line breaks': 'a\nb\r\nc\u2028d\u2029e\x0bf\x0cg\th',
  'bell, backspace, delete': 'a\x07b\x08c\x7fd\x00e',
  'right to left': 'a\u202eb\u2066c\u200fd\u061ce',
  'zero width': 'a\u200bb\u200cc\u200dd\ufeffe\u2060f\u00adg',
  'emoji families': '👨\u200d👩\u200d👧\u200d👦 👍\u{1f3fd} 1\ufe0f\u20e3 ☁\ufe0f',
  'stacked marks': `z${'\u0301\u0327\u20dd'.repeat(50)}algo`,
  'marks at the start': '\u0301\u0301start',
  'joining syllables': '\u1100\u1161\u11a8 \u115f\u1160 \u3164 \uffa0',
  tags: 'a\u{e0041}\u{e007f}b',
  'variation selectors': 'a\ufe0fb\u{e0100}c',
  'half pairs': 'a\ud800b\udc00c',
  'private and unassigned': 'a\ue000b\u{f0000}c\u0378d\uffffe',
  'musical and shorthand controls': 'a\u{1d173}b\u{1bca0}c',
};

test.each(Object.entries(HOSTILE))('%s: nothing but drawing is left', (_, text) => {
  const safe = clean(text);
  expect(safe).not.toMatch(/[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/u);
  expect(safe).not.toMatch(/\p{M}{3}/u);
  expect(clean(safe)).toBe(safe);
  // Ink, the screen's cells and string-width all see the same width, and no cell holds two letters.
  const { text: cells } = parseCells(safe);
  expect(cells.join('')).toBe(safe);
  expect(cells).toHaveLength(width(safe));
});

test('what people write stays what it is', () => {
  for (const text of ['web-01', 'Zürich', 'Ελλάδα', 'Київ', '東京 サーバ', '서울', 'naïve café', 'שלום', 'हिन्दी', '✔ ok', '😀'])
    expect(clean(text)).toBe(text);
});

test('cut to its length without tearing a letter apart', () => {
  expect(clean('x'.repeat(1_000))).toHaveLength(255);
  expect(clean('😀'.repeat(10), 5)).toBe('😀😀');
  expect(clean(`${'\u0301'.repeat(100_000)}x`, 10).length).toBeLessThanOrEqual(10);
});

test('a letter that would take the blank behind it into its own cell is a question mark', () => {
  for (const letter of ['\u0d4e', '\u{111c2}', '\u{11a86}']) {
    expect(clean(`a${letter}`)).toBe('a?');
    expect(width(fitted(clean(letter), 9))).toBe(9);
  }
});

test('any text at all: clean is stable, and fit is exact', () => {
  const first = freshSeed();
  const pieces = Object.values(HOSTILE).flatMap((text) => [...text]);
  for (let round = 0; round < 3_000; round++) {
    const dice = random(first + round);
    const text = Array.from({ length: dice.below(40) }, () => {
      const code = dice.below(0x110000);
      return dice.chance(0.6) ? dice.pick(pieces) : dice.chance(0.5) ? String.fromCharCode(dice.below(0x3000)) : String.fromCodePoint(code);
    }).join('');
    const safe = clean(text);
    const where = `VZDECK_SEED=${first}, round ${round}: ${JSON.stringify(text)}`;
    expect(clean(safe), where).toBe(safe);
    expect(safe, where).not.toMatch(/[\p{C}\p{Default_Ignorable_Code_Point}]/u);
    expect(parseCells(safe).text, where).toHaveLength(stringWidth(safe));
    const cells = dice.below(30);
    expect(width(fitted(safe, cells)), where).toBe(cells);
    expect(width(cut(safe, cells)), where).toBeLessThanOrEqual(cells);
  }
});

test('the table of undisputed widths agrees with string-width, and holds nothing that joins', () => {
  for (let code = 0; code < 0x10000; code++) {
    const own = agreedWidth(code);
    if (own === 0) continue;
    const letter = String.fromCharCode(code);
    expect(stringWidth(letter), code.toString(16)).toBe(own);
    expect(letter).not.toMatch(/[\p{M}\p{Cf}\p{Emoji_Presentation}]/u);
  }
});

test('cut shows that something is missing, pad fills on the asked side', () => {
  expect(cut('container', 6)).toBe('conta…');
  expect(cut('東京サーバ', 6)).toBe('東京…');
  expect(cut('abc', 3)).toBe('abc');
  expect(cut('abc', 0)).toBe('');
  expect(cut('abc', 1)).toBe('…');
  expect(cut('abcdef', 4, '~')).toBe('abc~');
  expect(pad('ab', 5)).toBe('ab   ');
  expect(pad('ab', 5, 'right')).toBe('   ab');
  expect(pad('ab', 5, 'center')).toBe(' ab  ');
  expect(pad('\x1b[1mab\x1b[0m', 5)).toBe('\x1b[1mab\x1b[0m   ');
  expect(fitted('東京サーバ', 6, 'right')).toBe(' 東京…');
});

test('colours count nothing, wherever they stand', () => {
  const seed = freshSeed();
  const rng = random(seed);
  const pieces = [
    'a',
    'b ',
    '中',
    'é',
    'e\u0301',
    '😀',
    '\x1b[31m',
    '\x1b[0m',
    '\x1b[1;38;5;208m',
    '\x1b[4:3m',
    '\x1b[m',
    '\x1b[2K',
    '█',
    '\u0301',
  ];
  for (let n = 0; n < 2000; n++) {
    const text = Array.from({ length: rng.below(12) }, () => rng.pick(pieces)).join('');
    expect(width(text), `seed ${seed}: ${JSON.stringify(text)}`).toBe(stringWidth(text));
  }
});
