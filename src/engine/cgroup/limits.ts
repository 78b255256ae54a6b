// Limits as writes into control files, and back: one row per thing that can be set on its own, with its files in both cgroup versions. Knows
// the files and their order rules; refuses to know where a group lies or why a limit changes. Kernels from 5.12 on, so v1's
// memory.use_hierarchy is always 1.
import { VzError } from '../errors.ts';
import { PAGE } from '../spec/units.ts';
import { limitOfQuota, PERIOD, quotaOf, sharesOf, unitsOfShares, unitsOfWeight, weightOf } from './cpu.ts';
import type { Limits } from './face.ts';
import { IO_ROWS } from './io.ts';
import type { Dialect, Group, Row, Write } from './limit-row.ts';

const PAGE_BYTES = Number(PAGE);
const NONE_V1 = '-1';
const LIMIT = 'memory.limit_in_bytes';
const MEMSW = 'memory.memsw.limit_in_bytes';
const TCP = 'memory.kmem.tcp.limit_in_bytes';

const max = (n: number | null): string => (n === null ? 'max' : String(n));
const bytesV1 = (n: number | null): string => (n === null ? NONE_V1 : String(n));

/** v1 says "no limit" as the largest multiple of the page size. */
const V1_UNLIMITED = 2 ** 62;

/** A control file's number, null for none. */
function numberIn(text: string | null): number | null {
  const n = text === null || text === 'max' ? Number.POSITIVE_INFINITY : Number(text);
  return n >= V1_UNLIMITED || n < 0 || Number.isNaN(n) ? null : n;
}

/**
 * v1 limits the sum of memory and swap. At least one page lies between the two limits: with equal ones the kernel kills (6.18) without
 * counting a failure.
 */
function memsw({ memory, swap }: Limits): number | null {
  return memory === null || swap === null ? null : memory + Math.max(swap, PAGE_BYTES);
}

/** The page that always lies between them is no swap. */
const swapIn = (between: number): number => (between <= PAGE_BYTES ? 0 : between);

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
  return excess > 0 && group.has(RECLAIM) ? [{ file: RECLAIM, text: String(excess) }, ...writes] : writes;
}

/** Asked for once, and nothing that could be taken back. */
const RECLAIM = 'memory.reclaim';

const pids: Dialect = {
  writes: ({ numproc }) => [{ file: 'pids.max', text: max(numproc) }],
  held: (group) => ({ numproc: numberIn(group.read('pids.max')) }),
  use: 'pids.current',
};

/** v2's word for: as the group above. v1 has none, and takes the very list. */
const AS_ABOVE = '';
const maskWrites = ({ cpumask, nodemask }: Limits): readonly Write[] => [
  { file: 'cpuset.cpus', text: cpumask ?? AS_ABOVE },
  { file: 'cpuset.mems', text: nodemask ?? AS_ABOVE },
];
/** Memory follows its processes to other nodes; v2 sees to it itself. */
const MIGRATE: Write = { file: 'cpuset.memory_migrate', text: '1' };

