// What the table shows: filter, order, columns, and how often it looks.
import { lineInput } from '../forms/line-input.ts';
import { columnOf } from '../store/columns.ts';
import { withFilter, withOrder } from '../store/ingest.ts';
import { layoutOf } from '../store/layout.ts';
import { PERIODS } from '../store/settings.ts';
import type { ManagerState, Sort } from '../store/state.ts';
import { shownColumns } from '../views/table-lines.ts';
import { type Act, change } from './act-lists.ts';

type Change = Partial<ManagerState>;

function sortBy(state: ManagerState, sort: Sort): Change {
  return withOrder(state, { sort });
}

/** By a column, its interesting end on top; the same column again turns the order around. */
export function sortByColumn(state: ManagerState, column: string): Change {
  const { sort } = state;
  return sortBy(state, { column, descending: sort.column === column ? !sort.descending : columnOf(column).descending });
}

function sortByNeighbour(state: ManagerState, steps: number): Change {
  const ids = shownColumns(state, layoutOf(state).table).map(({ id }) => id);
  const at = ids.indexOf(state.sort.column);
  const column = ids[at < 0 ? 0 : (at + steps + ids.length) % ids.length];
  return column === undefined ? {} : sortBy(state, { column, descending: columnOf(column).descending });
}

const look =
  (steps: number): Act =>
  (manager) => {
    manager.store.setState(({ period }) => ({ period: PERIODS[PERIODS.indexOf(period) + steps] ?? period }));
    manager.look();
  };

export const TABLE_ACTS = {
  filter: change((state) => ({ filtering: true, filter: lineInput(state.filter.text) })),
  'filter-done': change(() => ({ filtering: false })),
  'filter-clear': change((state) => ({ filtering: false, ...withFilter(state, lineInput()) })),
  'sort-next': change((state) => sortByNeighbour(state, 1)),
  'sort-previous': change((state) => sortByNeighbour(state, -1)),
  'sort-reverse': change((state) => sortBy(state, { ...state.sort, descending: !state.sort.descending })),
  'look-oftener': look(-1),
  'look-rarer': look(1),
} as const satisfies Partial<Record<string, Act>>;
