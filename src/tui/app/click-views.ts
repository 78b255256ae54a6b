// What a click means in the container view and in the list of all processes: a tab, or a row.
import { topView } from '../keys/mode.ts';
import type { MouseEvent } from '../screen/input-event.ts';
import { layoutOf } from '../store/layout.ts';
import { isListed, listKeys, viewLayout } from '../store/list-rows.ts';
import { listingOf, placed } from '../store/listing.ts';
import type { ManagerState } from '../store/state.ts';
import { logKeyAt } from '../views/log-lines.ts';
import { placeTabs } from '../views/tab-lines.ts';
import type { Manager } from './manager.ts';

export function clickInView(manager: Manager, state: ManagerState, { x, y }: MouseEvent): void {
  const view = topView(state);
  if (state.overlay !== null || !['container', 'node-processes', 'journal', 'task-log'].includes(view.name)) return;
  const line = y - layoutOf(state).head;
  const { head, find, titles, list } = viewLayout(state);
  if (view.name === 'container' && line === 1 && head > 1) {
    const found = placeTabs(state.size.columns, state.tab).find((one) => x >= one.x && x < one.x + one.width);
    if (found !== undefined) manager.store.setState({ tab: found.tab });
    return;
  }
  if (!isListed(state)) return;
  const keys = listKeys(state);
  const listing = listingOf(state);
  const { top } = placed(listing, keys, list);
  const row = line - head - find - titles;
  const broken = state.logWrap && view.name === 'container' && (state.tab === 'log' || state.tab === 'console');
  const key = row < 0 || row >= list ? undefined : broken ? logKeyAt(state, row, manager.theme(state.theme)) : keys[top + row];
  if (key !== undefined) manager.store.setState({ listing: { ...listing, key, index: keys.indexOf(key), top } });
}
