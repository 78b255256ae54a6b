// The arithmetic of a container's ledger: refusals and highest values over all of its lives, from counters that the kernel begins anew with each
// life. Knows neither files nor who looks; a look that is told twice, late or in another order changes no sum.
import type { CtUbc, UbcRow } from './ubc-rows.ts';

/** Of one counter, as one look found it. failcnt counts from the life's beginning and only grows; maxheld is the highest of the life so far. */
export interface Seen {
  readonly failcnt: number;
  readonly maxheld: number;
}

/** What somebody found a container's counters at. */
export interface Statement {
  /** One set of counters: no two starts have the same, on whatever boot of the node. */
  readonly life: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** How many resets whoever looked knew of: a highest value from before a reset does not count after it. */
  readonly epoch: number;
  readonly rows: ReadonlyMap<string, Seen>;
}

export interface LedgerEntry extends Seen {
  /** Refusals of earlier lives since the reset; negative when the reset was in the present one. */
  readonly base: number;
  /** Highest value of earlier lives since the reset. */
  readonly ever: number;
  /** What the kernel told as the highest value at the reset: as long as it tells no more than that, nobody knows when it was. */
  readonly ceiling: number;
}

/** Refusals of a life after `from` are missing, since nobody looked between then and its end; it was noticed at `to`. Milliseconds since 1970. */
export interface LedgerGap {
  readonly from: number;
  readonly to: number;
}

/** All that is kept of a container. */
export interface Ledger {
  /** Since when it counts: the first look, or the last reset. */
  readonly since: number;
  readonly epoch: number;
  /** The newest life, "" before the first, when it was looked at last, and whether that was after its end. */
  readonly life: string;
  readonly at: number;
  readonly ended: boolean;
  /** Lives before it, the newest first. */
  readonly past: readonly string[];
  /** The newest last. */
  readonly gaps: readonly LedgerGap[];
  readonly entries: ReadonlyMap<string, LedgerEntry>;
}

/** A look that comes later than so many lives is none of ours. */
const PAST = 16;
const GAPS = 8;

const NOTHING: LedgerEntry = { base: 0, failcnt: 0, maxheld: 0, ever: 0, ceiling: 0 };

export function emptyLedger(since: number): Ledger {
  return { since, epoch: 0, life: '', at: since, ended: true, past: [], gaps: [], entries: new Map() };
}

/** The newest life becomes one of those before. */
function turned(ledger: Ledger, { life, at }: Statement): Ledger {
  const entries = [...ledger.entries].map(([name, { base, failcnt, maxheld, ever }]): [string, LedgerEntry] => [
    name,
    { base: base + failcnt, failcnt: 0, maxheld: 0, ever: Math.max(ever, maxheld), ceiling: 0 },
  ]);
  const past = ledger.life === '' ? [] : [ledger.life, ...ledger.past].slice(0, PAST);
  return { ...lost(ledger, at), life, at, ended: false, past, entries: new Map(entries) };
}

/**
 * Of two lives "BOOT NUMBER" of one boot that with the lower number is over: numbers of groups only grow (fs/kernfs/dir.c, cyclic with a generation
 * above). What somebody said of it and was not merged when the next began was merged before and has been forgotten since.
 */
function isOver(life: string, newest: string): boolean {
  const [boot, number] = life.split(' ');
  const [present, last] = newest.split(' ');
  return boot === present && Number(number) < Number(last);
}

/** The older first, as far as that is known: so they have to be merged. */
export const byAge = (a: Statement, b: Statement): number => Number(isOver(b.life, a.life)) - Number(isOver(a.life, b.life));

/** Of one life the highest counts, of several the sum. */
export function merged(ledger: Ledger, statement: Statement): Ledger {
  if (ledger.past.includes(statement.life) || isOver(statement.life, ledger.life)) return ledger;
  const open = statement.life === ledger.life ? ledger : turned(ledger, statement);
  const entries = new Map(open.entries);
  const outdated = statement.epoch < ledger.epoch && statement.life === ledger.life;
  for (const [name, seen] of statement.rows) {
    const entry = entries.get(name) ?? NOTHING;
    const failcnt = Math.max(entry.failcnt, seen.failcnt);
    const maxheld = outdated ? entry.maxheld : Math.max(entry.maxheld, seen.maxheld);
    // most say what is known already
    if (failcnt !== entry.failcnt || maxheld !== entry.maxheld) entries.set(name, { ...entry, failcnt, maxheld });
  }
  return { ...open, at: Math.max(open.at, statement.at), entries };
}

