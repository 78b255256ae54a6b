// One verb on many containers: how far each of them is, and how each ended. Pure; who runs it is not known here.
import type { ManagerState } from './state.ts';
import type { Bulk, BulkItem } from './task.ts';

export const countOf = ({ items }: Bulk, state: BulkItem['state']): number => items.filter((item) => item.state === state).length;

export const bulkRuns = (bulk: Bulk | null): bulk is Bulk => bulk !== null && bulk.endedAt === null;

/** One container of a bulk has got further; another bulk than the one that is there is none of ours. */
export function withItem({ bulk }: ManagerState, id: number, ct: number, change: Partial<BulkItem>): Partial<ManagerState> {
  if (bulk?.id !== id) return {};
  return { bulk: { ...bulk, items: bulk.items.map((item) => (item.ct === ct ? { ...item, ...change } : item)) } };
}

/** What has not begun never will. */
export function withoutWaiting({ bulk }: ManagerState): Partial<ManagerState> {
  if (!bulkRuns(bulk)) return {};
  const items = bulk.items.map((item) => (item.state === 'waiting' ? { ...item, state: 'cancelled' as const } : item));
  return { bulk: { ...bulk, items, cancelled: true } };
}

/** In the order of the screen: once all is over, what failed comes first. */
export function shownItems(bulk: Bulk): readonly BulkItem[] {
  if (bulk.endedAt === null) return bulk.items;
  const rank = ({ state }: BulkItem): number => (state === 'failed' ? 0 : state === 'cancelled' ? 1 : 2);
  return bulk.items.toSorted((a, b) => rank(a) - rank(b));
}

/** "3 of 4 done, 1 failed". */
export function bulkSummary(bulk: Bulk): string {
  const parts = (['failed', 'cancelled', 'running', 'waiting'] as const).flatMap((state) => {
    const number = countOf(bulk, state);
    return number === 0 ? [] : [`${number} ${WORDS[state]}`];
  });
  return [`${countOf(bulk, 'done')} of ${bulk.items.length} done`, ...parts].join(', ');
}

const WORDS = { failed: 'failed', cancelled: 'not done', running: 'at work', waiting: 'to come' } as const;
