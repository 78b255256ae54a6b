import { describe, expect, test } from 'vitest';
import { editLine, type LineInput, lineInput, typeLine } from '../../../src/tui/forms/line-input.ts';

const keys = (text: string, ...list: readonly string[]): LineInput =>
  list.reduce((input, key) => editLine(input, key) ?? input, lineInput(text));

describe('a line', () => {
  test('takes text at its cursor', () => {
    expect(typeLine(keys('wb', 'left'), 'e')).toEqual({ text: 'web', cursor: 2 });
    expect(typeLine(keys('eb', 'home'), 'w')).toEqual({ text: 'web', cursor: 1 });
  });

  test.each([
    [['backspace'], 'on', 2],
    [['left', 'backspace'], 'oe', 1],
    [['home', 'delete'], 'ne', 0],
    [['home', 'backspace'], 'one', 0],
    [['delete'], 'one', 3],
    [['left', 'ctrl-u'], 'e', 0],
    [['home', 'right', 'ctrl-k'], 'o', 1],
    [['left', 'left', 'left', 'left', 'left'], 'one', 0],
    [['right'], 'one', 3],
  ])('after %j', (list, text, cursor) => {
    expect(keys('one', ...list)).toEqual({ text, cursor });
  });

  test('deletes words backwards', () => {
    expect(keys('one two  ', 'ctrl-w')).toEqual({ text: 'one ', cursor: 4 });
  });

  test('moves over what people see as one character', () => {
    const family = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}';
    expect(keys(`a${family}e\u0301`, 'backspace')).toEqual({ text: `a${family}`, cursor: 2 });
    expect(keys(`a${family}`, 'backspace').text).toBe('a');
  });

  test('leaves keys alone that edit nothing', () => {
    expect(editLine(lineInput('x'), 'up')).toBeNull();
    expect(editLine(lineInput('x'), 'enter')).toBeNull();
  });

  test('makes one line of a paste, without what would do more than draw', () => {
    expect(typeLine(lineInput(), 'one\r\ntwo\tthree\x1b[2J').text).toBe('one two three [2J');
  });

  test('is bounded', () => {
    expect(typeLine(lineInput(), 'x'.repeat(100_000)).text.length).toBe(512);
  });
});
