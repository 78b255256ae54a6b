// What all containers together hold, were promised and may take of a node, against what it has: the sums of vzmemcheck, vzoversell and vzcpucheck in
// one picture. Amounts are in bytes, CPU in OpenVZ's units. Knows no file, and asks nobody.
import { type MemoryColumn, memoryUse, type NodeMemory, oversell } from './node-memory.ts';
import type { CtUbc } from './ubc-rows.ts';
import { type TextUbc, textUbc } from './ubc-text.ts';
import { PAGE } from './units.ts';

/** One thing that a node has so much of. */
export interface NodePromise {
  /**
   * ram, swap: limits, as vzoversell adds them up · guaranteed: memory that is spared when the node runs out (MemSwap of vzmemcheck) · allocated:
   * memory that may be asked for (Alloc of vzmemcheck) · cpu: units, as vzcpucheck adds them up
   */
  readonly name: 'ram' | 'swap' | 'guaranteed' | 'allocated' | 'cpu';
  /** What the node has; 0: nobody knows. */
  readonly has: number;
  /** null: nobody counts it. */
  readonly held: number | null;
  /** What is guaranteed; null where nothing is. */
  readonly promised: number | null;
  /** What they may take at most, without the unbounded ones; null where nothing bounds any. */
  readonly limits: number | null;
  /** Containers that nothing bounds: they are in no sum. */
  readonly unbounded: readonly number[];
}

/** More is no limit, whatever was added to it. */
const NO_LIMIT = 2 ** 62;

const sum = (of: readonly number[]): number => of.reduce((all, n) => all + n, 0);

interface Summed {
  readonly total: number;
  readonly unbounded: readonly number[];
}

function column(accounts: readonly TextUbc[], name: MemoryColumn): Summed {
  const all = accounts.map(({ id, rows }) => ({ id: id ?? 0, bytes: memoryUse(rows)[name] }));
  return {
    total: sum(all.filter(({ bytes }) => bytes < NO_LIMIT).map(({ bytes }) => bytes)),
    unbounded: all.filter(({ bytes }) => bytes >= NO_LIMIT).map(({ id }) => id),
  };
}

const bytes = (pages: bigint): number => Number(pages * PAGE);

/**
 * @param accounts of containers that run
 * @param cpu units of the node itself and of all that runs, and what the node's CPUs are worth; 0 where the kernel does not say
 */
export function nodePromises(
  accounts: readonly CtUbc[],
  node: NodeMemory,
  cpu: { readonly units: readonly { readonly units: number }[]; readonly power: number },
): readonly NodePromise[] {
  const texts = accounts.map((account) => textUbc(account, 'bc'));
  const sold = oversell(texts);
  const without = (flag: 'no-ram' | 'no-swap'): readonly number[] =>
    sold.rows.filter(({ flags }) => flags.includes(flag)).map(({ id }) => id);
  const all = node.ram + node.swap;
  const [spared, allocated] = [column(texts, 'swapCommit'), column(texts, 'allocLimit')];
  return [
    {
      name: 'ram',
      has: node.ram,
      held: bytes(sold.ram.held),
      promised: null,
      limits: bytes(sold.ram.limit),
      unbounded: without('no-ram'),
    },
    {
      name: 'swap',
      has: node.swap,
      held: bytes(sold.swap.held),
      promised: null,
      limits: bytes(sold.swap.limit),
      unbounded: without('no-swap'),
    },
    {
      name: 'guaranteed',
      has: all,
      held: column(texts, 'swapUtil').total,
      promised: spared.total,
      limits: null,
      unbounded: spared.unbounded,
    },
    {
      name: 'allocated',
      has: all,
      held: column(texts, 'allocUtil').total,
      promised: column(texts, 'allocCommit').total,
      limits: allocated.total,
      unbounded: allocated.unbounded,
    },
    {
      name: 'cpu',
      has: Math.floor(cpu.power),
      held: null,
      promised: sum(cpu.units.map(({ units }) => units)),
      limits: null,
      unbounded: [],
    },
  ];
}
