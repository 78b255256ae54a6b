// What processes of a container use between two looks: CPU time, memory, and bytes that they read and write. Of all of them those that stand out.
import type { Host } from '../../host/port.ts';
import type { CtEvidence, ProcessEvidence } from '../../spec/why/evidence.ts';
import type { CtProcess, ProcessReader, Running } from '../processes.ts';
import { quietly } from '../who/scan.ts';

interface Moved {
  readonly read: number;
  readonly written: number;
}

/** At those of one container. */
export interface ProcessLook {
  /** Milliseconds, CLOCK_MONOTONIC. */
  readonly at: number;
  readonly processes: readonly CtProcess[];
  /** By pid and start time. */
  readonly moved: ReadonlyMap<string, Moved>;
}

const keyOf = ({ pid, startTime }: CtProcess): string => `${pid} ${startTime}`;

/** Bytes from and to disks; what was written counts when it is written into the page cache. Format: proc(5). */
function movedOf({ files, proc }: Pick<Host, 'files' | 'proc'>, pid: number): Moved {
  const text = quietly(() => files.read(`${proc}/${pid}/io`)) ?? '';
  const figure = (key: string): number => Number(new RegExp(`^${key}: (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  return { read: figure('read_bytes'), written: figure('write_bytes') };
}

export function lookAtProcesses(host: Pick<Host, 'files' | 'proc' | 'uptime'>, reader: ProcessReader, container: Running): ProcessLook {
  const processes = reader.look([container]);
  return { at: host.uptime(), processes, moved: new Map(processes.map((one) => [keyOf(one), movedOf(host, one.pid)])) };
}

/** So many of each kind stand out. */
const STAND_OUT = 4;

/** One that has begun since the first look has used all that it has since then. */
export function processEvidence(before: ProcessLook, now: ProcessLook): Pick<CtEvidence, 'processes' | 'io'> {
  const seconds = (now.at - before.at) / 1000;
  const all = now.processes;
  if (all.length === 0 || seconds <= 0) return { processes: null, io: null };
  const earlier = new Map(before.processes.map((one) => [keyOf(one), one]));
  const rates = all.map((one): ProcessEvidence => {
    const was = earlier.get(keyOf(one));
    const [from, to] = [before.moved.get(keyOf(one)), now.moved.get(keyOf(one))];
    const since = (what: keyof Moved): number => Math.max(0, ((to?.[what] ?? 0) - (from?.[what] ?? 0)) / seconds);
    const { pid, inner, command, state, memory } = one;
    const used = one.cpuTime - (was?.cpuTime ?? 0);
    const cpu = Math.max(0, Math.round((1000 * used) / seconds) / 10);
    return { pid, inner, command, state, cpu, memory, grown: memory - (was?.memory ?? 0), read: since('read'), written: since('written') };
  });
  const states: Record<string, number> = {};
  for (const { state } of rates) states[state] = (states[state] ?? 0) + 1;
  const first = (of: (one: ProcessEvidence) => number): readonly ProcessEvidence[] =>
    rates
      .filter((one) => of(one) > 0)
      .sort((a, b) => of(b) - of(a))
      .slice(0, STAND_OUT);
  const top = [...new Set([...first(({ cpu }) => cpu), ...first(({ grown }) => grown), ...first(({ read, written }) => read + written)])];
  const threads = all.reduce((total, one) => total + one.threads, 0);
  const sum = (what: keyof Moved): number => rates.reduce((total, one) => total + one[what], 0);
  return { processes: { count: all.length, threads, states, top }, io: { read: sum('read'), written: sum('written') } };
}
