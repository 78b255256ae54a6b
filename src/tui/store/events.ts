// What has happened to the container that is looked at, the newest first. Pure.
import { finder, listingOf } from './listing.ts';
import type { ManagerState, Notice } from './state.ts';

export interface EventRow {
  readonly key: string;
  readonly notice: Notice;
}

export function eventRows(state: ManagerState): readonly EventRow[] {
  const view = state.views[state.views.length - 1];
  if (view?.name !== 'container') return [];
  const matches = finder(listingOf(state).find.text);
  return state.notices
    .filter((notice) => notice.ct === view.ct && matches(`${notice.text} ${notice.command}`))
    .map((notice, at) => ({ key: `${notice.at} ${at}`, notice }))
    .toReversed();
}
