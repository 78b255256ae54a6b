import { expect, test } from 'vitest';
import { isCtid, matchesPattern, parseCtid, parseRange } from '../../../src/engine/spec/ctid.ts';

test.each([
  ['101', 101],
  ['+101', 101],
  [' 101', 101],
  ['0101', 101],
  ['', 0],
  ['-1', -1],
])('%o is the number %d', (text, id) => expect(parseCtid(text)).toBe(id));
test.each(['101 ', '101x', '0x65', '1e2', 'web', ' ', '+'])('%o is a name', (text) => expect(parseCtid(text)).toBeNull());

test('ids end at 2147483644', () => {
  expect(isCtid(2_147_483_644)).toBe(true);
  expect(isCtid(2_147_483_645)).toBe(false);
  expect(isCtid(-1)).toBe(false);
});

test('ranges are short and ascend', () => {
  expect(parseRange('101-103')).toEqual([101, 102, 103]);
  for (const text of ['103-101', '0-5', '101-', '101', '1-99999999']) expect(parseRange(text)).toBeNull();
});

test.each([
  ['web*', 'web1.example.com', true],
  ['*.example.com', 'web1.example.com', true],
  ['web?', 'web1', true],
  ['web?', 'web', false],
  ['w[ae]b', 'web', true],
  ['w[!ae]b', 'web', false],
  ['w[a-f]b', 'web', true],
  ['[', '[', true],
  ['w\\*', 'w*', true],
  ['w\\*', 'web', false],
  ['a.c', 'abc', false],
  ['(a)+', '(a)+', true],
  ['*', '', true],
])('pattern %o on %o: %o', (pattern, text, fits) => expect(matchesPattern(pattern, text)).toBe(fits));
