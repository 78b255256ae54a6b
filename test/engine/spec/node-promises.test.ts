import { expect, test } from 'vitest';
import { memorySum, memoryUse, oversell } from '../../../src/engine/spec/node-memory.ts';
import { nodePromises, soldOf } from '../../../src/engine/spec/node-promises.ts';
import { ACCOUNT_ROWS, type CtUbc } from '../../../src/engine/spec/ubc-rows.ts';
import { textUbc } from '../../../src/engine/spec/ubc-text.ts';
import { UNLIMITED } from '../../../src/engine/spec/units.ts';

const NODE = { low: 8e9, ram: 8e9, swap: 2e9 };
const CPU = { units: [{ units: 1000 }, { units: 500 }], power: 4000.7 };
const PAGE = 4096;

type Own = Readonly<Record<string, readonly [held: number, barrier: bigint, limit: bigint]>>;

/** An account of which each row is held 1, bounded by its place in the list, but for these. */
function account(id: number, own: Own = {}): CtUbc {
  const rows = ACCOUNT_ROWS.map((name, i) => {
    const [held, barrier, limit] = own[name] ?? [1, BigInt(1000 * i + 1000), BigInt(1000 * i + 1000)];
    const more = { maxheld: held, failcnt: 0, source: 'x', failSource: 'none', enforced: 'kernel', reason: '' } as const;
    return { name, held, barrier, limit, ...more };
  });
  return { id, running: true, rows };
}

const NONE = [1, UNLIMITED, UNLIMITED] as const;
const found = (accounts: readonly CtUbc[], node = NODE): Record<string, ReturnType<typeof nodePromises>[number]> =>
  Object.fromEntries(nodePromises(accounts, node, CPU).map((one) => [one.name, one]));

test('sums are those of vzmemcheck, vzoversell and vzcpucheck where beancounters bound everything', () => {
  const accounts = [account(101, { physpages: NONE }), account(102, { physpages: [700, 0n, UNLIMITED] })];
  const texts = accounts.map((one) => textUbc(one, 'bc'));
  const memory = memorySum(texts.map(({ rows }) => memoryUse(rows)));
  const sold = oversell(texts);
  expect(found(accounts)).toMatchObject({
    ram: { has: 8e9, held: 701 * PAGE, limits: Number(sold.ram.limit) * PAGE, unbounded: [] },
    swap: { has: 2e9, limits: Number(sold.swap.limit) * PAGE },
    guaranteed: { has: 1e10, held: memory.swapUtil, promised: memory.swapCommit },
    allocated: { held: memory.allocUtil, promised: memory.allocCommit, limits: memory.allocLimit },
    cpu: { has: 4000, held: null, promised: 1500 },
  });
});

/** As a sample of RAM and swap leaves it: all other counters without limits, what follows from RAM and swap as vzctl derives it. */
function ofRamAndSwap(id: number, ram: bigint, swap: bigint, own: Own = {}): CtUbc {
  const open: Own = Object.fromEntries(ACCOUNT_ROWS.map((name) => [name, NONE]));
  const derived: Own = {
    physpages: [9, 0n, ram],
    swappages: [2, 0n, swap],
    oomguarpages: [11, ram, UNLIMITED],
    vmguarpages: [0, ram + swap, UNLIMITED],
  };
  return account(id, { ...open, ...derived, ...own });
}

test('RAM and swap are promises, though all other counters are unlimited', () => {
  const all = found([ofRamAndSwap(101, 1000n, 500n), ofRamAndSwap(102, 3000n, 1000n, { privvmpages: [5, 9000n, 9000n] })]);
  expect(all).toMatchObject({
    ram: { limits: 4000 * PAGE, unbounded: [] },
    swap: { limits: 1500 * PAGE, unbounded: [] },
    guaranteed: { held: 22 * PAGE, promised: 4000 * PAGE, unbounded: [] },
    allocated: { promised: 5500 * PAGE, limits: 10_500 * PAGE, unbounded: [] },
  });
  // a guarantee beyond its RAM is none
  expect(found([ofRamAndSwap(101, 1000n, 500n, { oomguarpages: NONE })])['guaranteed']).toMatchObject({
    promised: 1000 * PAGE,
    unbounded: [],
  });
  const endless = found([ofRamAndSwap(101, 1000n, UNLIMITED)]);
  expect([endless['swap']?.unbounded, endless['allocated']?.unbounded]).toEqual([[101], [101]]);
});

test('a guarantee that nobody on the node keeps is told with whom it was given to', () => {
  const kept = ofRamAndSwap(101, 1000n, 500n);
  const unkept = (id: number, barrier: bigint): CtUbc => {
    const ct = ofRamAndSwap(id, 1000n, 500n, { oomguarpages: [1, barrier, UNLIMITED] });
    return { ...ct, rows: ct.rows.map((row) => (row.name === 'oomguarpages' ? { ...row, enforced: 'accounting-only' } : row)) };
  };
  expect(found([kept, unkept(102, 0n), unkept(103, 5n)])['guaranteed']?.unkept).toEqual([103]);
});

test('swap that the node does not have is sold beyond measure; what nobody knows is not', () => {
  const { swap, cpu, ram } = found([ofRamAndSwap(101, 1000n, 500n)], { ...NODE, swap: 0 });
  expect(swap).toMatchObject({ has: 0, limits: 500 * PAGE });
  expect([soldOf(swap as never), soldOf(ram as never)]).toEqual([Number.POSITIVE_INFINITY, (1000 * PAGE) / 8e9]);
  expect(soldOf({ ...(cpu as NonNullable<typeof cpu>), has: null })).toBeNull();
  const [none] = nodePromises([], { low: 0, ram: 0, swap: 0 }, { units: [], power: 0 });
  expect(none?.has).toBeNull();
  expect(soldOf(found([], { ...NODE, swap: 0 })['swap'] as never)).toBe(0);
});

test('who is bounded by nothing is named, and in no sum', () => {
  const accounts = [account(101), account(102, { physpages: NONE, privvmpages: NONE, swappages: NONE })];
  const [ram, swap, , allocated] = nodePromises(accounts, NODE, CPU);
  const [alone] = nodePromises([account(101)], NODE, CPU);
  expect([ram?.unbounded, swap?.unbounded, allocated?.unbounded]).toEqual([[102], [102], [102]]);
  expect(ram?.limits).toBe(alone?.limits);
});

test('a node without containers has promised nothing', () => {
  for (const { promised, limits, held } of nodePromises([], NODE, { units: [], power: 0 }))
    expect([promised ?? 0, limits ?? 0, held ?? 0]).toEqual([0, 0, 0]);
});
