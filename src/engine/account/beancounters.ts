// Beancounters that the kernel's cgroups count, in OpenVZ's units and under its names. One look, no history: what the kernel keeps no highest
// value of has been at least what is held now.
import type { CgroupTopology } from '../cgroup/face.ts';
import { openCounters, type Quantity, type Usage } from '../cgroup/usage.ts';
import type { Files } from '../host/port.ts';
import { PAGE } from '../spec/units.ts';

export interface Counted {
  readonly held: number;
  readonly maxheld: number;
  readonly failcnt: number;
}

interface Mapping {
  readonly held: readonly Quantity[];
  readonly maxheld?: Quantity;
  readonly failcnt?: Quantity;
  /** Bytes per unit; processes are counted one by one. */
  readonly unit: number;
}

const PAGE_BYTES = Number(PAGE);

const COUNTED: Readonly<Record<string, Mapping>> = {
  numproc: { held: ['numproc'], maxheld: 'numprocPeak', failcnt: 'numprocFail', unit: 1 },
  physpages: { held: ['memory'], maxheld: 'memoryPeak', failcnt: 'memoryFail', unit: PAGE_BYTES },
  swappages: { held: ['swap'], failcnt: 'swapFail', unit: PAGE_BYTES },
  // what the guarantee is about is RAM and swap; what it fails with are kills
  oomguarpages: { held: ['memory', 'swap'], failcnt: 'oomKill', unit: PAGE_BYTES },
  // limits as the kernel has them now, Infinity for none
  'numproc.l': { held: ['numprocLimit'], unit: 1 },
  'physpages.l': { held: ['memoryLimit'], unit: PAGE_BYTES },
  'swappages.l': { held: ['swapLimit'], unit: PAGE_BYTES },
};

function counted({ held, maxheld, failcnt, unit }: Mapping, usage: Usage): Counted {
  const now = held.reduce((sum, q) => sum + usage[q], 0);
  const most = Math.max(now, maxheld === undefined ? 0 : usage[maxheld]);
  return { held: Math.ceil(now / unit), maxheld: Math.ceil(most / unit), failcnt: failcnt === undefined ? 0 : usage[failcnt] };
}

export interface OpenBeancounters {
  /** Those that are counted here; null when the container's groups are gone. */
  read(): ReadonlyMap<string, Counted> | null;
  close(): void;
}

/** Of a running container, for those of `names` that are counted here. Opens no more files than these need. */
export function openBeancounters(files: Files, topology: CgroupTopology, id: number, names: readonly string[]): OpenBeancounters {
  const mappings = names.flatMap((name) => (COUNTED[name] ? [[name, COUNTED[name]] as const] : []));
  const wanted = mappings.flatMap(([, m]) => [...m.held, m.maxheld ?? [], m.failcnt ?? []].flat());
  const counters = openCounters(files, topology, id, [...new Set(wanted)]);
  return {
    read() {
      const usage = counters.read();
      return usage && new Map(mappings.map(([name, mapping]) => [name, counted(mapping, usage as Usage)]));
    },
    close: () => counters.close(),
  };
}

/** The same, looked at once. */
export function readBeancounters(
  files: Files,
  topology: CgroupTopology,
  id: number,
  names: readonly string[],
): ReadonlyMap<string, Counted> | null {
  const open = openBeancounters(files, topology, id, names);
  const counts = open.read();
  open.close();
  return counts;
}
