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
  /** Milliseconds between two records at most, as long as somebody looks. */
  readonly step: number;
}

const SPANS: Readonly<Record<HistorySpan, Span>> = {
  seconds: { ring: 0, count: 900, reach: 900_000, step: 10_000 },
  minutes: { ring: MINUTES, count: 1440, reach: 86_400_000, step: 60_000 },
  hours: { ring: HOURS, count: 2160, reach: 90 * 86_400_000, step: 3_600_000 },
};

/** A look that is no farther off than so many steps was about then. */
const NEAR_BY = 1.5;

interface Aged {
  readonly record: RingRecord;
  /** Milliseconds. */
  readonly age: number;
  readonly step: number;
}

export interface Growth {
  /**
   * Since when it is counted: the moment that was asked for, or when the first look after it was, if what was counted before that may be older.
   * Milliseconds since 1970.
   */
  readonly since: number;
  /** Refusals since then, by row; rows without any are left out. */
  readonly failcnt: ReadonlyMap<string, number>;
}

/** Refusals over all lives, by row. */
export type Counts = readonly { readonly name: string; readonly failcnt: number }[];

/** All of something was between so many milliseconds ago and so many. */
export interface Ages {
  readonly first: number;
  readonly last: number;
}

export interface LedgerHistory {
  /** Of a row, oldest first; empty where nobody has looked. */
  points(id: number, row: string, span: HistorySpan): readonly HistoryPoint[];
  /** `ago` in milliseconds; `rows`: counts of now, if somebody has them, else those of the newest look. null where nobody has looked. */
  growth(id: number, ago: number, rows?: Counts): Growth | null;
  /** Records of it that cannot be read any more, and are left out everywhere. */
  damaged(id: number, span: HistorySpan): number;
  /** When what `growth` tells of was, by row, as close as somebody has looked. */
  times(id: number, ago: number, rows?: Counts): ReadonlyMap<string, Ages>;
  /** What has been refused since somebody looked last; null where nobody has. */
  unseen(id: number, rows: Counts): Growth | null;
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

  /** Of one ring the newest record that is at least so old, and the one after it. */
  const around = (id: number, span: HistorySpan, ago: number): readonly Aged[] => {
    const { count, reach } = SPANS[span];
    const guess = Math.min(count, Math.ceil((ago / reach) * count) + 2);
    const rings = ringsOf(id, span);
    // looks may come more often than once a second, so a guess that does not reach back is followed by all there is
    for (const most of new Set([guess, count])) {
      const records = tail(rings, SPANS[span], most);
      const ages = agesOf(records);
      const at = ages.findLastIndex((age) => age >= ago);
      if (at < 0 && most < count) continue;
      return [at, at + 1].flatMap((place) => {
        const record = records[place];
        return record === undefined ? [] : [{ record, age: ages[place] as number, step: SPANS[span].step }];
      });
    }
    return [];
  };

  /** Where counting begins: at the moment that was asked for, if somebody looked about then, else with the first look after it. */
  const beginning = (id: number, ago: number): Aged | null => {
    const found = (['seconds', 'minutes', 'hours'] as const).flatMap((span) => around(id, span, ago));
    const [before] = found.filter(({ age }) => age >= ago).sort((a, b) => a.age - b.age);
    const [after] = found.filter(({ age }) => age < ago).sort((a, b) => b.age - a.age);
    if (before === undefined) return after ?? null;
    // what was counted while nobody looked may have been long before
    const known =
      before.age - ago <= NEAR_BY * before.step || after?.record.failcnt.every((count, i) => count === before.record.failcnt[i]);
    return known ? { ...before, age: ago } : (after ?? null);
  };

  const newest = (id: number): RingRecord | undefined =>
    tail(ringsOf(id, 'seconds'), SPANS.seconds, 1)[0] ?? tail(ringsOf(id, 'minutes'), SPANS.minutes, 1)[0];

  /** By the place of the row, modulo 2³² as in records. */
  const countsOf = ({ failcnt }: RingRecord, rows: Counts = []): ArrayLike<number> => {
    const now = new Map(rows.map((row) => [row.name, row.failcnt % 2 ** 32]));
    return ACCOUNT_ROWS.map((name, i) => now.get(name) ?? (failcnt[i] as number));
  };

  const grown = ({ failcnt }: RingRecord, now: ArrayLike<number>): ReadonlyMap<string, number> =>
    new Map(
      ACCOUNT_ROWS.map((name, i): [string, number] => [name, growthOf(failcnt[i] as number, now[i] as number)]).filter(
        ([, more]) => more > 0,
      ),
    );

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
    damaged: (id, span) => ringsOf(id, span).damaged(SPANS[span].ring),
    growth(id, ago, rows) {
      const last = newest(id);
      if (last === undefined) return null;
      const from = beginning(id, ago);
      if (from === null) return { since: host.now(), failcnt: new Map() };
      return { since: host.now() - from.age, failcnt: grown(from.record, countsOf(last, rows)) };
    },
    times(id, ago, rows) {
      const [from, last] = [beginning(id, ago), newest(id)];
      const found = new Map<string, Ages>();
      if (from === null || last === undefined) return found;
      const after = (['seconds', 'minutes'] as const).flatMap((span) => {
        const { count, step } = SPANS[span];
        const records = tail(ringsOf(id, span), SPANS[span], span === 'seconds' ? count : Math.min(count, Math.ceil(ago / step) + 2));
        const ages = agesOf(records);
        return records.map(({ failcnt }, i) => ({ failcnt, age: ages[i] as number }));
      });
      const looks = after.filter(({ age }) => age < from.age).sort((a, b) => b.age - a.age);
      let before = { failcnt: from.record.failcnt as ArrayLike<number>, age: from.age };
      for (const look of [...looks, { failcnt: countsOf(last, rows), age: 0 }]) {
        for (const [i, name] of ACCOUNT_ROWS.entries())
          if (growthOf(before.failcnt[i] as number, look.failcnt[i] as number) > 0)
            found.set(name, { first: found.get(name)?.first ?? before.age, last: look.age });
        before = look;
      }
      return found;
    },
    unseen(id, rows) {
      const last = newest(id);
      if (last === undefined) return null;
      const [age = 0] = agesOf([last]);
      return { since: host.now() - age, failcnt: grown(last, countsOf(last, rows)) };
    },
  };
}
