// The mouse over panes, as far as the program inside does not want it: a click chooses, a drag selects and copies, the wheel scrolls.
import { topView } from '../keys/mode.ts';
import { moved, selecting } from '../panes/copy-view.ts';
import type { Pane } from '../panes/pane.ts';
import type { MouseEvent } from '../screen/input-event.ts';
import { choosePane, insideOf, shownPlaces } from '../store/pane-places.ts';
import type { Area } from '../store/pane-tree.ts';
import { yank } from './act-copy.ts';
import type { Manager } from './manager.ts';

/** Lines of one notch of the wheel. */
const NOTCH = 3;

const within = ({ x, y, width, height }: Area, at: MouseEvent): boolean => at.x >= x && at.x < x + width && at.y >= y && at.y < y + height;

/** Takes what happens over panes; false where none are shown or something floats above them. */
export function handlePaneMouse(manager: Manager, event: MouseEvent): boolean {
  const state = manager.store.getState();
  if (topView(state).name !== 'panes' || state.overlay !== null) return false;
  const place = shownPlaces(state).find(({ area }) => within(area, event));
  const pane = manager.panes.find(place?.pane ?? null);
  if (event.action === 'wheel-up' || event.action === 'wheel-down') {
    if (pane !== null) wheel(manager, pane, event.action === 'wheel-up' ? -1 : 1);
  } else if (event.action === 'press' && event.button === 'left' && place !== undefined) {
    press(manager, place.pane, event);
  } else if (event.action === 'drag' && event.button === 'left') drag(manager, event);
  else if (event.action === 'release') release(manager);
  return true;
}

function wheel({ store }: Manager, pane: Pane, way: 1 | -1): void {
  if (pane.copy !== null) {
    pane.changeCopy((copy) => {
      for (let i = 0; i < NOTCH; i++) copy.change((view, history) => moved(view, history, way === 1 ? 'down' : 'up'));
    });
  } else if (pane.alternate) {
    // As terminals do for programs that have the screen without history and no use for the mouse.
    const { typing, broadcast, paneCursor } = store.getState();
    const head = pane.target.modes().applicationCursorKeys ? '\x1bO' : '\x1b[';
    if (typing && !broadcast && paneCursor === pane.id) pane.target.write(Buffer.from(`${head}${way === 1 ? 'B' : 'A'}`.repeat(NOTCH)));
  } else pane.scroll(way * NOTCH);
}

function press(manager: Manager, id: number, at: MouseEvent): void {
  const { store, panes } = manager;
  const { typing, broadcast, paneCursor, prompt } = store.getState();
  if (prompt !== null || broadcast) return;
  panes.pressed = { pane: id, x: at.x, y: at.y };
  if (paneCursor === id) return;
  store.setState((state) => choosePane(state, id));
  if (typing) panes.type(id);
}

/** The cell of a pane's surface that is under the pointer, as far as it goes. */
function cellOf(manager: Manager, id: number, at: { readonly x: number; readonly y: number }): { x: number; y: number } | null {
  const state = manager.store.getState();
  const area = shownPlaces(state).find((place) => place.pane === id)?.area;
  if (area === undefined) return null;
  const { x, y, width } = insideOf(area, state.zoomed);
  return { x: Math.max(0, Math.min(at.x - x, width - 1)), y: at.y - y };
}

function drag(manager: Manager, at: MouseEvent): void {
  const { pressed } = manager.panes;
  const pane = manager.panes.find(pressed?.pane ?? null);
  const [from, to] = pressed === null ? [null, null] : [cellOf(manager, pressed.pane, pressed), cellOf(manager, pressed.pane, at)];
  if (pane === null || from === null || to === null) return;
  if (!pane.copy?.selects) {
    pane.beginCopy(from);
    pane.changeCopy((copy) => copy.change((view) => selecting({ ...view, anchor: null }, 'chars')));
  }
  pane.changeCopy((copy) => copy.moveTo(to));
  manager.panes.dragging = true;
}

function release(manager: Manager): void {
  const { panes } = manager;
  const pane = panes.find(panes.pressed?.pane ?? null);
  if (panes.dragging && pane !== null) yank(manager, pane);
  panes.pressed = null;
  panes.dragging = false;
}
