// How much a failcnt has grown since a moment, by what is kept of the past: where nobody looked at that moment, at least and at most. Asks nobody.
import { growthOf, type HistoryPoint, type HistorySpan } from '../../engine/index.ts';

export interface Grown {
  /** Refusals since then: so many at least, and so many at most. */
  readonly least: number;
  readonly most: number;
  /** Since when `least` were counted, milliseconds since 1970. */
  readonly from: number;
  /** When nobody looked, so that nobody knows; null where somebody did. `after` is null for "ever before". */
  readonly blind: Blind | null;
}

export interface Blind {
  readonly after: number | null;
  readonly before: number;
}

export type Past = readonly { readonly span: HistorySpan; readonly points: readonly HistoryPoint[] }[];

/** Milliseconds that lie between two looks where all goes well; of a look that is no farther off than twice that nobody asks. */
const STEPS: Readonly<Record<HistorySpan, number>> = { seconds: 1000, minutes: 60_000, hours: 3_600_000 };
const NEAR_BY = 2;

export const SPANS = Object.keys(STEPS) as readonly HistorySpan[];

const latest = <T extends { readonly at: number }>(all: readonly T[]): T | undefined =>
  all.reduce<T | undefined>((best, one) => (best === undefined || one.at > best.at ? one : best), undefined);

/**
 * @param failcnt as it is now
 * @param wanted the moment, milliseconds since 1970
 * @returns null where nobody has ever looked
 */
export function grownSince(past: Past, failcnt: number, wanted: number): Grown | null {
  const all = past.flatMap(({ span, points }) => points.map(({ at, failcnt: then }) => ({ at, failcnt: then, step: STEPS[span] })));
  if (all.length === 0) return null;
  const since = (then: number): number => growthOf(then, failcnt % 2 ** 32);
  const before = latest(all.filter(({ at }) => at <= wanted));
  const after = all
    .filter(({ at }) => at > wanted)
    .reduce<(typeof all)[number] | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined);
  const most = before === undefined ? failcnt : since(before.failcnt);
  const least = after === undefined ? 0 : since(after.failcnt);
  if (before && (least === most || wanted - before.at <= NEAR_BY * before.step)) return { least: most, most, from: before.at, blind: null };
  const seen = after?.at ?? Date.now();
  return { least, most, from: seen, blind: least === most ? null : { after: before?.at ?? null, before: seen } };
}

/** "+12", "" for none, "≥12" and "?" where nobody knows more. */
export function grownText(grown: Grown | null): string {
  if (grown === null) return '?';
  const { least, most } = grown;
  if (least < most) return least === 0 ? '?' : `≥${least}`;
  return most === 0 ? '' : `+${most}`;
}
