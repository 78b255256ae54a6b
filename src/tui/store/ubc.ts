// The beancounters of the container that is looked at, look for look: how fast each is refused, how near it is to its bound, and in which order
// that needs somebody. Pure.
import {
  boundOf,
  type ChangeEvidence,
  type CtLedger,
  type LedgerGap,
  NEAR,
  type UbcRow,
  type Unit,
  unitOf,
  type Who,
} from '../../engine/index.ts';
import { clean } from '../screen/text.ts';
import { finder, listingOf, placed } from './listing.ts';
import type { Heat, ManagerState } from './state.ts';
import type { SeenUbc, UbcLook } from './view-state.ts';
import { showView } from './views.ts';

const SECOND = 1000;
const MINUTE = 60_000;
/** A look that comes a little early is one of a second ago all the same. */
const EARLY = 100;
/** What was refused is an alarm for so many looks, and then a warning as long as it is warm. */
export const HOT_LOOKS = 3;
export const WARM_LOOKS = 5;
/** Looks that are kept: a minute at the shortest period, and the one before. */
const MOST_LOOKS = 122;

/** How far it is from needing somebody: refused just now, at or near its bound, refused some time, nothing of these. */
export type Trouble = 'refused' | 'near' | 'was-refused' | 'none';
const RANK: readonly Trouble[] = ['refused', 'near', 'was-refused', 'none'];

export interface BeanRow extends UbcRow {
  readonly key: string;
  /** The container does. */
  readonly runs: boolean;
  readonly unit: Unit;
  /** Null: none. */
  readonly bound: number | null;
  /** Held of the bound, 0 where there is none. */
  readonly part: number;
  /** Refusals per second as of the last look, in the last minute, and since it is looked at; null where nobody counts them. */
  readonly grown: { readonly second: number; readonly minute: number; readonly opened: number } | null;
  /** Looks since the last refusal that was seen; Infinity: none was. */
  readonly age: number;
  /** Held at each look, oldest first. */
  readonly trend: readonly number[];
  readonly trouble: Trouble;
  /** The change that took some of it away; null where none did. */
  readonly lowered: ChangeEvidence | null;
  /** Of the container's ledger: what may be missing in its counts. */
  readonly gaps: readonly LedgerGap[];
}

const fails = (look: UbcLook, name: string): number => look.rows.get(name)?.failcnt ?? 0;
/** Counts that were reset begin anew. */
const between = (from: UbcLook | undefined, to: UbcLook, name: string): number =>
  from === undefined ? 0 : Math.max(0, fails(to, name) - fails(from, name));

function ageOf(looks: readonly UbcLook[], name: string): number {
  for (let at = looks.length - 1; at > 0; at--) if (between(looks[at - 1], looks[at]!, name) > 0) return looks.length - 1 - at;
  return Number.POSITIVE_INFINITY;
}

function grownOf({ looks, first }: SeenUbc, last: UbcLook, name: string): NonNullable<BeanRow['grown']> {
  const before = looks.findLast(({ at }) => at <= last.at - SECOND + EARLY);
  const minute = looks.findLast(({ at }) => at <= last.at - MINUTE + EARLY) ?? looks[0];
  const seconds = before === undefined ? 1 : Math.max(1, (last.at - before.at) / SECOND);
  return {
    second: Math.ceil(between(before, last, name) / seconds),
    minute: Math.max(between(minute, last, name), last.minute?.get(name) ?? 0),
    opened: between(first ?? undefined, last, name),
  };
}

function troubleOf(row: UbcRow, bound: number | null, age: number): Trouble {
  if (age < WARM_LOOKS) return 'refused';
  if (row.enforced !== 'accounting-only' && bound !== null && bound > 0 && row.held >= NEAR * bound) return 'near';
  return row.failcnt > 0 ? 'was-refused' : 'none';
}

function loweredBy({ lowered }: SeenUbc, at: number, name: string): ChangeEvidence | null {
  const change = lowered?.changes.get(name);
  return change === undefined || lowered === null ? null : { ...change, ago: change.ago + Math.max(0, at - lowered.at) / SECOND };
}

function beanRow(seen: SeenUbc, last: UbcLook, row: UbcRow, heat: Heat | undefined): BeanRow {
  const { name } = row;
  const bound = boundOf(row);
  // what the table saw before anybody looked closely
  const warm = heat?.by.get(name);
  const age = Math.min(ageOf(seen.looks, name), warm === undefined ? Number.POSITIVE_INFINITY : WARM_LOOKS - warm.ticks);
  return {
    ...row,
    key: name,
    runs: seen.running,
    unit: unitOf(name),
    bound,
    part: bound === null || bound <= 0 ? 0 : row.held / bound,
    grown: row.failSource === 'none' ? null : grownOf(seen, last, name),
    age,
    trend: seen.looks.map(({ rows }) => rows.get(name)?.held ?? 0),
    trouble: troubleOf(row, bound, age),
    lowered: loweredBy(seen, last.at, name),
    gaps: seen.gaps,
  };
}

