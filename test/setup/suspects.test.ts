// Files of test/kernel run beside each other: what one leaves behind is found, and laid at nobody's door who cannot have left it.
import { expect, test } from 'vitest';
import { begun, ended, leftBy, looked, NOBODY } from '../kernel/suspects.ts';

const NODE = ['the node’s'];

test('what was there before is nobody’s, and what is left by one alone is its own', () => {
  const first = begun(looked(NOBODY, NODE), 1, 'a');
  expect(leftBy(looked(first, NODE), 1)).toEqual([]);
  expect(leftBy(looked(first, [...NODE, 'left']), 1)).toEqual([['left', ['a']]]);
});

test('what one that runs beside it has at its end is no leak, and is one when both have ended', () => {
  const both = begun(looked(begun(looked(NOBODY, NODE), 1, 'a'), NODE), 2, 'b');
  const seen = looked(both, [...NODE, 'used']);
  expect(leftBy(seen, 1)).toEqual([]);
  const rest = ended(seen, 1);
  expect(leftBy(looked(rest, NODE), 2)).toEqual([]);
  expect(leftBy(looked(rest, [...NODE, 'used']), 2)).toEqual([['used', ['a', 'b']]]);
});

test('what was there when it began is not its own, though another’s', () => {
  const one = begun(looked(NOBODY, NODE), 1, 'a');
  const both = begun(looked(one, [...NODE, 'of a']), 2, 'b');
  expect(leftBy(looked(both, [...NODE, 'of a']), 2)).toEqual([]);
  const rest = ended(looked(both, [...NODE, 'of a']), 2);
  expect(leftBy(looked(rest, [...NODE, 'of a']), 1)).toEqual([['of a', ['a']]]);
});

test('it is found however many come after in its place beside one that goes on', () => {
  let seen = begun(looked(begun(looked(NOBODY, NODE), 1, 'long'), NODE), 2, 'leaks');
  seen = ended(looked(seen, [...NODE, 'left']), 2);
  for (const pid of [3, 4]) {
    seen = begun(looked(seen, [...NODE, 'left']), pid, `short ${pid}`);
    expect(leftBy(looked(seen, [...NODE, 'left']), pid)).toEqual([]);
    seen = ended(seen, pid);
  }
  expect(leftBy(looked(seen, [...NODE, 'left']), 1)).toEqual([['left', ['long', 'leaks']]]);
});

test('what has been told is not told again', () => {
  const seen = looked(begun(looked(begun(looked(NOBODY, NODE), 1, 'a'), NODE), 2, 'b'), NODE);
  const told = ended(ended(looked(seen, [...NODE, 'left']), 1), 2);
  expect(told.things['left']).toEqual([]);
  expect(leftBy(looked(begun(told, 3, 'c'), [...NODE, 'left']), 3)).toEqual([]);
});
