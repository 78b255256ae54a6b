// Which panes are shown and where: changes of the arrangement over the manager's state. Pure; one place, so that drawing, mouse and sizes agree.
import { layoutOf } from './layout.ts';
import type { PaneInfo } from './pane-info.ts';
import {
  type Area,
  gridOf,
  leaf,
  only,
  type PaneTree,
  type Place,
  panesIn,
  placesIn,
  type Split,
  withBeside,
  withInstead,
} from './pane-tree.ts';
import type { ManagerState } from './state.ts';

type Change = Partial<ManagerState>;
type Panes = Pick<ManagerState, 'panes' | 'paneCursor' | 'arrangement' | 'zoomed'>;

/** A pane gets a place of its own where this leaves each so many columns. */
const READABLE = 60;
/** Borders around a pane; a zoomed one has only its title. */
const FRAME = { width: 2, height: 2 } as const;

/** The cells in which panes are shown, from the upper left corner of the screen. */
export function paneArea(state: ManagerState): Area {
  const { columns, rows } = state.size;
  if (state.zoomed) return { x: 0, y: 0, width: columns, height: rows };
  const { head, body } = layoutOf(state);
  return { x: 0, y: head, width: columns, height: body };
}

/** The frames on the screen, each with its cells there. */
export function shownPlaces(state: ManagerState): readonly Place[] {
  const area = paneArea(state);
  const { arrangement, paneCursor, zoomed } = state;
  if (zoomed && paneCursor !== null) return [{ pane: paneCursor, area }];
  return placesIn(arrangement, area, paneCursor);
}

/** The cells inside a frame. */
export function insideOf({ x, y, width, height }: Area, zoomed: boolean): Area {
  if (zoomed) return { x, y: y + 1, width, height: Math.max(1, height - 1) };
  return { x: x + 1, y: y + 1, width: Math.max(1, width - FRAME.width), height: Math.max(1, height - FRAME.height) };
}

const infoOf = ({ panes }: Panes, id: number): PaneInfo | undefined => panes.find((pane) => pane.id === id);

/** Shows a pane: where it is already, beside the chosen one as asked for or where there is room, else in the place of one that is not pinned. */
function withShown(state: ManagerState, id: number, beside: Split | null = null): PaneTree {
  const { arrangement, paneCursor } = state;
  const shown = panesIn(arrangement);
  if (arrangement === null || shown.length === 0) return leaf(id);
  if (shown.includes(id)) return arrangement;
  const at = paneCursor !== null && shown.includes(paneCursor) ? paneCursor : (shown[0] ?? id);
  if (beside !== null) return withBeside(arrangement, at, id, beside);
  const loose = [at, ...shown].find((pane) => !infoOf(state, pane)?.pinned);
  if (loose === undefined) return withBeside(arrangement, at, id, roomier(state, at));
  return withInstead(arrangement, loose, id);
}

/** The same for a pane that has just been opened: it takes nobody's place where there is room for both. */
export function withOpened(state: ManagerState, id: number, beside: Split | null): PaneTree {
  const { arrangement, paneCursor } = state;
  const area = placesIn(arrangement, paneArea({ ...state, zoomed: false }), paneCursor).find((place) => place.pane === paneCursor)?.area;
  const fits = area !== undefined && area.width >= 2 * READABLE;
  return withShown(state, id, beside ?? (fits ? 'columns' : null));
}

function roomier(state: ManagerState, pane: number): Split {
  const area = placesIn(state.arrangement, paneArea(state), pane).find((place) => place.pane === pane)?.area;
  return area !== undefined && area.width >= 2 * READABLE ? 'columns' : 'rows';
}

/** The inner size that a pane will have that is opened so. */
export function sizeOfOpened(state: ManagerState, beside: Split | null): { readonly columns: number; readonly rows: number } {
  const id = -1;
  const unzoomed = { ...state, zoomed: false };
  const tree = withOpened(unzoomed, id, beside);
  const place = placesIn(tree, paneArea(unzoomed), id).find((one) => one.pane === id);
  const { width, height } = insideOf(place?.area ?? paneArea(unzoomed), false);
  return { columns: Math.max(2, width), rows: height };
}

/** The cursor on a pane, which is shown then. */
export function choosePane(state: ManagerState, id: number): Change {
  return infoOf(state, id) === undefined ? {} : { paneCursor: id, arrangement: withShown(state, id) };
}

/** These panes and no others, each as large as the other. */
export function inGrid(state: ManagerState, ids: readonly number[]): Change {
  return { zoomed: false, arrangement: gridOf(ids, paneArea({ ...state, zoomed: false })) };
}

/** The chosen pane alone, and what is pinned. */
export function chosenOnly(state: ManagerState): Change {
  const keep = new Set(state.panes.filter((pane) => pane.pinned || pane.id === state.paneCursor).map((pane) => pane.id));
  return { arrangement: only(state.arrangement, keep) };
}

/** After panes came or went: nothing shown that is not there, something shown and chosen where there is one. */
export function withPanes(state: ManagerState, panes: readonly PaneInfo[]): Pick<ManagerState, 'panes' | 'paneCursor' | 'arrangement'> {
  const ids = new Set(panes.map((pane) => pane.id));
  const left = only(state.arrangement, ids);
  const cursor = state.paneCursor !== null && ids.has(state.paneCursor) ? state.paneCursor : (panesIn(left)[0] ?? panes.at(-1)?.id ?? null);
  const arrangement = left ?? (cursor === null ? null : leaf(cursor));
  return { panes, paneCursor: cursor, arrangement };
}
