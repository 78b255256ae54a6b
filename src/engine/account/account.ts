// The accounts of containers for somebody who looks again and again: rows put together from all sources, through files that stay open. A container
// in which nobody has run since the look before is not read again, and none is asked where nothing has happened to any. Knows neither config nor what
// was before this start.
import type { CgroupTopology } from '../cgroup/face.ts';
import { type Quantity, sourceOf, type Usage } from '../cgroup/quantities.ts';
import { type Counters, openCounters, type ToldFiles, toldOf } from '../cgroup/usage.ts';
import type { Host } from '../host/port.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { ASTIR, type Calm } from './calm.ts';
import { controlReading, isDear, isPatient, quantitiesOf } from './control-rows.ts';
import { groupNumbers } from './group-numbers.ts';
import { openTaskPass } from './iterator-rows.ts';
import { type LiveCt, merged, type RowReading, type RowReadings, type RowSource, readingsOf, type SourceKind } from './row-source.ts';
import { openSummed } from './summed.ts';
import { openToldCounters, type ToldCounters } from './told-counters.ts';

/** Milliseconds. */
export interface CpuTimes {
  readonly user: number;
  readonly nice: number;
  readonly system: number;
}

export interface Seen {
  /** Another one for each start of a container. */
  readonly start: string;
  /** CPU time in µs; 0: nothing here counts it. */
  readonly cpuUsec: number;
  /** What of it was used for what; 0 where nobody has asked for it. */
  readonly cpu: CpuTimes;
  readonly frozen: boolean;
  /** Wanted rows that somebody counts; the same object as in the look before when nothing has changed. */
  readonly rows: RowReadings;
}

export interface Account {
  /**
   * Of a container whose groups are gone there is nothing; files of one that is left out are closed. What is told of a container is the same object
   * as in the look before when nothing has changed. `calm`: since then.
   */
  look(containers: readonly LiveCt[], calm?: Calm): ReadonlyMap<number, Seen>;
  close(): void;
}

/** Read at each look: memory is taken from who sleeps, too. (Whoever is to stand still, or to go on, runs for a moment.) */
const RESTLESS: readonly Quantity[] = ['cpuUsec', 'memory'];
/** What a verb has set, and what waits for us, is seen after so many looks. */
const LOOKS_TO_REREAD = 5;
/**
 * All else that may change of who sleeps, and has been read since, is done by hand (limits, a process moved into a container), or by the kernel alone,
 * as memory is moved to swap: that is seen after so many.
 */
const LOOKS_AT_REST = 20;
/** What is dear is asked of who has run in every second look, not of all in the same. */
const LOOKS_TO_SUM_UP = 2;

/** Looks among which those are divided that are asked by the clock. */
const TURNS = 10;

/** What a source has told of one container, and when. */
interface Told {
  readings: RowReadings;
  at: number;
  /** It has run since. */
  moved: boolean;
}

/** A container of one start: counters of the next start are others, even with the same files' names. */
interface Watched {
  readonly start: string;
  readonly init: ProcessId;
  readonly counters: Counters<Quantity>;
  /** As they were read last. */
  usage: Partial<Usage>;
  /** As it was before anything else was read. */
  cpuUsec: number;
  /** All has been read since it ran last, or a verb worked. */
  settled: boolean;
  /** Of the counters that `seen` was made of. */
  edition: number;
  /** Quantities that `seen` was made of. */
  readonly used: Partial<Record<Quantity, number>>;
  /** Rows that are to be put together anew. */
  readonly stale: Set<string>;
  told: (Told | undefined)[];
  /** Highest seen, by row. */
  readonly most: Map<string, number>;
  seen: Seen | null;
}

interface Live {
  readonly ct: LiveCt;
  readonly of: Watched;
}

const NOTHING: RowReadings = {};
const NOTHING_TOLD: ToldCounters = new Map();

