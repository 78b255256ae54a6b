// The dialog of columns: what is chosen is there at once, below it.
import { lineInput } from '../forms/line-input.ts';
import { columnUnder } from '../keys/subject.ts';
import { columnChoices, moveColumn, toggleColumn } from '../store/column-choice.ts';
import type { ManagerState } from '../store/state.ts';
import { type Act, change } from './act-lists.ts';
import { sortByColumn } from './act-table.ts';

type Change = Partial<ManagerState>;

/** A column that is shown now has gone up in the list, one that is hidden has gone down: the cursor is on the next one. */
function toggle(state: ManagerState): Change {
  const { columns, overlay } = state;
  const id = columnUnder(state);
  if (id === null || overlay?.kind !== 'columns') return {};
  const next = toggleColumn(columns, id);
  const last = columnChoices(next, overlay.input.text).length - 1;
  return { columns: next, overlay: { ...overlay, chosen: Math.min(last, overlay.chosen + (next.includes(id) ? 1 : 0)) } };
}

const shift =
  (steps: -1 | 1) =>
  (state: ManagerState): Change => {
    const { columns, overlay } = state;
    const id = columnUnder(state);
    if (id === null || overlay?.kind !== 'columns') return {};
    const next = moveColumn(columns, id, steps);
    const after = { ...state, columns: next, overlay };
    // The cursor stays on what it moves, among those that fit what is typed.
    const at = [-1, 0, 1]
      .map((by) => overlay.chosen + by)
      .find((place) => columnUnder({ ...after, overlay: { ...overlay, chosen: place } }) === id);
    return { columns: next, overlay: { ...overlay, chosen: at ?? overlay.chosen } };
  };

export const COLUMN_ACTS = {
  columns: change(() => ({ overlay: { kind: 'columns', input: lineInput(), chosen: 0 } })),
  'column-toggle': change(toggle),
  'column-left': change(shift(-1)),
  'column-right': change(shift(1)),
  'column-sort': change((state) => {
    const id = columnUnder(state);
    return id === null ? {} : sortByColumn(state, id);
  }),
  'columns-usual': change(() => ({ columns: null })),
} as const satisfies Partial<Record<string, Act>>;
