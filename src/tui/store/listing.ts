// A list that is looked through: where the cursor stands, what narrows it, what is folded away. One at a time: that of the view on top, begun
// anew with another view, container or tab. Pure.
import type { ManagerState } from './state.ts';
import { type Listing, NO_LISTING } from './view-state.ts';

/** What the view on top is about: its name, its container and tab. */
export function placeOf({ views, tab }: Pick<ManagerState, 'views' | 'tab'>): string {
  const view = views[views.length - 1] ?? views[0];
  if (view.name === 'task-log') return `task-log ${view.task}`;
  if (view.name === 'why') return `why ${view.ct}`;
  return view.name === 'container' ? `container ${view.ct} ${tab}` : view.name;
}

export function listingOf(state: ManagerState): Listing {
  const of = placeOf(state);
  return state.listing.of === of ? state.listing : { ...NO_LISTING, of, key: grows(of) ? null : '' };
}

/** Lists that begin at their newest line, and stay there. */
const grows = (of: string): boolean => /^container .* (log|console)$|^task-log /.test(of);

/** In this one the newest is the first, and who is there stays there. */
const NEWEST_FIRST = 'journal';

export interface Place {
  readonly index: number;
  readonly top: number;
}

/** The row of the cursor among these keys, and the first row that is shown; no empty room below while rows are hidden above. */
export function placed({ key, index, top }: Listing, keys: readonly string[], height: number): Place {
  const last = Math.max(0, keys.length - 1);
  const found = key === null ? last : keys.indexOf(key);
  const at = Math.max(0, Math.min(found >= 0 ? found : index, last));
  const room = Math.max(1, height);
  return { index: at, top: Math.max(0, Math.min(Math.max(top, at - room + 1), at, Math.max(0, keys.length - room))) };
}

/** The cursor so many rows away; at the last row of a list that grows it stays with the newest. */
export function moved(listing: Listing, keys: readonly string[], steps: number, height: number): Listing {
  const from = placed(listing, keys, height);
  const index = Math.max(0, Math.min(from.index + steps, keys.length - 1));
  const follows = index === keys.length - 1 && grows(listing.of);
  const newest = index === 0 && listing.of === NEWEST_FIRST;
  const next = { ...listing, key: follows ? null : newest ? '' : (keys[index] ?? ''), index, top: from.top };
  return { ...next, ...placed(next, keys, height) };
}

/** Every word must occur; case does not matter. */
export function finder(text: string): (row: string) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return (row) => {
    const lower = row.toLowerCase();
    return words.every((word) => lower.includes(word));
  };
}
