// What a container uses and what it was refused, read from control files that stay open. Knows which file of which version tells what;
// refuses to know limits in the config, rates and history.
import type { CounterFile, Files } from '../host/port.ts';
import type { CgroupTopology, Hierarchy } from './face.ts';
import { openSubtreeSum } from './subtree-sum.ts';

/**
 * numproc tasks · memory, swap bytes · …Limit what the kernel enforces now, Infinity = none · …Peak highest since start, 0 where the kernel
 * does not keep it · …Fail refusals at the container's own limit (v1 memory: times that the limit was hit) · oomKill processes killed for
 * lack of memory · cpuUsec CPU time in µs · cpuThrottled periods in which the CPU limit was hit ·
 * frozen 1 while its processes are to stand still, whatever its own sub-groups say
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
  | 'swapFail'
  | 'cpuUsec'
  | 'cpuThrottled'
  | 'frozen';

export type Usage = Readonly<Record<Quantity, number>>;

interface Source {
  readonly file: string;
  /** Key of a "key value" line; a file without keys is one number. */
  readonly field?: string;
  /** Unit of the file in units of the quantity. */
  readonly scale?: number;
  /** v1 counts memory and swap in one: what this file says is taken off. */
  readonly less?: string;
}

/** Controller, and where each version of it tells the quantity; null where it does not. */
const SOURCES: Readonly<Record<Quantity, { readonly of: string; readonly 1: Source | null; readonly 2: Source }>> = {
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
    1: { file: 'memory.memsw.limit_in_bytes', less: 'memory.limit_in_bytes' },
    2: { file: 'memory.swap.max' },
  },
  // v1's memory.memsw.failcnt stays 0 on current kernels
  swapFail: { of: 'memory', 1: null, 2: { file: 'memory.swap.events', field: 'max' } },
  cpuUsec: { of: 'cpuacct', 1: { file: 'cpuacct.usage', scale: 1e-3 }, 2: { file: 'cpu.stat', field: 'usage_usec' } },
  // what was asked for, and so what becomes of who joins; cgroup.events tells when it has come to pass
  frozen: { of: 'freezer', 1: { file: 'freezer.self_freezing' }, 2: { file: 'cgroup.freeze' } },
  cpuThrottled: { of: 'cpu', 1: { file: 'cpu.stat', field: 'nr_throttled' }, 2: { file: 'cpu.stat', field: 'nr_throttled' } },
};

/** v1 says "no limit" as the largest multiple of the page size. */
const V1_UNLIMITED = 2 ** 62;

/** A v2 tree counts CPU time, and freezes, whoever has the controllers. */
const OF_ANY_V2: ReadonlySet<Quantity> = new Set(['cpuUsec', 'frozen']);

function hierarchyOf(topology: CgroupTopology, quantity: Quantity): Hierarchy | undefined {
  const v2 = topology.hierarchies.find((h) => h.version === 2);
  return OF_ANY_V2.has(quantity) && v2 ? v2 : topology.controllers.get(SOURCES[quantity].of);
}

/** The number of a "key value" line, 0 when there is none. A key is found at the beginning of a line only: "oom" is not in "oom_kill 1". */
export function fieldOf(text: string, key: string): number {
  const line = `${key} `;
  let at = text.startsWith(line) ? 0 : text.indexOf(`\n${line}`);
  if (at < 0) return 0;
  if (at > 0) at += 1;
  return Number.parseInt(text.slice(at + line.length, at + line.length + 20), 10);
}

export function numberOf(text: string): number {
  const n = text.startsWith('max') ? Number.POSITIVE_INFINITY : Number.parseInt(text, 10);
  return n >= V1_UNLIMITED ? Number.POSITIVE_INFINITY : n;
}

export interface Counters<Q extends Quantity> {
  /** Present values, the same object at each call; null when the container's groups are gone. */
  read(): Readonly<Record<Q, number>> | null;
  close(): void;
}

/** Files of one container, each opened and read once however many quantities it tells. */
class OpenFiles {
  readonly #files: Files;
  readonly #open = new Map<string, CounterFile | null>();
  readonly #texts = new Map<string, string>();
  constructor(files: Files) {
    this.#files = files;
  }
  has(path: string): boolean {
    let file = this.#open.get(path);
    if (file === undefined) {
      file = this.#files.openCounter(path);
      this.#open.set(path, file);
    }
    return file !== null;
  }
  /** What the last `read` found. */
  text(path: string): string {
    return this.#texts.get(path) ?? '';
  }
  /** false when the groups are gone. */
  read(): boolean {
    let any = false;
    for (const [path, file] of this.#open) {
      if (file === null) continue;
      const text = file.read();
      if (text === null) return false;
      this.#texts.set(path, text);
      any = true;
    }
    return any;
  }
  close(): void {
    for (const file of this.#open.values()) file?.close();
  }
}

/**
 * Before kernel 6.11, and with the mount option pids_localevents, v2 counts a refused fork in the group that forked: below T/<id>, since
 * nobody lives in T/<id> itself. Nothing can have been refused as long as the peak lies below the limit (pids.peak: from 6.1 on).
 */
function forkRefusals(files: Files, open: OpenFiles, dir: string): () => number {
  const [peak, limit] = [`${dir}/pids.peak`, `${dir}/pids.max`];
  const told = open.has(peak) && open.has(limit);
  const may = (): boolean => !told || numberOf(open.text(peak)) >= numberOf(open.text(limit));
  return openSubtreeSum(files, dir, 'pids.events', (text) => fieldOf(text, 'max'), may);
}

function readerOf(files: Files, open: OpenFiles, topology: CgroupTopology, id: number, quantity: Quantity): (() => number) | null {
  const h = hierarchyOf(topology, quantity);
  const source = h && SOURCES[quantity][h.version];
  if (!h || !source) return null;
  const dir = `${h.mount}${topology.top}/${id}`;
  const path = `${dir}/${source.file}`;
  if (quantity === 'numprocFail' && h.version === 2 && (topology.localPidsEvents || files.stat(path) === null))
    return forkRefusals(files, open, dir);
  if (!open.has(path)) return null;
  const { field, scale = 1, less } = source;
  if (field !== undefined) return () => fieldOf(open.text(path), field) * scale;
  if (less === undefined) return () => numberOf(open.text(path)) * scale;
  const taken = `${dir}/${less}`;
  open.has(taken);
  return () => {
    const whole = numberOf(open.text(path));
    return whole === Number.POSITIVE_INFINITY ? whole : Math.max(0, whole - numberOf(open.text(taken)));
  };
}

/** One look at one quantity; 0 when the container's groups are gone. */
export function readCounter(files: Files, topology: CgroupTopology, id: number, quantity: Quantity): number {
  const counters = openCounters(files, topology, id, [quantity]);
  try {
    return counters.read()?.[quantity] ?? 0;
  } finally {
    counters.close();
  }
}

/** Opened for one container while its groups exist. A quantity that no file tells is 0. */
export function openCounters<Q extends Quantity>(files: Files, topology: CgroupTopology, id: number, wanted: readonly Q[]): Counters<Q> {
  const open = new OpenFiles(files);
  const values = Object.fromEntries(wanted.map((q) => [q, 0])) as Record<Q, number>;
  const readers = wanted.flatMap((q) => {
    const read = readerOf(files, open, topology, id, q);
    return read ? [{ q, read }] : [];
  });
  return {
    read() {
      if (!open.read()) return null;
      for (const { q, read } of readers) values[q] = read();
      return values;
    },
    close: () => open.close(),
  };
}
