// Which containers are marked: one, a range, all that are shown, the others, none. What is marked and hidden by a filter stays marked. Pure.
import { tableHeight } from './layout.ts';
import { placeCursor } from './rows.ts';
import type { ManagerState } from './state.ts';

type Change = Partial<ManagerState>;

/** The one under the cursor, or not any more; the cursor goes on. */
export function toggleMark(state: ManagerState): Change {
  const { cursor, marks, rows } = state;
  if (cursor.ct === null) return {};
  const { ct } = cursor;
  const next = marks.has(ct) ? [...marks].filter((one) => one !== ct) : [...marks, ct];
  const index = Math.min(cursor.index + 1, rows.length - 1);
  return { marks: new Set(next), markFrom: ct, cursor: placeCursor(cursor, rows, index, tableHeight(state)) };
}

/** Everything between the last one that was marked or unmarked and the cursor, both included. */
export function markRange(state: ManagerState): Change {
  const { cursor, marks, markFrom, rows } = state;
  const at = rows.findIndex((row) => row.id === markFrom);
  const from = at < 0 ? cursor.index : at;
  const range = rows.slice(Math.min(from, cursor.index), Math.max(from, cursor.index) + 1);
  return { marks: new Set([...marks, ...range.map((row) => row.id)]), markFrom: cursor.ct };
}

export const markShown = ({ marks, rows }: ManagerState): Change => ({ marks: new Set([...marks, ...rows.map((row) => row.id)]) });

/** Of those that are shown. */
export function invertMarks({ marks, rows }: ManagerState): Change {
  const shown = new Set(rows.map((row) => row.id));
  const hidden = [...marks].filter((id) => !shown.has(id));
  return { marks: new Set([...hidden, ...[...shown].filter((id) => !marks.has(id))]) };
}

export const NO_MARKS: Pick<ManagerState, 'marks' | 'markFrom'> = { marks: new Set(), markFrom: null };

/** Marks of containers that are gone go with them. */
export function liveMarks(marks: ReadonlySet<number>, there: readonly { readonly id: number }[]): ReadonlySet<number> {
  if (marks.size === 0) return marks;
  const ids = new Set(there.map(({ id }) => id));
  const kept = [...marks].filter((id) => ids.has(id));
  return kept.length === marks.size ? marks : new Set(kept);
}
