import { expect, test } from 'vitest';
import { FIRST_BASE, placeOf, RANGE } from '../../../src/engine/spec/id-range.ts';

test('a container of a node begins at its id, one of a prefix at the place of the prefix', () => {
  expect([1, 101].map((id) => placeOf('', id))).toEqual([0, 100]);
  const [one, other] = ['45498672', 'c08817b7'].map((tag) => placeOf(tag, 101)) as [number, number];
  expect(placeOf('45498672', 102)).toBe(one + 1);
  expect(Math.abs(one - other)).toBeGreaterThan(200);
});

test('no prefix begins so high that signed numbers of 32 bits do not hold the ids of its first containers', () => {
  for (const tag of ['00000000', 'ffffffff', '00000dff', 'deadbeef'])
    expect(FIRST_BASE + (placeOf(tag, 500) + 1) * RANGE).toBeLessThanOrEqual(2 ** 31);
});
