// Limits as writes into control files: one entry per controller and version. Knows the files and their order rules; refuses to know where
// the group lies or why a limit changes. Kernels from 5.12 on, so v1's memory.use_hierarchy is always 1.
import { VzError } from '../errors.ts';
import { PERIOD, quotaOf, sharesOf, weightOf } from './cpu.ts';
import type { Limits } from './face.ts';

export interface Write {
  readonly file: string;
  readonly text: string;
}

/** A group as it is. */
export interface Group {
  /** Content of a file without its newline, null when it is not there. */
  read(file: string): string | null;
  has(file: string): boolean;
}

interface Dialect {
  /** Values that a new group has anyway. */
  readonly fresh: Readonly<Record<string, string>>;
  /** All writes, in an order that is right for a new group. */
  readonly writes: (limits: Limits, swap: boolean) => readonly Write[];
  /** The same for a group in use. */
  readonly rewrite?: (writes: readonly Write[], group: Group) => readonly Write[];
  /** Written into a new group whatever the limits. */
  readonly once?: (group: Group) => readonly Write[];
}

const PAGE = 4096;
const NONE_V1 = '-1';
const LIMIT = 'memory.limit_in_bytes';
const MEMSW = 'memory.memsw.limit_in_bytes';
const TCP = 'memory.kmem.tcp.limit_in_bytes';

const max = (n: number | null): string => (n === null ? 'max' : String(n));
const bytesV1 = (n: number | null): string => (n === null ? NONE_V1 : String(n));

/**
 * v1 limits the sum of memory and swap. At least one page lies between the two limits: with equal ones the kernel kills (6.18) without
 * counting a failure.
 */
function memsw({ memory, swap }: Limits): number | null {
  return memory === null || swap === null ? null : memory + Math.max(swap, PAGE);
}

/** The kernel refuses memory > memory+swap at any moment, so a limit above the present sum comes after the new sum, any other before it. */
function orderPair(writes: readonly Write[], group: Group): readonly Write[] {
  const limit = writes.find((w) => w.file === LIMIT);
  const sum = Number(group.read(MEMSW) ?? Number.POSITIVE_INFINITY);
  const raised = limit !== undefined && (limit.text === NONE_V1 || Number(limit.text) > sum);
  return raised ? [...writes].reverse() : writes;
}

/**
 * A write to memory.max kills when it cannot reclaim. Reclaiming what is too much beforehand fails instead (memory.reclaim, from kernel
 * 5.19 on), as a write to v1's limit does.
 */
function reclaimFirst(writes: readonly Write[], group: Group): readonly Write[] {
  const limit = writes.find((w) => w.file === 'memory.max');
  const excess = Number(group.read('memory.current') ?? 0) - Number(limit?.text);
  return excess > 0 && group.has('memory.reclaim') ? [{ file: 'memory.reclaim', text: String(excess) }, ...writes] : writes;
}

export const DIALECTS: Readonly<Record<string, Readonly<Record<1 | 2, Dialect>>>> = {
  pids: {
    1: { fresh: { 'pids.max': 'max' }, writes: ({ numproc }) => [{ file: 'pids.max', text: max(numproc) }] },
    2: { fresh: { 'pids.max': 'max' }, writes: ({ numproc }) => [{ file: 'pids.max', text: max(numproc) }] },
  },
  memory: {
    1: {
      fresh: { [LIMIT]: NONE_V1, [MEMSW]: NONE_V1 },
      writes: (limits, swap) => [
        { file: LIMIT, text: bytesV1(limits.memory) },
        ...(swap ? [{ file: MEMSW, text: bytesV1(memsw(limits)) }] : []),
      ],
      rewrite: orderPair,
      // TCP buffers are neither counted nor charged until this has been written once.
      once: (group) => (group.has(TCP) ? [{ file: TCP, text: NONE_V1 }] : []),
    },
    2: {
      fresh: { 'memory.max': 'max', 'memory.swap.max': 'max' },
      writes: ({ memory, swap }, canSwap) => [
        { file: 'memory.max', text: max(memory) },
        ...(canSwap ? [{ file: 'memory.swap.max', text: max(swap) }] : []),
      ],
      rewrite: reclaimFirst,
    },
  },
  cpu: {
    1: {
      fresh: { 'cpu.shares': '1024', 'cpu.cfs_quota_us': NONE_V1 },
      writes: (limits) => [
        { file: 'cpu.shares', text: String(sharesOf(limits.cpuunits)) },
        { file: 'cpu.cfs_quota_us', text: bytesV1(quotaOf(limits)) },
      ],
    },
    2: {
      fresh: { 'cpu.weight': '100', 'cpu.max': `max ${PERIOD}` },
      writes: (limits) => [
        { file: 'cpu.weight', text: String(weightOf(limits.cpuunits)) },
        { file: 'cpu.max', text: `${max(quotaOf(limits))} ${PERIOD}` },
      ],
    },
  },
};

/** Writes for a new group: only what differs from the kernel's defaults. */
export function newLimits(dialect: Dialect, limits: Limits, swap: boolean, group: Group): readonly Write[] {
  return [...(dialect.once?.(group) ?? []), ...dialect.writes(limits, swap).filter((w) => dialect.fresh[w.file] !== w.text)];
}

/** Writes for a group in use: all of them, in the order that its present values ask for. */
export function changedLimits(dialect: Dialect, limits: Limits, swap: boolean, group: Group): readonly Write[] {
  const writes = dialect.writes(limits, swap);
  return dialect.rewrite?.(writes, group) ?? writes;
}

/** An update failed because the group holds more than the new limit and nothing of it can be reclaimed. */
export function isBelowUse(error: unknown): boolean {
  if (!(error instanceof VzError) || error.code !== 'launch-failed') return false;
  const { path, errno } = error.fields;
  return /\/memory\.(reclaim|limit_in_bytes|memsw\.limit_in_bytes)$/.test(String(path)) && (errno === 'EBUSY' || errno === 'EAGAIN');
}