/** Reasons and sources may name what a container has chosen. */
export const cleanUbc = (ubc: CtLedger): CtLedger => ({
  ...ubc,
  rows: ubc.rows.map((row) => ({ ...row, reason: clean(row.reason), source: clean(row.source), failSource: clean(row.failSource) })),
});

/** What the journal tells of who has lowered what. */
export const cleanLowered = (changes: ReadonlyMap<string, ChangeEvidence>): ReadonlyMap<string, ChangeEvidence> =>
  new Map(
    [...changes].map(([name, one]) => [name, { ...one, before: clean(one.before), program: clean(one.program), verb: clean(one.verb) }]),
  );

const NAME = 60;
const COMMAND = 300;

/** The same with what processes say of themselves made harmless. */
export const cleanWho = (who: Who): Who => ({
  ...who,
  notes: who.notes.map((note) => clean(note, COMMAND)),
  lines: who.lines.map((line) => ({
    ...line,
    what: clean(line.what, NAME),
    name: clean(line.name, NAME),
    command: clean(line.command, COMMAND),
    parent: line.parent && { ...line.parent, name: clean(line.parent.name, NAME) },
  })),
});

/** One more look; another container, or one that was looked at for something else meanwhile, begins anew. */
export function withLook(
  seen: SeenUbc,
  { id, running, rows, gaps }: CtLedger,
  at: number,
  anew: boolean,
  minute: UbcLook['minute'] = null,
): SeenUbc {
  const look: UbcLook = { at, rows: new Map(rows.map((row) => [row.name, row])), minute };
  if (anew || seen.ct !== id || seen.first === null) return { ...seen, ct: id, running, gaps, first: look, looks: [look] };
  return { ...seen, running, gaps, looks: [...seen.looks.slice(1 - MOST_LOOKS), look] };
}

let last: { readonly asked: readonly unknown[]; readonly all: readonly BeanRow[]; readonly rows: readonly BeanRow[] } | null = null;

function rowsOf(state: ManagerState): NonNullable<typeof last> {
  const { ubc, ubcSort } = state;
  const view = state.views[state.views.length - 1];
  const seen = view?.name === 'container' && view.ct === ubc.ct ? ubc : null;
  const { find } = listingOf(state);
  const heat = seen?.ct == null ? undefined : state.heat.get(seen.ct);
  const asked = [seen?.looks, seen?.lowered, heat, ubcSort, ubc.only, find.text];
  if (last?.asked.every((one, i) => one === asked[i])) return last;
  const newest = seen?.looks.at(-1);
  const all = newest === undefined || seen === null ? [] : [...newest.rows.values()].map((row) => beanRow(seen, newest, row, heat));
  const matches = finder(find.text);
  const found = all.filter((row) => matches(row.name) && (!ubc.only || row.trouble !== 'none'));
  const rows = ubcSort === 'file' ? found : found.toSorted((a, b) => rankOf(a) - rankOf(b));
  last = { asked, all, rows };
  return last;
}

/** Where nothing is wrong, what somebody is held to comes before what is only counted. */
function rankOf({ trouble, bound, enforced }: BeanRow): number {
  const held = bound !== null && enforced !== 'accounting-only';
  return RANK.indexOf(trouble) + (trouble === 'none' && !held ? 1 : 0);
}

/** The rows of the tab, as they are sorted and narrowed. */
export const beanRows = (state: ManagerState): readonly BeanRow[] => rowsOf(state).rows;
/** All that were read. */
export const allBeans = (state: ManagerState): readonly BeanRow[] => rowsOf(state).all;

/** All refusals that the newest look has told. */
export const failuresSeen = (state: ManagerState): number => allBeans(state).reduce((sum, { failcnt }) => sum + failcnt, 0);

/** The tab with the row that has most trouble, explained. */
export const explained = (state: ManagerState, ct: number): Partial<ManagerState> => ({
  ...showView(state, { name: 'container', ct }),
  tab: 'beans',
  ubc: { ...state.ubc, only: false, panel: { kind: 'explain' } },
  ubcSort: 'trouble',
});

/** The row under the cursor; null where there is none. */
export function beanUnder(state: ManagerState): BeanRow | null {
  if (state.tab !== 'beans') return null;
  const rows = beanRows(state);
  const keys = rows.map(({ key }) => key);
  return rows[placed(listingOf(state), keys, 1).index] ?? null;
}
