// What is known of the node itself when somebody asks why: figures of /proc between two looks, and room on the disks that containers lie on.

import { above, inside } from '../../host/paths.ts';
import type { Host } from '../../host/port.ts';
import type { DiskEvidence, NodeEvidence } from '../../spec/why/evidence.ts';
import { type CpuTimes, cpuCount, cpuPercent, cpuTimes, kib, loadOf, memoryOf } from '../node-figures.ts';
import { type Pressure, readNodePressure } from '../pressure.ts';
import { quietly } from '../who/scan.ts';
import { pressureBetween } from './look.ts';

type Looking = Pick<Host, 'files' | 'proc'>;

export interface NodeLook {
  readonly times: CpuTimes;
  readonly pressure: Pressure;
}

export function lookAtNode({ files, proc }: Looking): NodeLook {
  return { times: cpuTimes(files.read(`${proc}/stat`) ?? ''), pressure: readNodePressure(files, proc) };
}

export function nodeEvidence({ files, proc }: Looking, before: NodeLook, seconds: number, disks: readonly DiskEvidence[]): NodeEvidence {
  const read = (name: string): string => files.read(`${proc}/${name}`) ?? '';
  const [stat, meminfo] = [read('stat'), read('meminfo')];
  const swap = kib(meminfo, 'SwapTotal');
  return {
    hostname: read('sys/kernel/hostname').trim(),
    cpus: cpuCount(stat),
    cpu: Math.round(10 * cpuPercent(before.times, cpuTimes(stat))) / 10,
    // whoever looks runs
    runnable: Math.max(0, Number(/^procs_running (\d+)$/m.exec(stat)?.[1] ?? 1) - 1),
    load: loadOf(read('loadavg')),
    memory: memoryOf(meminfo),
    swap: { held: swap - kib(meminfo, 'SwapFree'), limit: swap },
    pressure: pressureBetween(before.pressure, readNodePressure(files, proc), seconds),
    disks,
  };
}

/** A private area, by the path that a person calls it. */
export interface Area {
  readonly id: number;
  readonly path: string;
  readonly shown: string;
}

function diskAt({ files }: Looking, path: string, shown: string): DiskEvidence | null {
  const room = quietly(() => files.statfs(path));
  if (room === null || room.size === 0) return null;
  return { path: shown, free: room.free, size: room.size, filesFree: room.filesFree, files: room.files };
}

/** Disks that several containers share, or may; and that of each container that has one for itself. */
export function disksOf(
  host: Looking,
  areas: readonly Area[],
): { readonly shared: readonly DiskEvidence[]; readonly own: ReadonlyMap<number, DiskEvidence> } {
  const device = (path: string): number | null => quietly(() => host.files.stat(path))?.dev ?? null;
  const shared = new Map<number, DiskEvidence>();
  const own = new Map<number, DiskEvidence>();
  for (const { id, path, shown } of areas) {
    const [here, there] = [device(path), device(above(path))];
    if (here === null) continue;
    const alone = here !== there && areas.every((other) => other.id === id || !inside(other.path, path));
    if (!alone && shared.has(here)) continue;
    const disk = alone ? diskAt(host, path, shown) : diskAt(host, above(path), above(shown));
    if (disk !== null && alone) own.set(id, disk);
    else if (disk !== null) shared.set(here, disk);
  }
  return { shared: [...shared.values()], own };
}
