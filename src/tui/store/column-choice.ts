// Which columns somebody has chosen, in which order: showing, hiding and moving one. Pure.
import { COLUMN_IDS, type ColumnId, columnOf, USUAL } from './columns.ts';

type Chosen = readonly ColumnId[] | null;

export const chosenColumns = (columns: Chosen): readonly ColumnId[] => columns ?? USUAL;

/** What the dialog offers: what is shown, in its order, then everything else; all words that are typed occur in name, title or help. */
export function columnChoices(columns: Chosen, typed: string): readonly ColumnId[] {
  const chosen = chosenColumns(columns);
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (id: ColumnId): boolean => {
    const text = `${id} ${columnOf(id).title} ${columnOf(id).help}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return [...chosen, ...COLUMN_IDS.filter((id) => !chosen.includes(id))].filter(fits);
}

/** Shown as the last one, or not shown any more; one always is. */
export function toggleColumn(columns: Chosen, id: ColumnId): readonly ColumnId[] {
  const chosen = chosenColumns(columns);
  if (!chosen.includes(id)) return [...chosen, id];
  return chosen.length === 1 ? chosen : chosen.filter((one) => one !== id);
}

/** Changes places with a neighbour; the ends stay. */
export function moveColumn(columns: Chosen, id: ColumnId, steps: -1 | 1): readonly ColumnId[] {
  const chosen = chosenColumns(columns);
  const from = chosen.indexOf(id);
  const other = chosen[from + steps];
  if (from < 0 || other === undefined) return chosen;
  return chosen.map((one) => (one === id ? other : one === other ? id : one));
}
