// Processes of containers as the kernel tells them, for somebody who looks again and again: who has not run is not read again. Nothing is
// read from a process's own memory but its command line, and that beside: a program inside may make such a read wait.
import type { CgroupTopology } from '../cgroup/face.ts';
import { membersOf } from '../cgroup/members.ts';
import { type Counters, openCounters } from '../cgroup/usage.ts';
import type { Host } from '../host/port.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { PAGE } from '../spec/units.ts';
import { COMMAND_BYTES, commandText, type IdRange, insideId, type ProcessStat, parseIdMap, parseIds, parseStat } from './process-stat.ts';

export interface CtProcess extends ProcessId {
  readonly ct: number;
  /** Pid of its parent on the node; null when that is none of the container's. */
  readonly parent: number | null;
  /** Its pid inside; null for one that has come from the node's pid namespace. */
  readonly inner: number | null;
  /** User id inside; null for one that the container's id map does not have. */
  readonly uid: number | null;
  /** R runs, S sleeps, D waits in the kernel, T stopped, Z ended and not yet reaped, I idle. */
  readonly state: string;
  readonly nice: number;
  readonly threads: number;
  /** Percent of one CPU since the look before; null in the first. */
  readonly cpu: number | null;
  /** Seconds of CPU time since it began. */
  readonly cpuTime: number;
  /** Bytes in RAM, shared ones with each who shares them. */
  readonly memory: number;
  /** Seconds since it began. */
  readonly age: number;
  /** As the process itself says; harmless to draw. In brackets the name alone, while its command line is not known. */
  readonly command: string;
}

export interface ProcessReader {
  /** In the order of the node's pids. A process of which nothing has changed is the same object as in the look before. */
  look(containers: readonly Running[]): readonly CtProcess[];
  /** Resolves when the command lines asked for so far are known, or the signal aborts. */
  named(signal: AbortSignal): Promise<void>;
  close(): void;
}

export interface Running {
  readonly id: number;
  readonly init: ProcessId | null;
}

interface Known {
  readonly process: CtProcess;
  readonly name: string;
  readonly ticks: number;
  /** Its command line is to be read. */
  readonly due: boolean;
}

interface Watched {
  readonly start: string;
  readonly map: readonly IdRange[];
  readonly counters: Counters<'cpuUsec'>;
  cpuUsec: number;
  known: Map<number, Known>;
  /** Command lines as they were read last. */
  readonly words: Map<string, string>;
  /** One at a time: a program inside that makes its own wait holds up nobody else's. */
  asking: Promise<void> | null;
}

const TICKS = 100;
const PAGE_BYTES = Number(PAGE);
/** What somebody outside did to a container that sleeps is seen after so many looks at the latest. */
const LOOKS_TO_REREAD = 5;
/** A process may take another user id or title while it lives. */
const LOOKS_TO_ASK = 10;

const startOf = ({ init }: Running): string | null => init && `${init.pid} ${init.startTime}`;

