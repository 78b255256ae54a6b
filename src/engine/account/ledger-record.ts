// What the writing sampler keeps of one life of one container, look by look: into the file in memory at once, to the disk every ten seconds, and
// minutes and hours when they are over. An hour is made of the minutes' ring, and a writer's first minute of the seconds', so one that dies loses nothing.
import type { Host } from '../host/port.ts';
import { ACCOUNT_ROWS } from '../spec/ubc-rows.ts';
import type { NodeConfig } from '../store/node-config.ts';
import { type Found, openRings, type RingRecord } from '../store/ubc-rings.ts';
import { HOURS, historyPath, MINUTES, MINUTES_AND_HOURS, SECONDS, secondsPath } from './ledger.ts';

/** Milliseconds between two writings to the disk's file, and between two records of a container in which nothing changes. */
const AT_LEAST_EVERY = 10_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
/** A minute's seconds, and some more where looks came late. */
const SOME_SECONDS = 70;

/** When a look was: date and time since boot in milliseconds, and CRC-32 of the boot's id. */
export interface Moment {
  readonly at: number;
  readonly up: number;
  readonly boot: number;
}

export interface LedgerRecord {
  /** Has something to be written although nothing has changed? `up` as of the look. */
  due(up: number): boolean;
  /** `held` and `failcnt` (over all lives) of this look; `found`: counters of this life. `moved`: any of them is another one than at the look before. */
  add(
    moment: Moment,
    moved: { readonly held: boolean; readonly found: boolean },
    held: Float64Array,
    failcnt: Float64Array,
    found: Omit<Found, 'at'>,
  ): void;
  close(): void;
}

/** To what the others are, where they are higher. */
function raise(highest: Float64Array, others: Float64Array): void {
  for (let i = 0; i < highest.length; i++) if ((others[i] as number) > (highest[i] as number)) highest[i] = others[i] as number;
}

const peaks = (records: readonly Pick<RingRecord, 'held'>[]): Float64Array =>
  Float64Array.from(ACCOUNT_ROWS, (_, i) => records.reduce((most, { held }) => Math.max(most, held[i] ?? 0), 0));

/** The second file has no room: nothing stays open of the first. */
function openBoth<A extends { close(): void }, B>(first: A, second: () => B): [A, B] {
  try {
    return [first, second()];
  } catch (error) {
    first.close();
    throw error;
  }
}

/**
 * Throws what the disk says.
 * @param settle told of what the disk is still busy with
 */
export function openRecord(host: Host, node: NodeConfig, id: number, up: number, settle: (work: Promise<unknown>) => void): LedgerRecord {
  const [seconds, disk] = openBoth(openRings(host.files, secondsPath(node, id), SECONDS), () =>
    openRings(host.files, historyPath(node, id), MINUTES_AND_HOURS),
  );
  let dirty = true;
  // not all containers in the same second
  let lastSecond = up - (id % 10) * 1000;
  let diskDue = up + (id % 10) * 1000;
  let minuteDue = up + (1 + (id % 60)) * 1000;
  /** Of the seconds' newest record that is not ours; of the present minute more of them may tell. 0: none does. */
  let inherited = seconds.last(0);
  /** Highest values since the last minute, or since we began. */
  const highest = new Float64Array(ACCOUNT_ROWS.length);

  /** What others have written since the last minute, and the one before that: what has not changed is not written anew. */
  const sinceMinute = (): readonly RingRecord[] => {
    const number = disk.last(MINUTES);
    const [last] = disk.records(MINUTES, number, number);
    const fresh = (from: number): readonly RingRecord[] => {
      const records = seconds.records(0, from, inherited);
      const first = records.findIndex((record) => last?.boot !== record.boot || record.up > last.up);
      return first < 0 ? [] : records.slice(Math.max(0, first - 1));
    };
    const some = fresh(inherited - SOME_SECONDS);
    return some.length <= SOME_SECONDS ? some : fresh(1);
  };

  const addMinute = (moment: Moment, held: Float64Array, failcnt: Float64Array): void => {
    if (inherited > 0) raise(highest, peaks(sinceMinute()));
    inherited = 0;
    disk.append(MINUTES, { ...moment, upto: 0, held: highest, failcnt });
    highest.set(held);
  };

  /** An hour is over when the first minute that is in none is so old. */
  const addHour = (moment: Moment): void => {
    const [hour, minute] = [disk.last(HOURS), disk.last(MINUTES)];
    const from = Math.max(1, (disk.records(HOURS, hour, hour)[0]?.upto ?? 0) + 1, minute - 1439);
    const [first] = disk.records(MINUTES, from, from);
    if (first && (first.boot === moment.boot ? moment.up - first.up : moment.at - first.at) < HOUR) return;
    const records = disk.records(MINUTES, from, minute);
    const last = records.at(-1);
    if (last) disk.append(HOURS, { ...last, ...moment, upto: minute, held: peaks(records) });
  };

  return {
    due: (now) => now - lastSecond >= AT_LEAST_EVERY || now >= minuteDue || (dirty && now >= diskDue),
    add(moment, moved, held, failcnt, found) {
      if (moved.held || moved.found || moment.up - lastSecond >= AT_LEAST_EVERY) {
        seconds.append(0, { ...moment, upto: 0, held, failcnt });
        lastSecond = moment.up;
        raise(highest, held);
      }
      if (moved.found) seconds.state({ ...found, at: moment.at });
      dirty ||= moved.found;
      if (moment.up < diskDue) return;
      diskDue = moment.up + AT_LEAST_EVERY;
      if (moment.up >= minuteDue) {
        minuteDue = moment.up + MINUTE;
        addMinute(moment, held, failcnt);
        addHour(moment);
      }
      if (!dirty) return;
      disk.state({ ...found, at: moment.at });
      dirty = false;
      settle(disk.settle());
    },
    close() {
      seconds.close();
      disk.close();
    },
  };
}