const startOf = ({ pid, startTime }: ProcessId): string => `${pid} ${startTime}`;
const sameProcess = (a: ProcessId, b: ProcessId): boolean => a === b || (a.pid === b.pid && a.startTime === b.startTime);

const PARTS = ['held', 'atLeast', 'maxheld', 'failcnt', 'limit', 'source', 'failSource', 'by'] as const;
function sameReading(a: RowReading | undefined, b: RowReading | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  for (let i = 0; i < PARTS.length; i++) {
    const part = PARTS[i] as (typeof PARTS)[number];
    if (a[part] !== b[part]) return false;
  }
  return true;
}

/** For `Seen.cpu`. */
export const CPU_PARTS: readonly Quantity[] = ['cpuUser', 'cpuNice', 'cpuSystem'];
const US_PER_MS = 1000;
const NO_TIME: CpuTimes = { user: 0, nice: 0, system: 0 };

/** Parts are found by clock ticks, and the whole is not: none gets less for that than it had `before`, in the same start. */
export function cpuTimesOf({ cpuUser = 0, cpuNice = 0, cpuSystem = 0 }: Partial<Usage>, before: CpuTimes = NO_TIME): CpuTimes {
  const whole = (cpuUser + cpuSystem) / US_PER_MS;
  const user = Math.max(whole - Math.max(cpuSystem / US_PER_MS, before.system), before.user + before.nice);
  const nice = Math.min(user, cpuNice / US_PER_MS);
  return { user: user - nice, nice, system: Math.max(whole - user, before.system) };
}

/**
 * @param names rows that are wanted: nothing is opened that none of them needs
 * @param parts what is wanted beside rows
 */
