// The console in its tab: whether there can be one, and what is known of it. Pure.
import { type CtSample, decide } from '../../engine/index.ts';
import type { PaneInfo } from './pane-info.ts';
import type { ManagerState } from './state.ts';

/** The container whose console the view on top is about; null in other tabs and views, and where it has none now. */
export function watchable({ views, tab, sample }: ManagerState): CtSample | null {
  const view = views[views.length - 1];
  if (view?.name !== 'container' || tab !== 'console') return null;
  const row = sample?.containers.find(({ id }) => id === view.ct);
  return row === undefined || 'refuse' in decide('console', row.state) ? null : row;
}

/** As it is shown in the view on top; null where that shows something else, or lines that were printed. */
export function watchedPane(state: ManagerState): PaneInfo | null {
  const { watched } = state;
  return watched === null || watched.pane === null || watchable(state)?.id !== watched.ct ? null : watched.pane;
}

/** What was printed is shown in its place. */
export function showsPrinted(state: ManagerState): boolean {
  const row = watchable(state);
  return row === null || (state.watched?.ct === row.id && state.watched.trouble !== '');
}