export function openProcesses(host: Host, topology: CgroupTopology): ProcessReader {
  const { files, proc } = host;
  const watched = new Map<number, Watched>();
  let looks = 0;
  let last = 0;

  /** "" for a process that has ended: before the file was opened, or between that and its reading. */
  const readOf = (pid: number, file: string): string => {
    try {
      return files.read(`${proc}/${pid}/${file}`) ?? '';
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return '';
      throw error;
    }
  };

  const forget = (id: number): void => {
    watched.get(id)?.counters.close();
    watched.delete(id);
  };

  const watch = (ct: Running, start: string): Watched => {
    const before = watched.get(ct.id);
    if (before?.start === start) return before;
    forget(ct.id);
    const map = parseIdMap(readOf(ct.init?.pid ?? 0, 'uid_map'));
    const counters = openCounters(files, topology, ct.id, ['cpuUsec']);
    const fresh: Watched = { start, map, counters, cpuUsec: -1, known: new Map(), words: new Map(), asking: null };
    watched.set(ct.id, fresh);
    return fresh;
  };

  const keyOf = ({ pid, startTime }: ProcessId): string => `${pid} ${startTime}`;

  const askWords = (from: Watched): void => {
    if (from.asking !== null) return;
    const wanted = [...from.known.values()].filter(({ due }) => due);
    if (wanted.length === 0) return;
    const ask = async (): Promise<void> => {
      for (const { process } of wanted) {
        const bytes = await files.readSoon(`${proc}/${process.pid}/cmdline`, COMMAND_BYTES);
        from.words.set(keyOf(process), bytes === null ? '' : Buffer.from(bytes).toString('utf8'));
      }
      from.asking = null;
      // So that the next look shows them, whether or not anybody has run.
      from.cpuUsec = -1;
    };
    from.asking = ask();
  };

  const make = (from: Watched, ct: number, pid: number, stat: ProcessStat, pids: ReadonlySet<number>, elapsed: number): Known => {
    const found = from.known.get(pid);
    const before = found?.process.startTime === stat.startTime ? found : undefined;
    const stale = before === undefined || before.name !== stat.name || (pid + looks) % LOOKS_TO_ASK === 0;
    const ids = stale ? parseIds(readOf(pid, 'status')) : null;
    const known = from.words.get(keyOf({ pid, startTime: stat.startTime }));
    const ticks = before === undefined ? 0 : stat.ticks - before.ticks;
    const next: CtProcess = {
      ct,
      pid,
      startTime: stat.startTime,
      parent: pids.has(stat.parent) ? stat.parent : null,
      inner: ids ? ids.inner : (before?.process.inner ?? null),
      uid: ids ? insideId(from.map, ids.uid) : (before?.process.uid ?? null),
      state: stat.state,
      nice: stat.nice,
      threads: stat.threads,
      cpu: before === undefined || elapsed <= 0 ? null : Math.max(0, Math.round((1e6 * ticks) / TICKS / elapsed) / 10),
      cpuTime: stat.ticks / TICKS,
      memory: stat.pages * PAGE_BYTES,
      age: Math.max(0, Math.floor(host.uptime() / 1000 - Number(stat.startTime) / TICKS)),
      command: commandText(known ?? null, stat.name),
    };
    return { process: next, name: stat.name, ticks: stat.ticks, due: stale || known === undefined };
  };

  const lookInto = (ct: Running, elapsed: number): readonly CtProcess[] => {
    const start = startOf(ct);
    if (start === null) {
      forget(ct.id);
      return [];
    }
    const from = watch(ct, start);
    const cpuUsec = from.counters.read()?.cpuUsec ?? 0;
    const slept = cpuUsec !== 0 && cpuUsec === from.cpuUsec && from.asking === null;
    from.cpuUsec = cpuUsec;
    if (slept && (ct.id + looks) % LOOKS_TO_REREAD !== 0) {
      for (const [pid, known] of from.known) from.known.set(pid, rested(known));
      return [...from.known.values()].map((known) => known.process);
    }
    const pids = new Set(membersOf(files, topology, ct.id));
    const next = new Map<number, Known>();
    for (const pid of pids) {
      const stat = parseStat(readOf(pid, 'stat'));
      if (stat !== null) next.set(pid, kept(from.known.get(pid), make(from, ct.id, pid, stat, pids, elapsed)));
    }
    for (const [pid, { process }] of from.known)
      if (next.get(pid)?.process.startTime !== process.startTime) from.words.delete(keyOf(process));
    from.known = next;
    askWords(from);
    return [...next.values()].map((known) => known.process);
  };

  return {
    look(containers) {
      looks++;
      const now = host.uptime();
      const elapsed = last === 0 ? 0 : now - last;
      last = now;
      const ids = new Set(containers.map(({ id }) => id));
      for (const id of watched.keys()) if (!ids.has(id)) forget(id);
      return containers.flatMap((ct) => lookInto(ct, elapsed)).sort((a, b) => a.pid - b.pid);
    },
    async named(signal) {
      const over = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      await Promise.race([Promise.all([...watched.values()].map(({ asking }) => asking)), over]);
    },
    close() {
      for (const id of [...watched.keys()]) forget(id);
    },
  };
}

/** It has not run: its share of the CPU is nothing, all else as it was. */
const rested = (known: Known): Known => (known.process.cpu === 0 ? known : { ...known, process: { ...known.process, cpu: 0 } });

/** Age alone makes no other process. */
function kept(before: Known | undefined, now: Known): Known {
  if (before === undefined) return now;
  const same = (Object.keys(now.process) as readonly (keyof CtProcess)[]).every(
    (key) => key === 'age' || before.process[key] === now.process[key],
  );
  return same ? { ...now, process: before.process } : now;
}
