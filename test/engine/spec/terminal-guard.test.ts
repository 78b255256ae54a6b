// What a container may do to a real terminal: draw, and nothing else.
import { describe, expect, test } from 'vitest';
import { TerminalGuard } from '../../../src/engine/spec/terminal-guard.ts';

const show = (...chunks: string[]): string => {
  const guard = new TerminalGuard();
  return Buffer.concat(chunks.map((chunk) => guard.filter(Buffer.from(chunk, 'latin1')))).toString('latin1');
};
const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

describe('passes', () => {
  test.each([
    'plain text\r\n\tand\b more\x07',
    '\x1b[1;31mred\x1b[0m',
    '\x1b[2J\x1b[H\x1b[10;20H\x1b[?1049h\x1b[?25l',
    '\x1b7\x1b8\x1bM\x1b(B\x1b=\x1b>',
    '\x1b[2 q\x1b[!p\x1b[s\x1b[u\x1b[>1u\x1b[<u\x1b[>4;2m\x1b[4:3;58:2::1:2:3m\x1b[3g\x1b[2;9r',
    '\x1b[1;1;2;80;3;1;1;1$v\x1b[?1000;1006h\x1b[?2004l\x1b[3b',
    '\x1b[8;24;80t\x1b[24t\x1b[132t',
    '\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\',
    '\x1b]11;rgb:00/00/00\x1b\\',
    utf8('grüße ✓ 日本 🦊  '),
  ])('%j', (bytes) => expect(show(bytes)).toBe(bytes));
});

describe('does not pass', () => {
  test.each([
    ['the clipboard', '\x1b]52;c;aGFjaw==\x07'],
    ['reading the clipboard', '\x1b]52;c;?\x1b\\'],
    ['a title', '\x1b]0;rm -rf /\x07'],
    ['an icon name', '\x1b]1;x\x1b\\'],
    ['a title read back', '\x1b[21t'],
    ['titles kept and given back', '\x1b[22;0t\x1b[23;0t'],
    ['the answer-back message', '\x05'],
    ['the old way to ask who is there', '\x1bZ'],
    ['a question for a colour', '\x1b]11;?\x07'],
    ['programmed keys', '\x1bP0;1|17/6c730d\x1b\\'],
    ['a question for a setting', '\x1bP$q"p\x1b\\'],
    ['words for a multiplexer outside', '\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\'],
    ['private messages', '\x1b^x\x1b\\\x1b_x\x1b\\\x1bXx\x1b\\'],
    ['printing', '\x1b[5i\x1b[4i'],
    ['a control of eight bits', '\x9d0;title\x9c'.slice(0, 1)],
    ['the same as UTF-8', utf8('\u009d')],
    ['the answer-back message within a sequence', '\x1b\x05[\x05m'],
    ['a string begun within an escape', '\x1b\x9d52;c;eA==\x07'],
    ['where the cursor is', '\x1b[6n\x1b[?6n\x1b[5n\x1b[006n\x1b[?996n'],
    ['who is there', '\x1b[c\x1b[0c\x1b[>c\x1b[=c\x1b[>q\x1b[x\x1b[1x'],
    ['what is set', '\x1b[4$p\x1b[?2026$p\x1b[?u\x1b[?4m\x1b[2$w\x1b[$u\x1b[&u\x1b[?1;1S\x1b[#R\x1b[1#|'],
    ['what stands on the screen', "\x1b[1;1;1;1;24;80*y\x1b['|"],
    ['sizes of windows', '\x1b[11t\x1b[13;2t\x1b[14t\x1b[16t\x1b[18t\x1b[18:0t\x1b[011t\x1b[>2t'],
    ['what the terminal can', '\x1bP+q544e\x1b\\\x1b]4;1;?\x07\x1b]10;?\x1b\\'],
    ['a desktop note', '\x1b]9;hello\x07\x1b]777;notify;a;b\x07'],
  ])('%s', (_, bytes) => expect(show(`a${bytes}b`).replace(/^a|b$/g, '')).not.toMatch(/[\x05\x80-\x9f]|\x1b(\[(?!m)|[\]PX^_Z])/));
});

test('the pieces in which bytes come do not matter', () => {
  const bytes = `x\x1b[1mb\x1b]0;evil\x07c\x1b]8;;u\x1b\\d\x1bPq\x1b\\e${utf8('ü\u009d✓')}f`;
  const whole = show(bytes);
  expect(whole).toBe(`x\x1b[1mbc\x1b]8;;u\x1b\\de${utf8('ü✓')}f`);
  for (let at = 1; at < bytes.length; at++) expect(show(bytes.slice(0, at), bytes.slice(at))).toBe(whole);
  expect(show(...bytes)).toBe(whole);
});

test('a string that never ends takes no memory and hides nothing for ever', () => {
  expect(show(`\x1b]52;${'A'.repeat(100_000)}\x07after`)).toBe('after');
  expect(show(`\x1b[${'1;'.repeat(1000)}mafter`).endsWith('after')).toBe(true);
});

test('random bytes leave nothing forbidden', () => {
  let seed = 7;
  const next = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const pieces = ['\x1b', ']', '52;', '0;', 'P', '\\', '\x07', '[', '21t', 'm', 'x', '\x05', '\xc2', '\x9d', '\x90', 'Z', ';', '?', '8;;u'];
  for (let n = 0; n < 20_000; n++) {
    const out = show(Array.from({ length: next(14) }, () => pieces[next(pieces.length)]).join(''));
    expect(out).not.toMatch(/\x05|\x1b\](0|52);|\x1bP|\x1bZ|\x1b\[21t|\xc2[\x80-\x9f]/);
  }
});
