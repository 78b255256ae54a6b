// Which control file tells what, in both versions of cgroups: one row per quantity. Refuses to know who wants it, and opens nothing.
import type { CgroupTopology, Hierarchy } from './face.ts';

/**
 * numproc tasks · memory, swap, both together, and parts of memory in bytes: kernel its own for them, locked what cannot be reclaimed, shared
 * tmpfs and all shared memory, reclaimable names and inodes, tcp buffers of both directions · …Limit what the kernel enforces now, Infinity =
 * none · …Peak highest since start, 0 where the kernel does not keep it · …Fail refusals at the container's own limit (v1 memory: times that
 * the limit was hit) · guaranteeLimit bytes that are spared when the node reclaims · oomKill processes killed for lack of memory · cpuUsec CPU time in µs, cpuUser, cpuNice and cpuSystem parts of it (nice
 * in user too, and 0 where the kernel does not tell it apart: before 6.12) · cpuPeriods periods under a CPU limit, cpuThrottled those that hit it · frozen 1 while its processes are to stand still, whatever its own sub-groups say
 */
export type Quantity =
  | 'numproc'
  | 'numprocLimit'
  | 'numprocPeak'
  | 'numprocFail'
  | 'memory'
  | 'memoryLimit'
  | 'memoryPeak'
  | 'memoryFail'
  | 'oomKill'
  | 'swap'
  | 'swapLimit'
  | 'swapPeak'
  | 'swapFail'
  | 'bothPeak'
  | 'guaranteeLimit'
  | 'kernel'
  | 'kernelPeak'
  | 'locked'
  | 'shared'
  | 'reclaimable'
  | 'tcp'
  | 'tcpPeak'
  | 'cpuUsec'
  | 'cpuUser'
  | 'cpuNice'
  | 'cpuSystem'
  | 'cpuPeriods'
  | 'cpuThrottled'
  | 'frozen';

export type Usage = Readonly<Record<Quantity, number>>;

export interface Source {
  readonly file: string;
  /** Key of a "key value" line; a file without keys is one number. */
  readonly field?: string;
  /** Unit of the file in units of the quantity. */
  readonly scale?: number;
  /** v1 counts memory and swap in one: what this file says is taken off. */
  readonly less?: string;
  /** A difference up to here stands for nothing. */
  readonly least?: number;
}

