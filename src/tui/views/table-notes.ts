// What the table's rule and input line say of its state: rows that hold still, marks, filter, what of it is not understood, an order
// that no title shows. Pure.
import { cut, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { bulkRuns, bulkSummary } from '../store/bulk.ts';
import { columnOf } from '../store/columns.ts';
import { filterOf } from '../store/filter.ts';
import { layoutOf } from '../store/layout.ts';
import type { ManagerState } from '../store/state.ts';
import { shownColumns } from './table-lines.ts';

const countText = (state: ManagerState): string => `${state.rows.length} of ${state.sample?.containers.length ?? 0} shown`;

/** Beside the filter that is being typed: what of it is not understood, else how many rows it lets through. */
export function filterNote(state: ManagerState, cells: number, theme: Theme): string {
  const { fault } = filterOf(state.filter.text);
  if (fault === '') return theme.paint('dim', `${countText(state)} `);
  return theme.paint('warn', cut(`${theme.glyphs.alarm} ${fault} `, cells, theme.glyphs.ellipsis));
}

/** Painted notes, the most important first; together at most `cells`. */
export function tableNotes(state: ManagerState, cells: number, theme: Theme): readonly string[] {
  const kept: string[] = [];
  let room = cells;
  for (const note of notesOf(state, cells, theme)) {
    room -= width(note) + 2;
    if (room < 0) break;
    kept.push(note);
  }
  return kept;
}

function marksNote({ marks, rows }: ManagerState, theme: Theme): string {
  const hidden = marks.size - rows.filter((row) => marks.has(row.id)).length;
  return theme.paint('mark', `${marks.size} marked`) + (hidden > 0 ? theme.paint('warn', `, ${hidden} not shown`) : '');
}

function notesOf(state: ManagerState, cells: number, theme: Theme): readonly string[] {
  const { filter, filtering, sort } = state;
  const { ellipsis, up, down } = theme.glyphs;
  const filtered = filter.text !== '' && !filtering;
  const sorted = shownColumns(state, layoutOf(state).table).some(({ id }) => id === sort.column);
  return [
    ...(state.held === null ? [] : [theme.paint('warn', 'rows hold still')]),
    ...(state.marks.size === 0 ? [] : [marksNote(state, theme)]),
    ...(bulkRuns(state.bulk) ? [theme.paint('accent', `${state.bulk.title}: ${bulkSummary(state.bulk)}`)] : []),
    ...(filtered ? [theme.paint('accent', `/${cut(filter.text, Math.max(8, cells - 24), ellipsis)}  ${countText(state)}`)] : []),
    ...(filtered && filterOf(filter.text).fault !== '' ? [filterNote(state, cells, theme).trimEnd()] : []),
    ...(sorted ? [] : [theme.paint('accent', `by ${columnOf(sort.column).title}${sort.descending ? down : up}`)]),
  ];
}
