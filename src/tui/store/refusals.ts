// What containers are refused, by beancounter, as far as a look at the node tells: how often, what the last look added, how warm that still is,
// and whether a limit is reached. Pure.
import type { CtSample, NodeSample } from '../../engine/index.ts';
import { runs } from './columns.ts';
import type { Heat, ManagerState, Warm } from './state.ts';
import { type Tally, talliesOf } from './tallies.ts';

/** A refusal stays warm for so many looks. */
const WARM_TICKS = 5;
const NONE: ReadonlyMap<string, number> = new Map();

/** What one look at a container has more of than the one before; of what only one of them has read nothing is said. */
export function refusedBetween(last: CtSample | undefined, row: CtSample): ReadonlyMap<string, number> {
  // an account in which nothing has changed is the same object, in whatever else its container is another one
  if (last === undefined || last === row || (row.ubc !== undefined && last.ubc === row.ubc)) return NONE;
  const before = new Map(talliesOf(last));
  return new Map(
    talliesOf(row).flatMap(([name, { failcnt }]) => {
      const more = failcnt - (before.get(name)?.failcnt ?? failcnt);
      return more > 0 ? [[name, more] as const] : [];
    }),
  );
}

const SECOND = 1000;

/** How warm each container is after one more look. */
export function heatOf(known: ReadonlyMap<number, Heat>, before: NodeSample | null, now: NodeSample): ReadonlyMap<number, Heat> {
  const old = new Map(before?.containers.map((row) => [row.id, row]));
  const seconds = Math.max(1, (now.at - (before?.at ?? 0)) / SECOND);
  const rows = now.containers;
  const heat = new Map<number, Heat>();
  for (const row of rows) {
    const refused = refusedBetween(old.get(row.id), row);
    const was = known.get(row.id);
    if (refused.size === 0 && was === undefined) continue;
    const cooled = [...(was?.by ?? [])].flatMap(([name, { ticks }]) =>
      ticks > 1 ? [[name, { delta: 0, ticks: ticks - 1 }] as const] : [],
    );
    const fresh = [...refused].map(([name, more]) => [name, { delta: Math.ceil(more / seconds), ticks: WARM_TICKS }] as const);
    const by = new Map<string, Warm>([...cooled, ...fresh]);
    const delta = fresh.reduce((sum, [, one]) => sum + one.delta, 0);
    if (by.size > 0) heat.set(row.id, { delta, ticks: Math.max(...[...by.values()].map(({ ticks }) => ticks)), by });
  }
  return heat;
}

/** So long ago it is no news any more. */
const NEWS = 60_000;

/** The container that was refused something last, where that is news; null otherwise. */
export function lastRefused({ notices, now, sample }: Pick<ManagerState, 'notices' | 'now' | 'sample'>): number | null {
  const last = notices.findLast(({ burst }) => burst !== undefined);
  if (last?.burst === undefined || now - last.burst.last > NEWS) return null;
  return sample?.containers.some(({ id }) => id === last.ct) ? last.ct : null;
}

const fills = ({ held, bound }: Tally): boolean => bound !== null && bound > 0 && held >= bound;

/** It runs, and is at a limit: of many of them nobody counts refusals. */
export const isFull = (row: CtSample): boolean => runs(row) && talliesOf(row).some(([, tally]) => fills(tally));

/** It runs, and is at a limit or was refused something by one. */
export const isLimited = (row: CtSample): boolean => runs(row) && talliesOf(row).some(([, tally]) => tally.failcnt > 0 || fills(tally));
