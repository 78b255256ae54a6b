// Accounts of two looks as evidence: which bound it is that refuses, what has been refused meanwhile, and which beancounters are worth asking who.
import { BEANCOUNTERS, type UbcUnit } from '../ubc.ts';
import type { CtUbc } from '../ubc-rows.ts';
import { boundOf } from '../ubc-sense.ts';
import type { CtEvidence, RowEvidence, WhenEvidence } from './evidence.ts';

/** Refusals of one beancounter in the last minute and hour. */
export interface Recently {
  readonly minute: number;
  readonly hour: number;
  /** Of those of the hour. */
  readonly when: WhenEvidence | null;
}

/** What the history tells of a container. */
export interface Lately {
  /** By beancounter; those of which nobody has seen a refusal are left out. */
  readonly rows: ReadonlyMap<string, Recently>;
  /** Seconds that it reaches back, an hour at most; 0: nobody has looked. */
  readonly reach: number;
}

/** Seconds. */
const LATELY = 3600;

/**
 * Seconds that something was counted in, null where whoever looked has seen the last hour of it, though a look comes a few seconds late. Of what is
 * younger nobody has seen the moment between its start and the first look.
 */
export const unwatchedFor = (counted: number, reach: number): number | null =>
  reach >= (counted > LATELY ? LATELY * 0.95 : counted) ? null : counted;

const UNITS: ReadonlyMap<string, UbcUnit> = new Map(BEANCOUNTERS.map(({ name, unit }) => [name, unit]));

/** The disk has rules of its own. */
export function rowEvidence(
  before: CtUbc | undefined,
  now: CtUbc,
  recently: ReadonlyMap<string, Recently> = new Map(),
): readonly RowEvidence[] {
  const earlier = new Map(before?.rows.map((row) => [row.name, row]));
  return now.rows.flatMap((row): readonly RowEvidence[] => {
    const unit = UNITS.get(row.name);
    if (unit === undefined) return [];
    const was = earlier.get(row.name) ?? row;
    const past = recently.get(row.name);
    const { name, held, maxheld, failcnt, source, failSource, enforced } = row;
    const { minute, hour, when } = past ?? { minute: null, hour: null, when: null };
    const seen = { before: was.held, refused: Math.max(0, failcnt - was.failcnt), minute, hour, when };
    return [{ name, unit, held, maxheld, limit: boundOf(row), ...seen, failcnt, source, failSource, enforced }];
  });
}

/** So many sockets of a container make it worth to look whether they are closed. */
const MANY_SOCKETS = 40;
/** Processes that count and stand in no list: ended ones. */
const UNLISTED = 20;
/** Growth in items, and part of a limit, that are worth a look. */
const GROWN = 20;
const NEAR = 0.9;
const WAITS_FOR_MEMORY = 10;
const GROWS_BY = 1 << 20;

const standsOut = (row: RowEvidence): boolean => {
  const near = row.limit !== null && row.limit > 0 && row.held >= row.limit * NEAR;
  return (
    row.refused > 0 || (row.minute ?? 0) > 0 || (row.hour ?? 0) > 0 || near || (row.unit === 'items' && row.held - row.before >= GROWN)
  );
};

type Asking = Pick<CtEvidence, 'rows' | 'oom' | 'memory' | 'pressure' | 'processes'>;

/** Beancounters of which the rules want to know who holds them, the most urgent first. */
export function worthAsking({ rows, oom, memory, pressure, processes }: Asking): readonly string[] {
  const short = (pressure.memory ?? 0) >= WAITS_FOR_MEMORY || (memory?.grown ?? 0) >= GROWS_BY || (oom?.ever ?? 0) > 0;
  const counted = rows.find(({ name }) => name === 'numproc')?.held ?? 0;
  const dead = processes !== null && counted - processes.threads >= UNLISTED;
  const found = rows.filter((row) => row.name !== 'physpages' && standsOut(row)).sort((a, b) => b.refused - a.refused);
  const sockets = rows.filter(({ name, held }) => name === 'numtcpsock' && held >= MANY_SOCKETS);
  return [
    ...new Set([
      ...(short ? ['physpages'] : []),
      ...found.map(({ name }) => name),
      ...(dead ? ['numproc'] : []),
      ...sockets.map(({ name }) => name),
    ]),
  ];
}