export const ROWS: readonly Row[] = [
  { controller: 'pids', of: ['numproc'], 1: pids, 2: pids },
  {
    controller: 'memory',
    of: ['memory', 'swap'],
    1: {
      writes: (limits, swap) => [
        { file: LIMIT, text: bytesV1(limits.memory) },
        ...(swap ? [{ file: MEMSW, text: bytesV1(memsw(limits)) }] : []),
      ],
      rewrite: orderPair,
      held: (group) => {
        const [memory, sum] = [numberIn(group.read(LIMIT)), numberIn(group.read(MEMSW))];
        return { memory, swap: memory === null || sum === null ? null : swapIn(sum - memory) };
      },
      use: 'memory.usage_in_bytes',
      peaks: ['memory.max_usage_in_bytes', 'memory.memsw.max_usage_in_bytes'],
    },
    2: {
      writes: ({ memory, swap }, canSwap) => [
        { file: 'memory.max', text: max(memory) },
        ...(canSwap ? [{ file: 'memory.swap.max', text: max(swap) }] : []),
      ],
      rewrite: reclaimFirst,
      held: (group) => ({ memory: numberIn(group.read('memory.max')), swap: numberIn(group.read('memory.swap.max')) }),
      use: 'memory.current',
    },
  },
  {
    // v1's soft limit is the reverse of a guarantee: who has one is reclaimed first
    controller: 'memory',
    of: ['guarantee'],
    2: {
      writes: ({ guarantee }) => [{ file: 'memory.low', text: Number.isFinite(guarantee) ? String(guarantee) : 'max' }],
      held: (group) => ({ guarantee: numberIn(group.read('memory.low')) ?? Number.POSITIVE_INFINITY }),
    },
  },
  {
    controller: 'memory',
    of: ['tcpBuffers'],
    1: {
      writes: ({ tcpBuffers }) => [{ file: TCP, text: bytesV1(tcpBuffers) }],
      // TCP buffers are neither counted nor charged until this has been written once.
      once: (group) => (group.has(TCP) ? [{ file: TCP, text: NONE_V1 }] : []),
      held: (group) => ({ tcpBuffers: numberIn(group.read(TCP)) }),
    },
  },
  {
    controller: 'cpu',
    of: ['cpuunits'],
    1: {
      writes: ({ cpuunits }) => [{ file: 'cpu.shares', text: String(sharesOf(cpuunits)) }],
      held: (group) => ({ cpuunits: unitsOfShares(Number(group.read('cpu.shares'))) }),
    },
    2: {
      writes: ({ cpuunits }) => [{ file: 'cpu.weight', text: String(weightOf(cpuunits)) }],
      held: (group) => ({ cpuunits: unitsOfWeight(Number(group.read('cpu.weight'))) }),
    },
  },
  {
    controller: 'cpu',
    of: ['cpulimit', 'cpus'],
    1: {
      writes: (limits) => [{ file: 'cpu.cfs_quota_us', text: bytesV1(quotaOf(limits)) }],
      held: (group) => ({
        cpulimit: limitOfQuota(Number(group.read('cpu.cfs_quota_us')), Number(group.read('cpu.cfs_period_us') ?? PERIOD)) ?? 0,
        cpus: 0,
      }),
    },
    2: {
      writes: (limits) => [{ file: 'cpu.max', text: `${max(quotaOf(limits))} ${PERIOD}` }],
      held: (group) => {
        const [quota, period] = (group.read('cpu.max') ?? 'max').split(' ').map(Number);
        return { cpulimit: limitOfQuota(quota ?? 0, period ?? PERIOD) ?? 0, cpus: 0 };
      },
    },
  },
  {
    controller: 'cpuset',
    of: ['cpumask', 'nodemask'],
    1: {
      writes: (limits) => [...(limits.nodemask === null ? [] : [MIGRATE]), ...maskWrites(limits)],
      rewrite: (writes, group) => writes.map((w) => (w.text === AS_ABOVE ? { ...w, text: group.above(w.file) ?? '' } : w)),
      held: (group) => {
        const own = (file: string): string | null => (group.read(file) === group.above(file) ? null : group.read(file));
        return { cpumask: own('cpuset.cpus'), nodemask: own('cpuset.mems') };
      },
    },
    2: {
      writes: maskWrites,
      held: (group) => ({ cpumask: group.read('cpuset.cpus') || null, nodemask: group.read('cpuset.mems') || null }),
    },
  },
  ...IO_ROWS,
];

/** What a group has that nobody has limited: all that the kernel gives to a new one. */
export const NO_LIMITS: Limits = {
  numproc: null,
  memory: null,
  swap: null,
  guarantee: 0,
  tcpBuffers: null,
  cpuunits: 1000,
  cpulimit: 0,
  cpus: 0,
  cpumask: null,
  nodemask: null,
  ioWeight: 100,
  ioRate: 0,
  ioOps: 0,
  disk: null,
};

/** Writes for a new group: only what differs from the kernel's defaults. */
export function newLimits(dialect: Dialect, limits: Limits, swap: boolean, group: Group): readonly Write[] {
  const fresh = new Set(dialect.writes({ ...NO_LIMITS, disk: limits.disk }, swap).map((w) => `${w.file} ${w.text}`));
  return [...(dialect.once?.(group) ?? []), ...dialect.writes(limits, swap).filter((w) => !fresh.has(`${w.file} ${w.text}`))];
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
