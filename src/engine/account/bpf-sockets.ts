// Internet sockets of all containers as the kernel's programs count them: where their maps have names, and one reading of all in one file.
// Who puts the programs there is elsewhere (ct/socket-programs.ts); without them there is nothing here.
import type { Host } from '../host/port.ts';
import { parseCounts, parseLimits, type SocketCounts, type SocketLimits } from '../spec/bpf/socket-counts.ts';
import { bpfPlace } from '../store/bpf-place.ts';
import type { GroupNumbers } from './group-numbers.ts';
import type { LiveCt, RowReadings, SourceKind } from './row-source.ts';

export const socketsPlace = (host: Pick<Host, 'root'>): string => `${bpfPlace(host)}/sockets`;
/** The maps: counts and limits by the number of a container's cgroup in the v2 tree. */
export const socketMap = (host: Pick<Host, 'root'>, name: 'counts' | 'limits' | 'marks'): string => `${socketsPlace(host)}/${name}`;

export interface OpenSocketCounts {
  /** Of containers whose sockets are counted; one read for all. */
  read(ids: readonly number[]): ReadonlyMap<number, SocketCounts>;
  /** What the kernel holds them to. */
  limits(ids: readonly number[]): ReadonlyMap<number, SocketLimits>;
}

type Reading = Pick<Host, 'files' | 'root'>;

export function openSocketCounts(host: Reading, groups: GroupNumbers): OpenSocketCounts {
  const { files } = host;
  /** A text that is as it was says what it said. */
  const openMap = <T>(name: 'counts' | 'limits', parse: (text: string) => ReadonlyMap<number, T>) => {
    let known = { text: '', by: parse('') };
    return (ids: readonly number[]): Map<number, T> => {
      const text = files.read(socketMap(host, name)) ?? '';
      if (text !== known.text) known = { text, by: parse(text) };
      const found = new Map<number, T>();
      for (const id of ids) {
        const value = known.by.get(groups.of(id) ?? 0);
        if (value !== undefined) found.set(id, value);
      }
      return found;
    };
  };
  const counts = openMap('counts', parseCounts);
  const limits = openMap('limits', parseLimits);
  return {
    read(ids) {
      const first = counts(ids);
      // the kernel ends the text where a container goes away meanwhile
      return first.size === ids.length ? first : new Map([...first, ...counts(ids)]);
    },
    limits,
  };
}

/** Milliseconds for which limits are as they were read. */
const LIMITS_KEPT = 5_000;
const SOURCE = 'bpf: sockets';

const told = (limit: number | null | undefined): number => limit ?? Number.POSITIVE_INFINITY;

function readings(counts: SocketCounts, limits: SocketLimits | undefined): RowReadings {
  const by = { failSource: SOURCE, by: 'bpf-sockets' } as const;
  const { numtcpsock, numothersock } = counts;
  return {
    numtcpsock: { ...numtcpsock, source: SOURCE, ...by, ...(limits && { limit: told(limits.numtcpsock) }) },
    // its held is that of sockets of all families, which others count
    numothersock: { failcnt: numothersock.failcnt, ...by, ...(limits && { limit: told(limits.numothersock) }) },
  };
}

export const BPF_SOCKET_ROWS: SourceKind = {
  rows: ['numtcpsock', 'numothersock'],
  every: 0,
  // connections come in without anybody's doing
  restless: true,
  keeps: true,
  open(host, topology, _rows, groups) {
    if (topology.unified === null) return null;
    const sockets = openSocketCounts(host, groups);
    let limits: ReadonlyMap<number, SocketLimits> = new Map();
    let kept = 0;
    const known = new Map<number, { readonly count: SocketCounts; readonly limit: SocketLimits | undefined; readonly rows: RowReadings }>();
    const rowsOf = (id: number, count: SocketCounts): RowReadings => {
      const before = known.get(id);
      const limit = limits.get(id);
      if (before?.count === count && before.limit === limit) return before.rows;
      const rows = readings(count, limit);
      known.set(id, { count, limit, rows });
      return rows;
    };
    return {
      look(containers: readonly LiveCt[]) {
        const ids = containers.map(({ id }) => id);
        const counts = sockets.read(ids);
        if (counts.size > 0 && host.uptime() >= kept) {
          limits = sockets.limits(ids);
          kept = host.uptime() + LIMITS_KEPT;
        }
        const found = new Map<number, RowReadings>();
        for (const id of ids) {
          const count = counts.get(id);
          if (count !== undefined) found.set(id, rowsOf(id, count));
        }
        return found;
      },
      forget: (id) => void known.delete(id),
      close() {},
    };
  },
};
