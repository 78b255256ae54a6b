// Rows that no control group counts, for all containers in one pass of the kernel's iterators. Processes are looked at each time; open files are
// dearer (a pass over every descriptor of the node), so they are read beside, and at most a twentieth of one CPU goes into it. Of a container that has
// more than its share of a pass the figures say that there is more; nobody else's are any the worse for it.
import type { CgroupTopology } from '../cgroup/face.ts';
import type { Host } from '../host/port.ts';
import { RECORD } from '../spec/bpf/iterators.ts';
import { type GroupId, type Held, heldOf, type Opened, openedOf } from '../spec/bpf/passes.ts';
import type { GroupNumbers } from './group-numbers.ts';
import { findIterators, type Iterators, makeIterators } from './iterators.ts';
import type { RowReading, RowReadings, RowSource, SourceKind } from './row-source.ts';

const SOURCE: Readonly<Record<keyof Iterators, string>> = { tasks: 'bpf iter/task', files: 'bpf iter/task_file' };

interface Sums<T> {
  readonly of: ReadonlyMap<GroupId, T>;
  /** The pass ended before its end: there may be more of everything. */
  readonly cut: boolean;
}

const NOT_TOLD = -1;
/** Rows of which a pass tells the limit as well. */
const LIMITS: Readonly<Record<string, 'mayQueue' | 'mayLock'>> = { numsiginfo: 'mayQueue', lockedpages: 'mayLock' };

/** What one container has of a sum, as rows. One in which nothing is found has none of it. */
function readings(sum: Partial<Held & Opened>, rows: readonly string[], source: string, cut: boolean): RowReadings {
  const more = (name: string): boolean => cut || sum.more === 'descriptors' || (sum.more === 'locks' && name === 'numflock');
  return Object.fromEntries(
    rows.flatMap((name): [string, RowReading][] => {
      if (name === 'numsiginfo' && (sum.mayQueue ?? 0) === 0) return [];
      const held = Number(sum[name as keyof Held] ?? 0);
      const bound = LIMITS[name];
      const most = bound === undefined ? NOT_TOLD : (sum[bound] ?? NOT_TOLD);
      const limit = most === NOT_TOLD ? {} : { limit: most };
      return [[name, { held, source, ...limit, ...(more(name) ? { atLeast: true as const } : {}) }]];
    }),
  );
}

function sameSum<T extends Held | Opened>(one: T | undefined, other: T | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  for (const key in one) if (one[key] !== other[key]) return false;
  return true;
}

/** null while there is no iterator. */
type Pass<T> = () => Sums<T> | null;

function openRows<T extends Held | Opened>(
  host: Host,
  topology: CgroupTopology,
  rows: readonly string[],
  groups: GroupNumbers,
  which: keyof Iterators,
  pass: Pass<T>,
): RowSource | null {
  if (topology.unified === null || host.planning) return null;
  let asked = false;
  /** Of the pass before, or of this one where somebody has asked already. */
  const known = new Map<number, { readonly cut: boolean; readonly sum: T | undefined; readonly rows: RowReadings }>();
  const rowsOf = (id: number, { cut }: Sums<T>, sum: T | undefined): RowReadings => {
    const before = known.get(id);
    if (before !== undefined && before.cut === cut && sameSum(before.sum, sum)) return before.rows;
    const told = readings(sum ?? {}, rows, SOURCE[which], cut);
    known.set(id, { cut, sum, rows: told });
    return told;
  };
  return {
    look(containers) {
      const sums = pass();
      // until they are there, and where they never are, whyever, the next source tells
      if (sums === null && !asked) makeIterators(host, topology).catch(() => {});
      asked = true;
      if (sums === null) return new Map();
      const found = new Map<number, RowReadings>();
      for (const { id } of containers) {
        const group = groups.of(id);
        const sum = sums.of.get(group ?? 0);
        // where the pass has not come to it, the next source tells
        if (group !== undefined && (sum !== undefined || !sums.cut)) found.set(id, rowsOf(id, sums, sum));
      }
      return found;
    },
    forget: (id) => void known.delete(id),
    close() {},
  };
}

/** More than this of one pass is not kept in memory: a quarter of a million processes, or eight containers with all the descriptors that are told. */
const MOST_BYTES = 262_144 * RECORD;

const sumsIn = <T>(bytes: Uint8Array | null, sums: (bytes: Uint8Array) => Sums<T>['of']): Sums<T> | null =>
  bytes && { of: sums(bytes), cut: bytes.length === MOST_BYTES };

/** One pass over all tasks; null while there is no iterator. */
export type TaskPass = () => Uint8Array | null;

/** `begin`: another look, whose first reading makes another pass for all who ask in it. */
export function openTaskPass(host: Host, topology: CgroupTopology): { readonly read: TaskPass; begin(): void } {
  let last: { readonly bytes: Uint8Array | null } | null = null;
  const pass = (): Uint8Array | null => {
    const iterators = host.planning ? null : findIterators(host, topology);
    return iterators && host.files.readAt(iterators.tasks, 0, MOST_BYTES);
  };
  return {
    read() {
      last ??= { bytes: pass() };
      return last.bytes;
    },
    begin() {
      last = null;
    },
  };
}

export const TASK_ROWS: SourceKind = {
  rows: ['privvmpages', 'lockedpages', 'numsiginfo'],
  every: 0,
  open: (host, topology, rows, groups, tasks) => openRows(host, topology, rows, groups, 'tasks', () => sumsIn(tasks(), heldOf)),
};

const EVERY = 5_000;
/** After a pass that told what the one before did. */
const AT_REST = 10_000;
const SHARE = 20;

/** The first pass is waited for: who looks once has no other. */
function passBeside(host: Host, topology: CgroupTopology): Pass<Opened> {
  let sums: Sums<Opened> | null = null;
  let told: Uint8Array | null = null;
  let next = 0;
  const begun = (): number => {
    const at = host.uptime();
    next = Number.POSITIVE_INFINITY;
    return at;
  };
  const done = (at: number, bytes: Uint8Array | null): void => {
    // what says the same is not added up anew, and nobody looks at its rows
    const same = told !== null && bytes !== null && Buffer.compare(told, bytes) === 0;
    if (!same) sums = sumsIn(bytes, openedOf);
    told = bytes;
    next = at + Math.max(same ? AT_REST : EVERY, SHARE * (host.uptime() - at));
  };
  return () => {
    if (host.uptime() < next) return sums;
    const path = findIterators(host, topology)?.files;
    if (path === undefined) return null;
    const at = begun();
    if (told === null) done(at, host.files.readAt(path, 0, MOST_BYTES));
    else host.files.readSoon(path, MOST_BYTES).then((bytes) => done(at, bytes));
    return sums;
  };
}

export const FILE_ROWS: SourceKind = {
  rows: ['numfile', 'numflock', 'numothersock', 'tcpsndbuf', 'tcprcvbuf', 'othersockbuf', 'dgramrcvbuf'],
  every: 0,
  // the other end sends
  restless: true,
  open: (host, topology, rows, groups) => openRows(host, topology, rows, groups, 'files', passBeside(host, topology)),
};
