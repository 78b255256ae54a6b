// What containers take of a node's memory, hold of it and are promised: the columns of vzcalc and vzmemcheck as data, and vzoversell's sums.
// Amounts are in bytes. Knows no file.
import { isUnlimited } from './ubc-short.ts';
import type { TextRow, TextUbc } from './ubc-text.ts';
import { PAGE } from './units.ts';

/** Bytes of what a node has. */
export interface NodeMemory {
  /** Memory that a kernel of 32 bits can use for itself; elsewhere all of it. */
  readonly low: number;
  readonly ram: number;
  readonly swap: number;
}

/** The kernel may use so much of low memory for containers. */
const LOW_SHARE = 0.4;

/** What a column is a share of. */
export const CAPACITY = {
  low: ({ low }: NodeMemory) => low * LOW_SHARE,
  ram: ({ ram }: NodeMemory) => ram,
  all: ({ ram, swap }: NodeMemory) => ram + swap,
} as const;

type Part = 'held' | 'barrier' | 'limit';

interface Column {
  readonly of: keyof typeof CAPACITY;
  /** Of kernel memory and socket buffers: what is held, or what may be. */
  readonly kernel: 'held' | 'limit';
  /** Pages that come on top. */
  readonly pages: readonly [name: string, part: Part] | null;
}

/** In the order of vzmemcheck: util is what is held, commit what is promised, limit what may be allocated. */
export const MEMORY_COLUMNS = {
  lowUtil: { of: 'low', kernel: 'held', pages: null },
  lowCommit: { of: 'low', kernel: 'limit', pages: null },
  ramUtil: { of: 'ram', kernel: 'held', pages: ['physpages', 'held'] },
  swapUtil: { of: 'all', kernel: 'held', pages: ['oomguarpages', 'held'] },
  swapCommit: { of: 'all', kernel: 'limit', pages: ['oomguarpages', 'barrier'] },
  allocUtil: { of: 'all', kernel: 'held', pages: ['privvmpages', 'held'] },
  allocCommit: { of: 'all', kernel: 'limit', pages: ['vmguarpages', 'barrier'] },
  allocLimit: { of: 'all', kernel: 'limit', pages: ['privvmpages', 'limit'] },
} as const satisfies Readonly<Record<string, Column>>;

export type MemoryColumn = keyof typeof MEMORY_COLUMNS;
export const MEMORY_COLUMN_NAMES = Object.keys(MEMORY_COLUMNS) as readonly MemoryColumn[];

const KERNEL = ['kmemsize', 'tcprcvbuf', 'tcpsndbuf', 'dgramrcvbuf', 'othersockbuf'] as const;

export type MemoryUse = Readonly<Record<MemoryColumn, number>>;

const record = (of: (column: MemoryColumn) => number): MemoryUse =>
  Object.fromEntries(MEMORY_COLUMN_NAMES.map((column) => [column, of(column)])) as Record<MemoryColumn, number>;

/** Bytes per column; a beancounter that is not among the rows counts as 0, no limit as what LONG_MAX is. */
export function memoryUse(rows: readonly TextRow[]): MemoryUse {
  const named = new Map(rows.map((row) => [row.name, row]));
  const figure = (name: string, part: Part): number => Number(named.get(name)?.[part] ?? 0n);
  return record((column) => {
    const { kernel, pages }: Column = MEMORY_COLUMNS[column];
    const sum = KERNEL.reduce((total, name) => total + figure(name, kernel), 0);
    return pages === null ? sum : figure(...pages) * Number(PAGE) + sum;
  });
}

/** The same as fractions of what the node has. */
export function memoryShares(use: MemoryUse, node: NodeMemory): MemoryUse {
  return record((column) => use[column] / CAPACITY[MEMORY_COLUMNS[column].of](node));
}

/** Of all containers together. */
export function memorySum(uses: readonly MemoryUse[]): MemoryUse {
  return record((column) => uses.reduce((sum, use) => sum + use[column], 0));
}

export interface Oversold {
  readonly held: bigint;
  readonly maxheld: bigint;
  /** 0n: none that could be summed up. */
  readonly limit: bigint;
  readonly failcnt: bigint;
}

/** guessed: nothing bounds its RAM, half of privvmpages is taken; no-ram, no-swap: nothing bounds it at all, and it is in no sum; ram-fails: nothing else was refused. */
export type OversellFlag = 'guessed' | 'no-ram' | 'no-swap' | 'ram-fails' | 'fails';

/** RAM and swap of one container, in pages, with what to think of it. */
export interface OversellRow {
  readonly id: number;
  readonly ram: Oversold;
  readonly swap: Oversold;
  readonly flags: readonly OversellFlag[];
}

const NOTHING: Oversold = { held: 0n, maxheld: 0n, limit: 0n, failcnt: 0n };

function oversellRow({ id, rows }: TextUbc): OversellRow | null {
  const of = (name: string): TextRow | undefined => rows.find((row) => row.name === name);
  const swap = of('swappages');
  if (id === null || id <= 0 || !swap) return null;
  const ram = of('physpages') ?? NOTHING;
  const promised = of('privvmpages')?.limit ?? 0n;
  const guessed = ram.limit === 0n || isUnlimited(ram.limit);
  const noRam = guessed && isUnlimited(promised);
  const noSwap = isUnlimited(swap.limit);
  const fails = rows.reduce((sum, { failcnt }) => sum + failcnt, 0n);
  const flags: readonly (readonly [boolean, OversellFlag])[] = [
    [guessed && !noRam, 'guessed'],
    [noRam, 'no-ram'],
    [noSwap, 'no-swap'],
    [fails > 0n && fails === ram.failcnt, 'ram-fails'],
    [fails !== ram.failcnt, 'fails'],
  ];
  return {
    id,
    ram: { ...ram, limit: noRam ? 0n : guessed ? promised / 2n : ram.limit },
    swap: { ...swap, limit: noSwap ? 0n : swap.limit },
    flags: flags.flatMap(([holds, flag]) => (holds ? [flag] : [])),
  };
}

const total = (all: readonly Oversold[]): Oversold =>
  all.reduce(
    (sum, one) => ({
      held: sum.held + one.held,
      maxheld: sum.maxheld + one.maxheld,
      limit: sum.limit + one.limit,
      failcnt: sum.failcnt + one.failcnt,
    }),
    NOTHING,
  );

/** Containers of RAM and swap against what the node has; the node itself and texts without swappages are left out. */
export function oversell(accounts: readonly TextUbc[]): {
  readonly rows: readonly OversellRow[];
  readonly ram: Oversold;
  readonly swap: Oversold;
} {
  const rows = accounts.flatMap((account) => oversellRow(account) ?? []);
  return { rows, ram: total(rows.map(({ ram }) => ram)), swap: total(rows.map(({ swap }) => swap)) };
}
