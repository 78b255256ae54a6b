// Rows that no control group counts, for all containers in one pass of the kernel's iterators. Memory is looked at each time; open files are
// dearer (a pass over every descriptor of the node), so they are read beside, and at most a twentieth of one CPU goes into it.
import type { CgroupTopology } from '../cgroup/face.ts';
import type { Host } from '../host/port.ts';
import { type GroupId, type Memory, memoryOf, type Opened, openedOf } from '../spec/bpf/passes.ts';
import { groupNumbers } from './group-numbers.ts';
import { findIterators, type Iterators, makeIterators } from './iterators.ts';
import type { RowReadings, RowSource, SourceKind } from './row-source.ts';

const SOURCE: Readonly<Record<keyof Iterators, string>> = { tasks: 'bpf iter/task', files: 'bpf iter/task_file' };

type Sums<T> = ReadonlyMap<GroupId, T>;

/** What one container has of a sum, as rows. One in which nothing is found has none of it. */
function readings<T extends Memory | Opened>(sum: T | undefined, rows: readonly string[], source: string): RowReadings {
  return Object.fromEntries(
    rows.map((name) => [name, { held: (sum as Readonly<Record<string, number>> | undefined)?.[name] ?? 0, source }]),
  );
}

type Pass<T> = (path: string) => Sums<T> | null;

function openRows<T extends Memory | Opened>(
  host: Host,
  topology: CgroupTopology,
  rows: readonly string[],
  which: keyof Iterators,
  pass: Pass<T>,
): RowSource | null {
  if (topology.unified === null || host.planning) return null;
  const groups = groupNumbers(host, topology);
  let asked = false;
  return {
    look(containers) {
      const iterators = findIterators(host, topology);
      // until they are there, and where they never are, whyever, the next source tells
      if (iterators === null && !asked) makeIterators(host, topology).catch(() => {});
      asked = true;
      const sums = iterators && pass(iterators[which]);
      if (sums === null) return new Map();
      return new Map(
        containers.flatMap(({ id }): [number, RowReadings][] => {
          const group = groups.of(id);
          return group === undefined ? [] : [[id, readings(sums.get(group), rows, SOURCE[which])]];
        }),
      );
    },
    forget: groups.forget,
    close() {},
  };
}

/** More than this of one pass is not kept in memory: somebody has opened a hundred thousand files, and processes are counted one by one again. */
const MOST_BYTES = 4 << 20;

function whole<T>(bytes: Uint8Array | null, sums: (bytes: Uint8Array) => Sums<T>): Sums<T> | null {
  return bytes === null || bytes.length === MOST_BYTES ? null : sums(bytes);
}

export const MEMORY_ROWS: SourceKind = {
  rows: ['privvmpages', 'lockedpages'],
  every: 0,
  open: (host, topology, rows) =>
    openRows(host, topology, rows, 'tasks', (path) => whole(host.files.readAt(path, 0, MOST_BYTES), memoryOf)),
};

const EVERY = 5_000;
const SHARE = 20;

/** The first pass is waited for: who looks once has no other. */
function passBeside(host: Host): Pass<Opened> {
  let sums: Sums<Opened> | null = null;
  let next = 0;
  const begun = (): number => {
    const at = host.uptime();
    next = Number.POSITIVE_INFINITY;
    return at;
  };
  const done = (at: number, bytes: Uint8Array | null): void => {
    sums = whole(bytes, openedOf);
    next = at + Math.max(EVERY, SHARE * (host.uptime() - at));
  };
  return (path) => {
    if (next === 0) done(begun(), host.files.readAt(path, 0, MOST_BYTES));
    else if (host.uptime() >= next) {
      const at = begun();
      host.files.readSoon(path, MOST_BYTES).then((bytes) => done(at, bytes));
    }
    return sums;
  };
}

export const FILE_ROWS: SourceKind = {
  rows: ['numfile', 'numflock', 'numothersock', 'tcpsndbuf', 'tcprcvbuf', 'othersockbuf', 'dgramrcvbuf'],
  every: 0,
  // the other end sends
  restless: true,
  open: (host, topology, rows) => openRows(host, topology, rows, 'files', passBeside(host)),
};
