// What all containers together hold, were promised and may take of a node, against what it has: the sums of vzmemcheck, vzoversell and vzcpucheck in
// one picture. Amounts are in bytes, CPU in OpenVZ's units. Knows no file, and asks nobody.
import { memoryUse, type NodeMemory, oversell } from './node-memory.ts';
import type { CtUbc } from './ubc-rows.ts';
import { type TextRow, textUbc } from './ubc-text.ts';
import { PAGE } from './units.ts';

/** One thing that a node has so much of. */
export interface NodePromise {
  /**
   * ram, swap: limits, as vzoversell adds them up · guaranteed: memory that is spared when the node runs out (MemSwap of vzmemcheck) · allocated:
   * memory that may be asked for (Alloc of vzmemcheck) · cpu: units, as vzcpucheck adds them up
   */
  readonly name: 'ram' | 'swap' | 'guaranteed' | 'allocated' | 'cpu';
  /** What the node has; null: nobody knows. */
  readonly has: number | null;
  /** null: nobody counts it. */
  readonly held: number | null;
  /** What is guaranteed; null where nothing is. */
  readonly promised: number | null;
  /** What they may take at most, without the unbounded ones; null where nothing bounds any. */
  readonly limits: number | null;
  /** Containers that nothing bounds: they are in no sum. */
  readonly unbounded: readonly number[];
  /** Containers to which nobody on this node keeps what they were promised. */
  readonly unkept?: readonly number[];
}

/**
 * The greater of what is promised and what may be taken, as a part of what there is: Infinity where some of what is not there at all was sold, null
 * where nobody knows what there is.
 */
export function soldOf({ has, promised, limits }: Pick<NodePromise, 'has' | 'promised' | 'limits'>): number | null {
  const most = Math.max(promised ?? 0, limits ?? 0);
  if (has === null) return null;
  return most === 0 ? 0 : most / has;
}

/** More is no limit, whatever was added to it. */
const NO_LIMIT = 2 ** 62;

/** Bytes of one container. */
type Memory = Readonly<Record<'spared' | 'sparedUse' | 'allocated' | 'allocatedMost' | 'allocatedUse', number>>;

/**
 * By RAM and swap, where these bound a container: whatever it takes comes out of them, the kernel's memory for it, too, so that counters without
 * limits add nothing, and no guarantee reaches beyond. Otherwise by its beancounters, as vzmemcheck adds them up.
 */
function memoryOf(rows: readonly TextRow[]): Memory {
  const figure = (name: string, part: 'held' | 'barrier' | 'limit'): number =>
    Number(rows.find((row) => row.name === name)?.[part] ?? 0n) * Number(PAGE);
  const ram = figure('physpages', 'limit');
  if (ram === 0 || ram >= NO_LIMIT) {
    const use = memoryUse(rows);
    return {
      spared: use.swapCommit,
      sparedUse: use.swapUtil,
      allocated: use.allocCommit,
      allocatedMost: use.allocLimit,
      allocatedUse: use.allocUtil,
    };
  }
  const both = ram + figure('swappages', 'limit');
  const most = figure('privvmpages', 'limit');
  return {
    spared: Math.min(figure('oomguarpages', 'barrier'), ram),
    sparedUse: figure('oomguarpages', 'held'),
    allocated: Math.min(figure('vmguarpages', 'barrier'), both),
    allocatedMost: most < NO_LIMIT ? most : both,
    allocatedUse: figure('privvmpages', 'held'),
  };
}

const isUnkept = ({ rows }: CtUbc): boolean =>
  rows.some(({ name, barrier, enforced }) => name === 'oomguarpages' && barrier > 0n && enforced === 'accounting-only');

const sum = (of: readonly number[]): number => of.reduce((all, n) => all + n, 0);

interface Summed {
  readonly total: number;
  readonly unbounded: readonly number[];
}

function column(all: readonly { readonly id: number; readonly memory: Memory }[], name: keyof Memory): Summed {
  return {
    total: sum(all.map(({ memory }) => memory[name]).filter((bytes) => bytes < NO_LIMIT)),
    unbounded: all.filter(({ memory }) => memory[name] >= NO_LIMIT).map(({ id }) => id),
  };
}

const bytes = (pages: bigint): number => Number(pages * PAGE);
/** What /proc does not say is 0 there; a node without memory or CPUs there is not. */
const known = (figure: number): number | null => (figure > 0 ? figure : null);

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
  const memories = texts.map(({ id, rows }) => ({ id: id ?? 0, memory: memoryOf(rows) }));
  const sold = oversell(texts);
  const without = (flag: 'no-ram' | 'no-swap'): readonly number[] =>
    sold.rows.filter(({ flags }) => flags.includes(flag)).map(({ id }) => id);
  const all = known(node.ram) && node.ram + node.swap;
  const [spared, allocated] = [column(memories, 'spared'), column(memories, 'allocatedMost')];
  return [
    {
      name: 'ram',
      has: known(node.ram),
      held: bytes(sold.ram.held),
      promised: null,
      limits: bytes(sold.ram.limit),
      unbounded: without('no-ram'),
    },
    {
      name: 'swap',
      has: known(node.ram) && node.swap,
      held: bytes(sold.swap.held),
      promised: null,
      limits: bytes(sold.swap.limit),
      unbounded: without('no-swap'),
    },
    {
      name: 'guaranteed',
      has: all,
      held: column(memories, 'sparedUse').total,
      promised: spared.total,
      limits: null,
      unbounded: spared.unbounded,
      unkept: accounts.filter(isUnkept).map(({ id }) => id),
    },
    {
      name: 'allocated',
      has: all,
      held: column(memories, 'allocatedUse').total,
      promised: column(memories, 'allocated').total,
      limits: allocated.total,
      unbounded: allocated.unbounded,
    },
    {
      name: 'cpu',
      has: known(Math.floor(cpu.power)),
      held: null,
      promised: sum(cpu.units.map(({ units }) => units)),
      limits: null,
      unbounded: [],
    },
  ];
}
