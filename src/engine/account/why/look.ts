// One look at a container for whoever asks why: counters that only grow, and what it holds. Two of them make rates. Reads control files and /proc
// of the node.
import type { CgroupTopology } from '../../cgroup/face.ts';
import { openCounters } from '../../cgroup/usage.ts';
import type { Host } from '../../host/port.ts';
import type { PressureEvidence } from '../../spec/why/evidence.ts';
import { type Pressure, readPressure } from '../pressure.ts';
import { cpuOf } from '../vitals.ts';
import { type MemoryParts, memoryParts } from '../who/memory.ts';
import { quietly } from '../who/scan.ts';

const QUANTITIES = ['cpuUsec', 'cpuPeriods', 'cpuThrottled', 'oomKill', 'memory', 'memoryLimit', 'memoryFail'] as const;

export interface NetTotals {
  readonly received: number;
  readonly sent: number;
  readonly packets: number;
}

export interface CtLook {
  readonly usage: Readonly<Record<(typeof QUANTITIES)[number], number>>;
  readonly parts: MemoryParts | null;
  readonly pressure: Pressure;
  readonly network: NetTotals | null;
  /** Percent of one CPU, 0 = none. */
  readonly cpuLimit: number;
}

/** Sums of all interfaces but loopback. Format: proc(5), /proc/net/dev. */
export function netTotals(text: string): NetTotals {
  const sum = { received: 0, sent: 0, packets: 0 };
  for (const line of text.split('\n')) {
    const [name, rest] = line.split(/:\s*/, 2);
    if (rest === undefined || name === undefined || name.trim() === 'lo') continue;
    const [rx = 0, rxPackets = 0, , , , , , , tx = 0, txPackets = 0] = rest.trim().split(/\s+/).map(Number);
    sum.received += rx;
    sum.sent += tx;
    sum.packets += rxPackets + txPackets;
  }
  return sum;
}

type Looking = Pick<Host, 'files' | 'proc'>;

/** null when its groups are gone. */
export function lookAt({ files, proc }: Looking, topology: CgroupTopology, id: number, init: number): CtLook | null {
  const counters = openCounters(files, topology, id, QUANTITIES);
  try {
    const now = counters.read();
    if (now === null) return null;
    const net = quietly(() => files.read(`${proc}/${init}/net/dev`));
    return {
      usage: { ...now },
      parts: memoryParts(files, topology, id),
      pressure: readPressure(files, topology, id),
      network: net === null ? null : netTotals(net),
      cpuLimit: cpuOf(files, topology, id)?.limit ?? 0,
    };
  } finally {
    counters.close();
  }
}

/** Percent of the time between two looks. */
export function pressureBetween(before: Pressure, now: Pressure, seconds: number): PressureEvidence {
  const of = (what: keyof Pressure): number | null => {
    const [was, is] = [before[what], now[what]];
    if (was === null || is === null || seconds <= 0) return null;
    return Math.min(100, Math.max(0, Math.round((is.total - was.total) / (seconds * 1000)) / 10));
  };
  return { cpu: of('cpu'), memory: of('memory'), io: of('io') };
}

/** Nobody in it has run or waited between two looks. */
export function isQuiet(before: CtLook, now: CtLook): boolean {
  const waited = (what: keyof Pressure): boolean => (now.pressure[what]?.total ?? 0) !== (before.pressure[what]?.total ?? 0);
  return before.usage.cpuUsec === now.usage.cpuUsec && !waited('cpu') && !waited('memory') && !waited('io');
}