export function openAccount(
  host: Host,
  topology: CgroupTopology,
  names: readonly string[],
  kinds: readonly SourceKind[],
  parts: readonly Quantity[] = [],
): Account {
  const { files } = host;
  const made = names.map((name) => ({ name, of: quantitiesOf(name) }));
  const quantities = [...new Set<Quantity>(['cpuUsec', 'frozen', ...parts, ...made.flatMap(({ of }) => of)])];
  const fileOf = (q: Quantity): string | undefined => sourceOf(topology, q)?.source.file;
  // what stands in a file that is read anyway costs nothing
  const restless = quantities.filter((q) => RESTLESS.includes(q) || (parts.includes(q) && fileOf(q) === fileOf('cpuUsec')));
  /** Read at each look, when somebody has run, and what of that is not dear; what `told` has is not read. Lists are known by identity. */
  const listsWithout = (told: readonly Quantity[]) => {
    const rest = quantities.filter((q) => !told.includes(q));
    const lively = rest.filter((q) => !isPatient(q) && !restless.includes(q));
    return { whole: rest, restless: rest.filter((q) => restless.includes(q)), lively, cheap: lively.filter((q) => !isDear(q)) };
  };
  const alone = listsWithout([]);
  let beside: { readonly of: ToldFiles['names']; readonly lists: typeof alone } | null = null;
  const listsBeside = (told: ToldFiles): typeof alone => {
    if (beside?.of !== told.names) beside = { of: told.names, lists: listsWithout(toldOf(topology, quantities, told)) };
    return beside.lists;
  };
  const groups = groupNumbers(host, topology);
  const summed = openSummed(
    files,
    topology,
    quantities.filter((q) => isDear(q) && sourceOf(topology, q)?.source.field !== undefined),
  );
  const tasks = openTaskPass(host, topology);
  const toldCounters = openToldCounters(host, topology, quantities, groups, tasks.read);
  const sources = kinds.flatMap((kind): { readonly kind: SourceKind; readonly wanted: readonly string[]; readonly source: RowSource }[] => {
    const wanted = kind.rows.filter((name) => names.includes(name));
    const source = wanted.length === 0 ? null : kind.open(host, topology, wanted, groups, tasks.read);
    return source === null ? [] : [{ kind, wanted, source }];
  });
  const watched = new Map<number, Watched>();
  let looks = 0;
  /** The last look at which they were others. */
  let sumsMoved = 0;

  const forget = (id: number): void => {
    watched.get(id)?.counters.close();
    groups.forget(id);
    for (const { source } of sources) source.forget(id);
    watched.delete(id);
  };

  const watch = ({ id, init }: LiveCt): Watched => {
    const known = watched.get(id);
    if (known !== undefined && sameProcess(known.init, init)) return known;
    forget(id);
    const fresh: Watched = {
      start: startOf(init),
      init,
      counters: openCounters(files, topology, id, quantities),
      usage: {},
      cpuUsec: 0,
      settled: false,
      edition: -1,
      used: {},
      stale: new Set(names),
      told: [],
      most: new Map(),
      seen: null,
    };
    watched.set(id, fresh);
    return fresh;
  };

  const refusals = quantities.filter((q) => q.endsWith('Fail'));

  /** What its control files say now; null when they are gone. */
  const readControl = (id: number, of: Watched, { still, touched }: Calm, told: ToldFiles | undefined): Partial<Usage> | null => {
    if (touched) of.settled = false;
    const turn = (every: number): boolean => (id + looks) % every === 0;
    const whole = of.seen === null || turn(of.settled || told ? LOOKS_AT_REST : LOOKS_TO_REREAD);
    if (still && !whole) return of.usage;
    const before = of.seen === null ? 0 : of.cpuUsec;
    const lists = told === undefined ? alone : listsBeside(told);
    if (told !== undefined) of.counters.take(told);
    const first = of.counters.read(lists.restless);
    if (first === null) return null;
    const { cpuUsec = 0 } = first;
    const rests = cpuUsec !== 0 && cpuUsec === before;
    of.cpuUsec = cpuUsec;
    if (!rests) {
      of.settled = false;
      for (let n = 0; n < of.told.length; n++) {
        const told = of.told[n];
        if (told) told.moved = true;
      }
    }
    // in this order: what happens between the two readings shows in the next CPU time
    if (whole) {
      of.settled = rests;
      return of.counters.read(lists.whole, lists.restless);
    }
    if (rests) return first;
    // a sum that moved in the look before may be that of whoever had no turn then
    const dear = turn(LOOKS_TO_SUM_UP) && looks - sumsMoved < LOOKS_TO_SUM_UP;
    const now = of.counters.read(dear ? lists.lively : lists.cheap, lists.restless);
    // who tells of a refusal names the limit that was met
    return now !== null && refusals.some((q) => (now[q] ?? 0) > (of.used[q] ?? 0)) ? of.counters.read(lists.whole, lists.restless) : now;
  };

  /** Rows of which a quantity is another than it was. */
  const compare = (of: Watched): void => {
    const { usage, used, stale } = of;
    // 200 times a look and each time for all rows: walks by index leave nothing to collect
    for (let i = 0; i < made.length; i++) {
      const { name, of: parts } = made[i] as (typeof made)[number];
      for (let k = 0; k < parts.length; k++) {
        const q = parts[k] as Quantity;
        if (usage[q] !== used[q]) stale.add(name);
      }
    }
    for (let i = 0; i < quantities.length; i++) {
      const q = quantities[i] as Quantity;
      const value = usage[q];
      if (value !== undefined) used[q] = value;
    }
  };

  /** Sources before this one tell all of it. */
  const knownBefore = (of: Watched, wanted: readonly string[], n: number): boolean =>
    wanted.every((row) => of.told.some((better, i) => i < n && better?.readings[row]?.held !== undefined));

  const tell = (of: Watched, n: number, readings: RowReadings, at: number): void => {
    const told = of.told[n];
    if (told === undefined) {
      of.told[n] = { readings, at, moved: false };
      return;
    }
    told.readings = readings;
    told.at = at;
    told.moved = false;
  };

  /** Each has its turn once in that time, and not all of them in one look. */
  const turnOf = (at: number, { every }: SourceKind, id: number): number => Math.floor(at / every + (id % TURNS) / TURNS);

  const isDue = (n: number, id: number, of: Watched, at: number): boolean => {
    const { kind, wanted } = sources[n] as (typeof sources)[number];
    const told = of.told[n];
    const early = told !== undefined && kind.every > 0 && turnOf(at, kind, id) === turnOf(told.at, kind, id);
    if (early || (told !== undefined && !told.moved && !kind.restless)) return false;
    if (!kind.otherwise || !knownBefore(of, wanted, n)) return true;
    // asked again when it would be due: the better source may have gone
    tell(of, n, told?.readings ?? NOTHING, at);
    return false;
  };

  const ask = (at: number, live: readonly Live[]): void => {
    for (let n = 0; n < sources.length; n++) {
      const { wanted, source } = sources[n] as (typeof sources)[number];
      const due = live.filter(({ ct, of }) => isDue(n, ct.id, of, at));
      if (due.length === 0) continue;
      const found = source.look(due.map(({ ct }) => ct));
      for (let i = 0; i < due.length; i++) {
        const { ct, of } = due[i] as Live;
        const readings = found.get(ct.id) ?? NOTHING;
        const before = of.told[n]?.readings ?? NOTHING;
        for (let k = 0; readings !== before && k < wanted.length; k++) {
          const row = wanted[k] as string;
          if (!sameReading(before[row], readings[row])) of.stale.add(row);
        }
        tell(of, n, readings, at);
      }
    }
  };

  const rowsOf = ({ stale, told, counters, usage, most, seen }: Watched): RowReadings => {
    const before = seen?.rows ?? NOTHING;
    const changed: Record<string, RowReading> = {};
    for (const name of stale) {
      const row = merged(readingsOf(name, told, controlReading(name, usage, counters)));
      if (row === null) continue;
      row.maxheld = Math.max(row.held ?? 0, row.maxheld ?? 0, most.get(name) ?? 0);
      most.set(name, row.maxheld);
      if (!sameReading(before[name], row)) changed[name] = row;
    }
    stale.clear();
    return Object.keys(changed).length === 0 ? before : { ...before, ...changed };
  };

  const seenOf = (of: Watched): Seen => {
    const { counters, edition, seen, start, usage } = of;
    const read = counters.edition !== edition;
    if (seen !== null && !read && of.stale.size === 0) return seen;
    if (read) compare(of);
    of.edition = counters.edition;
    const cpu = seen === null || read ? cpuTimesOf(usage, seen?.cpu) : seen.cpu;
    return { start, cpuUsec: usage.cpuUsec ?? 0, cpu, frozen: usage.frozen === 1, rows: rowsOf(of) };
  };

  return {
    look(containers, calm = ASTIR) {
      looks++;
      tasks.begin();
      const live: Live[] = [];
      const seen = containers.map((ct) => ({ ct, of: watch(ct) }));
      const told = calm.still ? NOTHING_TOLD : toldCounters(containers.map(({ id }) => id));
      if (!calm.still && summed.moved()) sumsMoved = looks;
      for (const { ct, of } of seen) {
        const usage = readControl(ct.id, of, calm, told.get(ct.id));
        if (usage === null) {
          forget(ct.id);
          continue;
        }
        of.usage = usage;
        live.push({ ct, of });
      }
      if (watched.size > live.length) {
        const ids = new Set(live.map(({ ct }) => ct.id));
        for (const id of [...watched.keys()]) if (!ids.has(id)) forget(id);
      }
      ask(host.uptime(), live);
      const found = new Map<number, Seen>();
      for (const { ct, of } of live) {
        of.seen = seenOf(of);
        found.set(ct.id, of.seen);
      }
      return found;
    },
    close() {
      for (const id of [...watched.keys()]) forget(id);
      summed.close();
      for (const { source } of sources) source.close();
    },
  };
}
