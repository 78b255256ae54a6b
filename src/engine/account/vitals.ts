// One container looked at closely: what the kernel enforces now, how often that was refused, and who waits. Of what nobody tells there is nothing.
import { limitOfQuota, unitsOfShares, unitsOfWeight } from '../cgroup/cpu.ts';
import type { CgroupTopology } from '../cgroup/face.ts';
import { openCounters } from '../cgroup/usage.ts';
import type { Files } from '../host/port.ts';
import { type Pressure, readPressure } from './pressure.ts';

/** In base units (processes, bytes); limit null = none, peak 0 = not kept by this kernel. */
export interface Use {
  readonly held: number;
  readonly limit: number | null;
  readonly peak: number;
  readonly failcnt: number;
}

export interface Vitals {
  readonly numproc: Use;
  readonly memory: Use;
  /** null where the kernel counts no swap for groups. */
  readonly swap: Use | null;
  /** Processes that the kernel killed for lack of memory since its start. */
  readonly oomKills: number;
  /** Percent of one CPU, null = no limit; and OpenVZ's units. null where nothing of it is told. */
  readonly cpu: { readonly limit: number | null; readonly units: number; readonly throttled: number } | null;
  readonly pressure: Pressure;
}

const QUANTITIES = [
  'numproc',
  'numprocLimit',
  'numprocPeak',
  'numprocFail',
  'memory',
  'memoryLimit',
  'memoryPeak',
  'memoryFail',
  'swap',
  'swapLimit',
  'swapFail',
  'oomKill',
  'cpuThrottled',
] as const;

const limitOf = (n: number): number | null => (n === Number.POSITIVE_INFINITY ? null : n);

/** What the CPU controller holds a container to; null where there is none. */
export function cpuOf(
  files: Pick<Files, 'read'>,
  { controllers, top }: CgroupTopology,
  id: number,
): Omit<NonNullable<Vitals['cpu']>, 'throttled'> | null {
  const h = controllers.get('cpu');
  if (h === undefined) return null;
  const read = (file: string): string | null => files.read(`${h.mount}${top}/${id}/${file}`)?.trim() ?? null;
  const [quota, period] = h.version === 2 ? (read('cpu.max') ?? '').split(' ') : [read('cpu.cfs_quota_us'), read('cpu.cfs_period_us')];
  const share = read(h.version === 2 ? 'cpu.weight' : 'cpu.shares');
  if (share === null) return null;
  const units = h.version === 2 ? unitsOfWeight(Number(share)) : unitsOfShares(Number(share));
  return { limit: limitOfQuota(Number(quota ?? -1), Number(period ?? 0)), units };
}

/** null when its groups are gone. */
export function readVitals(files: Files, topology: CgroupTopology, id: number): Vitals | null {
  const counters = openCounters(files, topology, id, QUANTITIES);
  const now = counters.read();
  counters.close();
  if (now === null) return null;
  const cpu = cpuOf(files, topology, id);
  return {
    numproc: { held: now.numproc, limit: limitOf(now.numprocLimit), peak: now.numprocPeak, failcnt: now.numprocFail },
    memory: { held: now.memory, limit: limitOf(now.memoryLimit), peak: now.memoryPeak, failcnt: now.memoryFail },
    swap: topology.swap ? { held: now.swap, limit: limitOf(now.swapLimit), peak: 0, failcnt: now.swapFail } : null,
    oomKills: now.oomKill,
    cpu: cpu && { ...cpu, throttled: now.cpuThrottled },
    pressure: readPressure(files, topology, id),
  };
}
