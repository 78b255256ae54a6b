// The palette: opened, and what was chosen in it done or gone to.
import { lineInput } from '../forms/line-input.ts';
import { findEntries, stateFor } from '../keys/palette.ts';
import { tableHeight } from '../store/layout.ts';
import { placeCursor } from '../store/rows.ts';
import type { ManagerState } from '../store/state.ts';
import type { Act } from './act-lists.ts';
import type { Manager } from './manager.ts';

/** The row of a container, if the filter lets it be one. */
function cursorOn(state: ManagerState, ct: number): Partial<ManagerState> {
  const index = state.rows.findIndex((row) => row.id === ct);
  return index < 0 ? {} : { cursor: placeCursor(state.cursor, state.rows, index, tableHeight(state)) };
}

/** Closes the palette and goes where the chosen entry is at home; answers the action that is to be done there, null: none. */
export function leavePalette({ store }: Manager): string | null {
  const state = store.getState();
  const { overlay } = state;
  if (overlay?.kind !== 'palette') return null;
  const found = findEntries(state, overlay.input.text);
  const entry = found[Math.min(overlay.chosen, found.length - 1)];
  if (entry === undefined) return null;
  const { views, filtering } = stateFor(state, entry);
  store.setState({ overlay: null, views, filtering, ...(entry.ct === null ? {} : cursorOn(state, entry.ct)) });
  return entry.action;
}

export const PALETTE_ACTS = {
  palette: ({ store }) => store.setState({ overlay: { kind: 'palette', input: lineInput(), chosen: 0 } }),
} as const satisfies Partial<Record<string, Act>>;