/** Does the ledger hold this life already? Whoever wants to overwrite a statement of one that it does not hold must merge it first. */
export const holdsLife = (ledger: Ledger, life: string): boolean =>
  life === ledger.life || ledger.past.includes(life) || isOver(life, ledger.life);

/** What the kernel tells now, as a statement: a highest value from before the reset is none of after it. */
export function looked(ledger: Ledger, life: string, at: number, rows: readonly UbcRow[]): Statement {
  const same = life === ledger.life;
  const found = rows.map(({ name, held, maxheld, failcnt }): [string, Seen] => {
    const ceiling = same ? (ledger.entries.get(name)?.ceiling ?? 0) : 0;
    return [name, { failcnt, maxheld: maxheld > ceiling ? maxheld : held }];
  });
  return { life, at, epoch: ledger.epoch, rows: new Map(found) };
}

/** The life is over, and its counters were read after that. */
export const ended = (ledger: Ledger): Ledger => (ledger.ended ? ledger : { ...ledger, ended: true });

/** The life is over, and its counters went before anybody read them. */
export function lost(ledger: Ledger, at: number): Ledger {
  return ledger.ended ? ledger : { ...ledger, ended: true, gaps: withGap(ledger, at) };
}

const withGap = ({ gaps, at }: Ledger, to: number): readonly LedgerGap[] => [...gaps, { from: at, to }].slice(-GAPS);

/** All counts begin anew. `rows`: what the kernel tells at this moment; none for a container that does not run. */
export function reset(ledger: Ledger, at: number, rows: readonly UbcRow[]): Ledger {
  const now = new Map(rows.map((row) => [row.name, row]));
  const entries = [...ledger.entries].map(([name, { failcnt }]): [string, LedgerEntry] => {
    const { held = 0, maxheld = 0 } = now.get(name) ?? {};
    return [name, { base: -failcnt, failcnt, maxheld: held, ever: 0, ceiling: maxheld }];
  });
  return { ...ledger, since: at, epoch: ledger.epoch + 1, gaps: [], entries: new Map(entries) };
}

/** A row over all lives. */
export interface LedgerRow extends UbcRow {
  /** Highest value over all lives since the reset; maxheld is that of the present life, or of the last where none is. */
  readonly everheld: number;
  /** Refusals of the present life, or of the last. */
  readonly lifeFailcnt: number;
}

/** The account of a container with what its ledger adds. */
export interface CtLedger extends CtUbc {
  readonly rows: readonly LedgerRow[];
  /** Since when failcnt and everheld count, milliseconds since 1970. */
  readonly since: number;
  /** What is missing in them, the newest last; empty when nothing is. */
  readonly gaps: readonly LedgerGap[];
}

/** Rows of this life with what came before. The ledger holds what these rows say. */
export function overAllLives(ledger: Ledger, { id, running, rows }: CtUbc): CtLedger {
  const all = rows.map((row): LedgerRow => {
    const { base, failcnt, maxheld, ever } = ledger.entries.get(row.name) ?? NOTHING;
    return {
      ...row,
      failcnt: Math.max(0, base + failcnt),
      lifeFailcnt: base < 0 ? Math.max(0, base + failcnt) : failcnt,
      maxheld,
      everheld: Math.max(ever, maxheld),
    };
  });
  return { id, running, rows: all, since: ledger.since, gaps: ledger.gaps };
}

/** "counts between 08:12 and 08:31 may be missing"; "" where none are. `time` writes milliseconds since 1970. */
export function gapText(gaps: readonly LedgerGap[], time: (at: number) => string): string {
  const newest = gaps.at(-1);
  if (newest === undefined) return '';
  const others = gaps.length > 1 ? `, and some of before` : '';
  return `counts ${newest.from === 0 ? 'before' : `between ${time(newest.from)} and`} ${time(newest.to)} may be missing${others}`;
}

/** A point of a row's history. */
export interface HistoryPoint {
  /** Milliseconds since 1970, as the present clock sees it: ascending whatever was done to the clock meanwhile. */
  readonly at: number;
  /** In the row's unit; of a minute or an hour the highest. */
  readonly held: number;
  /** Refusals over all lives until then, modulo 2³². Growth between two points is (b − a) mod 2³²; see `growthOf`. */
  readonly failcnt: number;
}

/** How far back, and how fine: seconds of 15 minutes, minutes of 24 hours, hours of 90 days. */
export type HistorySpan = 'seconds' | 'minutes' | 'hours';

/** Refusals between two values of HistoryPoint.failcnt. A smaller later one is a reset: what came after it counts. */
export function growthOf(before: number, after: number): number {
  const grown = (after - before + 2 ** 32) % 2 ** 32;
  return grown < 2 ** 31 ? grown : after;
}
