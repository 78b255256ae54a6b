import { expect, test } from 'vitest';
import { memorySum, memoryUse, oversell } from '../../../src/engine/spec/node-memory.ts';
import { nodePromises } from '../../../src/engine/spec/node-promises.ts';
import { ACCOUNT_ROWS, type CtUbc } from '../../../src/engine/spec/ubc-rows.ts';
import { textUbc } from '../../../src/engine/spec/ubc-text.ts';
import { UNLIMITED } from '../../../src/engine/spec/units.ts';

const NODE = { low: 8e9, ram: 8e9, swap: 2e9 };
const CPU = { units: [{ units: 1000 }, { units: 500 }], power: 4000.7 };
const PAGE = 4096;

/** An account of which each row is held 1, bounded by its place in the list, but for these. */
function account(id: number, own: Readonly<Record<string, readonly [held: number, barrier: bigint, limit: bigint]>> = {}): CtUbc {
  const rows = ACCOUNT_ROWS.map((name, i) => {
    const [held, barrier, limit] = own[name] ?? [1, BigInt(1000 * i + 1000), BigInt(1000 * i + 1000)];
    const more = { maxheld: held, failcnt: 0, source: 'x', failSource: 'none', enforced: 'kernel', reason: '' } as const;
    return { name, held, barrier, limit, ...more };
  });
  return { id, running: true, rows };
}

test('sums are those of vzmemcheck, vzoversell and vzcpucheck where everything is bounded', () => {
  const accounts = [account(101), account(102, { physpages: [700, 0n, 5000n] })];
  const texts = accounts.map((one) => textUbc(one, 'bc'));
  const memory = memorySum(texts.map(({ rows }) => memoryUse(rows)));
  const sold = oversell(texts);
  const found = Object.fromEntries(nodePromises(accounts, NODE, CPU).map((one) => [one.name, one]));
  expect(found).toMatchObject({
    ram: { has: 8e9, held: 701 * PAGE, limits: Number(sold.ram.limit) * PAGE, unbounded: [] },
    swap: { has: 2e9, limits: Number(sold.swap.limit) * PAGE },
    guaranteed: { has: 1e10, held: memory.swapUtil, promised: memory.swapCommit },
    allocated: { held: memory.allocUtil, promised: memory.allocCommit, limits: memory.allocLimit },
    cpu: { has: 4000, held: null, promised: 1500 },
  });
});

test('who is bounded by nothing is named, and in no sum', () => {
  const none = [1, UNLIMITED, UNLIMITED] as const;
  const accounts = [account(101), account(102, { physpages: none, privvmpages: none, swappages: none })];
  const [ram, swap, , allocated] = nodePromises(accounts, NODE, CPU);
  const [alone] = nodePromises([account(101)], NODE, CPU);
  expect([ram?.unbounded, swap?.unbounded, allocated?.unbounded]).toEqual([[102], [102], [102]]);
  expect(ram?.limits).toBe(alone?.limits);
});

test('a node without containers has promised nothing', () => {
  for (const { promised, limits, held } of nodePromises([], NODE, { units: [], power: 0 }))
    expect([promised ?? 0, limits ?? 0, held ?? 0]).toEqual([0, 0, 0]);
});