/** Controller, and where each version of it tells the quantity; null where it does not. */
const SOURCES: Readonly<Record<Quantity, { readonly of: string; readonly 1: Source | null; readonly 2: Source | null }>> = {
  numproc: { of: 'pids', 1: { file: 'pids.current' }, 2: { file: 'pids.current' } },
  numprocLimit: { of: 'pids', 1: { file: 'pids.max' }, 2: { file: 'pids.max' } },
  numprocPeak: { of: 'pids', 1: { file: 'pids.peak' }, 2: { file: 'pids.peak' } },
  // .local: refusals at the container's own limit, not at that of a service inside
  numprocFail: { of: 'pids', 1: { file: 'pids.events', field: 'max' }, 2: { file: 'pids.events.local', field: 'max' } },
  memory: { of: 'memory', 1: { file: 'memory.usage_in_bytes' }, 2: { file: 'memory.current' } },
  memoryLimit: { of: 'memory', 1: { file: 'memory.limit_in_bytes' }, 2: { file: 'memory.max' } },
  memoryPeak: { of: 'memory', 1: { file: 'memory.max_usage_in_bytes' }, 2: { file: 'memory.peak' } },
  memoryFail: { of: 'memory', 1: { file: 'memory.failcnt' }, 2: { file: 'memory.events.local', field: 'oom' } },
  oomKill: { of: 'memory', 1: { file: 'memory.oom_control', field: 'oom_kill' }, 2: { file: 'memory.events', field: 'oom_kill' } },
  swap: {
    of: 'memory',
    1: { file: 'memory.memsw.usage_in_bytes', less: 'memory.usage_in_bytes' },
    2: { file: 'memory.swap.current' },
  },
  swapLimit: {
    of: 'memory',
    // one page at least lies between the two (limits.ts)
    1: { file: 'memory.memsw.limit_in_bytes', less: 'memory.limit_in_bytes', least: 4096 },
    2: { file: 'memory.swap.max' },
  },
  swapPeak: { of: 'memory', 1: null, 2: { file: 'memory.swap.peak' } },
  bothPeak: { of: 'memory', 1: { file: 'memory.memsw.max_usage_in_bytes' }, 2: null },
  // v1 has none
  guaranteeLimit: { of: 'memory', 1: null, 2: { file: 'memory.low' } },
  kernel: { of: 'memory', 1: { file: 'memory.kmem.usage_in_bytes' }, 2: { file: 'memory.stat', field: 'kernel' } },
  kernelPeak: { of: 'memory', 1: { file: 'memory.kmem.max_usage_in_bytes' }, 2: null },
  locked: { of: 'memory', 1: { file: 'memory.stat', field: 'total_unevictable' }, 2: { file: 'memory.stat', field: 'unevictable' } },
  shared: { of: 'memory', 1: { file: 'memory.stat', field: 'total_shmem' }, 2: { file: 'memory.stat', field: 'shmem' } },
  // v1 tells no slabs
  reclaimable: { of: 'memory', 1: null, 2: { file: 'memory.stat', field: 'slab_reclaimable' } },
  tcp: { of: 'memory', 1: { file: 'memory.kmem.tcp.usage_in_bytes' }, 2: { file: 'memory.stat', field: 'sock' } },
  // its failcnt stays 0 on current kernels
  tcpPeak: { of: 'memory', 1: { file: 'memory.kmem.tcp.max_usage_in_bytes' }, 2: null },
  // v1's memory.memsw.failcnt stays 0 on current kernels
  swapFail: { of: 'memory', 1: null, 2: { file: 'memory.swap.events', field: 'max' } },
  cpuUsec: { of: 'cpuacct', 1: { file: 'cpuacct.usage', scale: 1e-3 }, 2: { file: 'cpu.stat', field: 'usage_usec' } },
  // hundredths of a second in version 1
  cpuUser: { of: 'cpuacct', 1: { file: 'cpuacct.stat', field: 'user', scale: 1e4 }, 2: { file: 'cpu.stat', field: 'user_usec' } },
  cpuNice: { of: 'cpuacct', 1: null, 2: { file: 'cpu.stat', field: 'nice_usec' } },
  cpuSystem: { of: 'cpuacct', 1: { file: 'cpuacct.stat', field: 'system', scale: 1e4 }, 2: { file: 'cpu.stat', field: 'system_usec' } },
  // what was asked for, and so what becomes of who joins; cgroup.events tells when it has come to pass
  frozen: { of: 'freezer', 1: { file: 'freezer.self_freezing' }, 2: { file: 'cgroup.freeze' } },
  cpuPeriods: { of: 'cpu', 1: { file: 'cpu.stat', field: 'nr_periods' }, 2: { file: 'cpu.stat', field: 'nr_periods' } },
  cpuThrottled: { of: 'cpu', 1: { file: 'cpu.stat', field: 'nr_throttled' }, 2: { file: 'cpu.stat', field: 'nr_throttled' } },
};

/** A v2 tree counts CPU time, and freezes, whoever has the controllers. */
const OF_ANY_V2: ReadonlySet<Quantity> = new Set(['cpuUsec', 'cpuUser', 'cpuNice', 'cpuSystem', 'frozen']);

function hierarchyOf(topology: CgroupTopology, quantity: Quantity): Hierarchy | undefined {
  const v2 = topology.hierarchies.find((h) => h.version === 2);
  return OF_ANY_V2.has(quantity) && v2 ? v2 : topology.controllers.get(SOURCES[quantity].of);
}

/** Where the version of the controller that this node has tells it; null where it does not. */
export function sourceOf(topology: CgroupTopology, quantity: Quantity): { readonly in: Hierarchy; readonly source: Source } | null {
  const h = hierarchyOf(topology, quantity);
  const source = h && SOURCES[quantity][h.version];
  return h && source ? { in: h, source } : null;
}
