// What a key is about: the container under the cursor, the task that is looked at, the pane that is chosen. Pure.
import type { CtProcess, CtSample } from '../../engine/index.ts';
import { shownItems } from '../store/bulk.ts';
import { columnChoices } from '../store/column-choice.ts';
import type { ColumnId } from '../store/columns.ts';
import { listingOf, placed } from '../store/listing.ts';
import { netRowUnder } from '../store/network.ts';
import type { PaneInfo } from '../store/pane-info.ts';
import { processRows } from '../store/processes.ts';
import type { ManagerState } from '../store/state.ts';
import type { BulkItem, Task } from '../store/task.ts';
import { allTasks, openFailure } from '../store/task-state.ts';
import { gridRowUnder } from '../store/ubc-grid.ts';
import { topView } from './mode.ts';

export function subjectOf(state: ManagerState): CtSample | null {
  const view = topView(state);
  if (view.name === 'table') return state.rows[state.cursor.index] ?? null;
  if (view.name === 'container' || view.name === 'trouble' || view.name === 'changes') return containerOf(state, view.ct);
  if (view.name === 'node-beans') return gridRowUnder(state)?.ct ?? null;
  if (view.name === 'node-network') return netRowUnder(state)?.ct ?? null;
  if (view.name === 'why' && view.ct !== null) return containerOf(state, view.ct);
  return view.name === 'panes' ? containerOf(state, paneOf(state)?.ct ?? null) : null;
}

/** The process under the cursor; null in views that list none. */
export function processOf(state: ManagerState): CtProcess | null {
  const view = topView(state);
  if (view.name !== 'node-processes' && (view.name !== 'container' || state.tab !== 'processes')) return null;
  const rows = processRows(state);
  return (
    rows[
      placed(
        listingOf(state),
        rows.map(({ key }) => key),
        1,
      ).index
    ]?.process ?? null
  );
}

export function containerOf(state: ManagerState, ct: number | null): CtSample | null {
  return state.sample?.containers.find((row) => row.id === ct) ?? null;
}

export function paneOf(state: ManagerState): PaneInfo | null {
  return state.panes.find((pane) => pane.id === state.paneCursor) ?? null;
}

/** The task under the cursor of the task view, in others the newest failure that nobody has dismissed. */
export function taskOf(state: ManagerState): Task | null {
  const view = topView(state);
  if (view.name === 'tasks') return allTasks(state).find((task) => task.id === view.selected) ?? allTasks(state).at(-1) ?? null;
  if (view.name === 'task-log' || (view.name === 'trouble' && view.task !== null))
    return allTasks(state).find((task) => task.id === view.task) ?? null;
  return openFailure(state);
}

/** The container under the cursor among those that a verb was done to. */
export function bulkUnder(state: ManagerState): BulkItem | null {
  const view = topView(state);
  return view.name === 'bulk' && state.bulk !== null ? (shownItems(state.bulk)[view.chosen] ?? null) : null;
}

/** The column under the cursor of their dialog. */
export function columnUnder({ overlay, columns }: ManagerState): ColumnId | null {
  return overlay?.kind === 'columns' ? (columnChoices(columns, overlay.input.text)[overlay.chosen] ?? null) : null;
}

export const openPanes = (state: ManagerState): readonly PaneInfo[] => state.panes.filter((pane) => pane.ended === '');
