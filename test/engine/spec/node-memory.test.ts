import { expect, test } from 'vitest';
import { memoryShares, memorySum, memoryUse, type NodeMemory, oversell } from '../../../src/engine/spec/node-memory.ts';
import type { TextRow, TextUbc } from '../../../src/engine/spec/ubc-text.ts';
import { UNLIMITED } from '../../../src/engine/spec/units.ts';

const NODE: NodeMemory = { low: 1_000_000, ram: 4_096_000, swap: 4_096_000 };
const row = (name: string, held: bigint, barrier: bigint, limit: bigint, failcnt = 0n): TextRow => ({
  name,
  held,
  maxheld: held,
  barrier,
  limit,
  failcnt,
});

test('util is what is held, commit what is promised, limit what may be allocated', () => {
  const use = memoryUse([
    row('kmemsize', 10_000n, 20_000n, 30_000n),
    row('tcpsndbuf', 1000n, 2000n, 10_000n),
    row('physpages', 100n, 0n, UNLIMITED),
    row('oomguarpages', 90n, 50n, UNLIMITED),
    row('vmguarpages', 0n, 60n, UNLIMITED),
    row('privvmpages', 120n, 200n, 210n),
  ]);
  expect(use).toEqual({
    lowUtil: 11_000,
    lowCommit: 40_000,
    ramUtil: 11_000 + 100 * 4096,
    swapUtil: 11_000 + 90 * 4096,
    swapCommit: 40_000 + 50 * 4096,
    allocUtil: 11_000 + 120 * 4096,
    allocCommit: 40_000 + 60 * 4096,
    allocLimit: 40_000 + 210 * 4096,
  });
  const shares = memoryShares(memorySum([use, use]), NODE);
  expect(shares.lowUtil).toBeCloseTo(22_000 / 400_000);
  expect(shares.ramUtil).toBeCloseTo((2 * use.ramUtil) / 4_096_000);
  expect(shares.allocLimit).toBeCloseTo((2 * use.allocLimit) / 8_192_000);
});

test('RAM and swap: what nothing bounds is in no sum, and each is told why', () => {
  const ct = (id: number, ram: TextRow, swap: TextRow, more: readonly TextRow[] = []): TextUbc => ({ id, rows: [ram, ...more, swap] });
  const { rows, ram, swap } = oversell([
    ct(101, row('physpages', 5n, 0n, 100n, 2n), row('swappages', 1n, 0n, 200n)),
    ct(102, row('physpages', 7n, 0n, UNLIMITED), row('swappages', 0n, 0n, UNLIMITED), [row('privvmpages', 0n, 40n, 50n, 3n)]),
    ct(103, row('physpages', 9n, 0n, UNLIMITED), row('swappages', 0n, 0n, 10n), [row('privvmpages', 0n, UNLIMITED, UNLIMITED)]),
    ct(0, row('physpages', 1000n, 0n, 1000n), row('swappages', 0n, 0n, 1000n)),
    { id: 104, rows: [row('physpages', 1n, 0n, 100n)] },
  ]);
  expect(rows.map(({ id, flags }) => [id, ...flags])).toEqual([
    [101, 'ram-fails'],
    [102, 'guessed', 'no-swap', 'fails'],
    [103, 'no-ram'],
  ]);
  expect([ram.held, ram.limit, swap.limit, ram.failcnt]).toEqual([21n, 125n, 210n, 2n]);
});
