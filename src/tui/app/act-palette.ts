// The palette: opened, and what was chosen in it done or gone to.
import { lineInput } from '../forms/line-input.ts';
import { findEntries, stateFor } from '../keys/palette.ts';
import { tableHeight } from '../store/layout.ts';
import { placeCursor } from '../store/rows.ts';
import type { ManagerState } from '../store/state.ts';
import { showView } from '../store/views.ts';
import type { Act } from './act-lists.ts';
import type { Manager } from './manager.ts';

/** The row of a container, if the filter lets it be one. */
function cursorOn(state: ManagerState, ct: number): Partial<ManagerState> {
  const index = state.rows.findIndex((row) => row.id === ct);
  return index < 0 ? {} : { cursor: placeCursor(state.cursor, state.rows, index, tableHeight(state)) };
}

/** Goes to the container that has what was typed: a process, a port, a link. Whoever has gone elsewhere meanwhile is only told. */
async function askLens({ store, engine }: Manager, word: string): Promise<void> {
  const { overlay: asked } = store.getState();
  const found = await Promise.resolve()
    .then(() => engine().lens(word))
    .catch(() => null);
  const first = found?.meanings.find(({ ct }) => ct !== 0) ?? found?.meanings[0];
  const hint = first?.says ?? `Nothing of this node, nor of its containers, is ${word}`;
  const state = store.getState();
  const there = first !== undefined && state.rows.some(({ id }) => id === first.ct);
  if (state.overlay !== asked || !there) store.setState({ hint });
  else
    store.setState({
      hint,
      overlay: null,
      ...showView(state, { name: 'container', ct: first.ct }),
      filtering: false,
      ...cursorOn(state, first.ct),
    });
}

/** Closes the palette and goes where the chosen entry is at home; answers the action that is to be done there, null: none. */
export function leavePalette(manager: Manager): string | null {
  const { store } = manager;
  const state = store.getState();
  const { overlay } = state;
  if (overlay?.kind !== 'palette') return null;
  const found = findEntries(state, overlay.input.text);
  const entry = found[Math.min(overlay.chosen, found.length - 1)];
  if (entry === undefined) {
    // As `vzdeck lens WHAT` as well.
    const word = overlay.input.text.trim().replace(/^lens\s+/i, '');
    if (word !== '') void askLens(manager, word);
    return null;
  }
  const { views, filtering } = stateFor(state, entry);
  store.setState({ overlay: null, views, filtering, ...(entry.ct === null ? {} : cursorOn(state, entry.ct)) });
  return entry.action;
}

export const PALETTE_ACTS = {
  palette: ({ store }) => store.setState({ overlay: { kind: 'palette', input: lineInput(), chosen: 0 } }),
} as const satisfies Partial<Record<string, Act>>;
