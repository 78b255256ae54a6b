// The beancounters of all containers: opened, gone through, and left for those of one.

import { placeOf } from '../store/listing.ts';
import type { ManagerState } from '../store/state.ts';
import { columnBeside, gridRowUnder } from '../store/ubc-grid.ts';
import { NO_LISTING } from '../store/view-state.ts';
import { showView } from '../store/views.ts';
import { type Act, change } from './act-lists.ts';

const beside = (steps: number): Act => change(({ grid }) => ({ grid: { ...grid, column: columnBeside(grid.column, steps) } }));

/** On the same beancounter, whatever narrows that list. */
function open(state: ManagerState): Partial<ManagerState> {
  const row = gridRowUnder(state);
  if (row === null) return {};
  const there = { ...showView(state, { name: 'container', ct: row.ct.id }), tab: 'beans' as const };
  const views = there.views ?? state.views;
  const listing = { ...NO_LISTING, of: placeOf({ views, tab: 'beans' }), key: state.grid.column };
  return { ...there, listing, ubc: { ...state.ubc, only: false } };
}

export const GRID_ACTS = {
  'beans-of-node': change((state) => showView(state, { name: 'node-beans' })),
  'grid-open': change(open),
  'grid-right': beside(1),
  'grid-left': beside(-1),
  'grid-only': change(({ grid }) => ({ grid: { ...grid, only: !grid.only } })),
} as const satisfies Partial<Record<string, Act>>;
