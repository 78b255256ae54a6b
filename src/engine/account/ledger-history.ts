// How a container's rows were: points of one row for a trend, and what was refused since a moment. Reads what the writing sampler left, by seeking;
// asks no kernel and has no timer.
import { crc32 } from 'node:zlib';
import { bootId } from '../cgroup/life.ts';
import type { Host } from '../host/port.ts';
import { growthOf, type HistoryPoint, type HistorySpan } from '../spec/ubc-ledger.ts';
import { ACCOUNT_ROWS } from '../spec/ubc-rows.ts';
import type { NodeConfig } from '../store/node-config.ts';
import { type RingReader, type RingRecord, readRings } from '../store/ubc-rings.ts';
import { HOURS, historyPath, MINUTES, MINUTES_AND_HOURS, SECONDS, secondsPath } from './ledger.ts';

interface Span {
  readonly ring: number;
  readonly count: number;
  /** Milliseconds. */
  readonly reach: number;
}

const SPANS: Readonly<Record<HistorySpan, Span>> = {
  seconds: { ring: 0, count: 900, reach: 900_000 },
  minutes: { ring: MINUTES, count: 1440, reach: 86_400_000 },
  hours: { ring: HOURS, count: 2160, reach: 90 * 86_400_000 },
};

export interface Growth {
  /** Since when it is counted: the moment that was asked for, or when the first look after it was. Milliseconds since 1970. */
  readonly since: number;
  /** Refusals since then, by row; rows without any are left out. */
  readonly failcnt: ReadonlyMap<string, number>;
}

export interface LedgerHistory {
  /** Of a row, oldest first; empty where nobody has looked. */
  points(id: number, row: string, span: HistorySpan): readonly HistoryPoint[];
  /** `ago` in milliseconds; null where nobody has looked. */
  growth(id: number, ago: number): Growth | null;
}

export function openHistory(host: Pick<Host, 'files' | 'proc' | 'now' | 'uptime'>, node: NodeConfig): LedgerHistory {
  const { files, proc } = host;
  const boot = crc32(bootId(host));
  const up = (): number => Number.parseFloat(files.read(`${proc}/uptime`) ?? '') * 1000 || host.uptime();
  const ringsOf = (id: number, span: HistorySpan): RingReader =>
    span === 'seconds' ? readRings(files, secondsPath(node, id), SECONDS) : readRings(files, historyPath(node, id), MINUTES_AND_HOURS);

  /**
   * Milliseconds since each record, oldest first. Of this boot the monotonic clock tells; of an earlier one only the date, which somebody may have
   * changed since: a record is at least as old as the one after it.
   */
  const agesOf = (records: readonly RingRecord[]): readonly number[] => {
    const [now, date] = [up(), host.now()];
    let least = 0;
    const ages = records.toReversed().map((record) => {
      least = Math.max(least, record.boot === boot ? now - record.up : date - record.at);
      return least;
    });
    return ages.reverse();
  };

  /** The newest records, as many as may be that old. */
  const tail = (rings: RingReader, { ring }: Span, most: number): readonly RingRecord[] => {
    const last = rings.last(ring);
    return last === 0 ? [] : rings.records(ring, last - most + 1, last);
  };

  const since = (id: number, span: HistorySpan, ago: number): { readonly record: RingRecord; readonly age: number } | null => {
    const { count, reach } = SPANS[span];
    const guess = Math.min(count, Math.ceil((ago / reach) * count) + 2);
    const rings = ringsOf(id, span);
    // looks may come more often than once a second, so a guess that does not reach back is followed by all there is
    for (const most of new Set([guess, count])) {
      const records = tail(rings, SPANS[span], most);
      const ages = agesOf(records);
      const at = ages.findLastIndex((age) => age >= ago);
      const place = at >= 0 ? at : most === count ? 0 : -1;
      const record = records[place];
      if (record) return { record, age: ages[place] as number };
    }
    return null;
  };

  return {
    points(id, row, span) {
      const place = ACCOUNT_ROWS.indexOf(row);
      if (place < 0) return [];
      const records = tail(ringsOf(id, span), SPANS[span], SPANS[span].count);
      const ages = agesOf(records);
      const now = host.now();
      const points = records.map(({ held, failcnt }, i): HistoryPoint & { readonly age: number } => {
        const age = ages[i] as number;
        return { at: now - age, held: held[place] as number, failcnt: failcnt[place] as number, age };
      });
      return points.filter(({ age }) => age <= SPANS[span].reach).map(({ at, held, failcnt }) => ({ at, held, failcnt }));
    },
    growth(id, ago) {
      const now = tail(ringsOf(id, 'seconds'), SPANS.seconds, 1)[0] ?? tail(ringsOf(id, 'minutes'), SPANS.minutes, 1)[0];
      if (now === undefined) return null;
      const found = (['seconds', 'minutes', 'hours'] as const).flatMap((span) => since(id, span, ago) ?? []);
      // the finest ring that reaches so far; otherwise whatever reaches back farthest
      const best = found.find(({ age }) => age >= ago) ?? found.sort((a, b) => b.age - a.age)[0];
      if (best === undefined) return null;
      const grown = ACCOUNT_ROWS.map((name, i): [string, number] => [
        name,
        growthOf(best.record.failcnt[i] as number, now.failcnt[i] as number),
      ]);
      return { since: host.now() - Math.min(best.age, ago), failcnt: new Map(grown.filter(([, count]) => count > 0)) };
    },
  };
}
