// Who comes up with the node, and in which order.
import { expect, test } from 'vitest';
import { bootGroups, startsAtBoot } from '../../../src/engine/ct/boot-order.ts';

const ct = (id: number, values: Readonly<Record<string, string>> = {}) => ({ id, values: new Map(Object.entries(values)) });

test('yes starts, no does not, and nothing said starts what was up; what is disabled never does', () => {
  const up = new Set([1, 2, 3, 4]);
  const starts = (id: number, values: Readonly<Record<string, string>>): boolean => startsAtBoot(ct(id, values), up);
  expect([starts(1, {}), starts(9, {})]).toEqual([true, false]);
  expect([starts(9, { ONBOOT: 'yes' }), starts(2, { ONBOOT: 'no' })]).toEqual([true, false]);
  expect([starts(3, { DISABLED: 'yes' }), starts(4, { DISABLED: 'yes', ONBOOT: 'yes' }), starts(4, { DISABLED: 'no' })]).toEqual([
    false,
    false,
    true,
  ]);
});

test('the highest order is first, those of one order are together by id, and those without one are last', () => {
  const order = [
    ct(101),
    ct(105, { BOOTORDER: '0' }),
    ct(104, { BOOTORDER: '9' }),
    ct(103, { BOOTORDER: '10' }),
    ct(102, { BOOTORDER: '9' }),
    ct(100),
  ];
  expect(bootGroups(order).map((group) => group.map(({ id }) => id))).toEqual([[103], [102, 104], [105], [100, 101]]);
});
