// Moving through lists.

import { recipesFor } from '../forms/build-words.ts';
import { lineInput } from '../forms/line-input.ts';
import { modeOf, topView } from '../keys/mode.ts';
import { findEntries } from '../keys/palette.ts';
import { taskOf } from '../keys/subject.ts';
import { templateOf } from '../keys/template-why-not.ts';
import { columnChoices } from '../store/column-choice.ts';
import { withFilter } from '../store/ingest.ts';
import { layoutOf, tableHeight } from '../store/layout.ts';
import { isListed, listHeight, listKeys } from '../store/list-rows.ts';
import { listingOf, moved } from '../store/listing.ts';
import { madeOf } from '../store/made.ts';
import { NO_MARKS } from '../store/marks.ts';
import { placeCursor } from '../store/rows.ts';
import { SIGNALS } from '../store/signals.ts';
import type { ManagerState, Overlay } from '../store/state.ts';
import { allTasks, openFailure } from '../store/task-state.ts';
import { changeView } from '../store/views.ts';
import { watchedPane } from '../store/watched.ts';
import { changesMost } from '../views/changes-lines.ts';
import { planMost } from '../views/create-lines.ts';
import { helpMost } from '../views/help.tsx';
import { madeMost } from '../views/made-lines.ts';
import { troubleMost } from '../views/trouble-lines.ts';
import type { Manager } from './manager.ts';

type Change = Partial<ManagerState>;
/** `key`: by which it was asked for; "" where it was not by a key. */
export type Act = (manager: Manager, key: string) => void;

export const change =
  (make: (state: ManagerState) => Change): Act =>
  ({ store }) =>
    store.setState((state) => make(state));

const clamp = (n: number, most: number): number => Math.max(0, Math.min(n, most));

function moveRow(state: ManagerState, steps: number): Change {
  const index = clamp(state.cursor.index + steps, state.rows.length - 1);
  return { cursor: placeCursor(state.cursor, state.rows, index, tableHeight(state)) };
}

/** From container to container without leaving their screen. */
function moveContainer(state: ManagerState, steps: number): Change {
  const moved = moveRow(state, steps);
  const ct = moved.cursor?.ct;
  return ct == null ? {} : { ...moved, ...changeView(state, { name: 'container', ct }) };
}

/** The newest is on top. */
function moveTask(state: ManagerState, steps: number): Change {
  const newestFirst = allTasks(state).toReversed();
  const at = newestFirst.findIndex((task) => task.id === taskOf(state)?.id);
  const task = newestFirst[clamp(at + steps, newestFirst.length - 1)];
  return task === undefined ? {} : changeView(state, { name: 'tasks', selected: task.id });
}

function moveTemplate(state: ManagerState, steps: number): Change {
  const rows = state.templateRows ?? [];
  const at = rows.findIndex((row) => row.name === templateOf(state)?.name);
  const row = rows[clamp(at + steps, rows.length - 1)];
  return row === undefined ? {} : changeView(state, { name: 'templates', selected: row.name });
}

function moveRecipe(overlay: Overlay & { kind: 'template' }, steps: number): Overlay {
  return { ...overlay, chosen: clamp(overlay.chosen + steps, recipesFor(overlay.input.text).length - 1) };
}

function movePalette(state: ManagerState, overlay: Overlay & { kind: 'palette' }, steps: number): Overlay {
  return { ...overlay, chosen: clamp(overlay.chosen + steps, findEntries(state, overlay.input.text).length - 1) };
}

function moveColumns(state: ManagerState, overlay: Overlay & { kind: 'columns' }, steps: number): Overlay {
  return { ...overlay, chosen: clamp(overlay.chosen + steps, columnChoices(state.columns, overlay.input.text).length - 1) };
}

/** Steps that lead to the end of every list. */
const FAR = 1_000_000;

/** By lines; the view knows what a line is. */
function move(manager: Manager, steps: number): void {
  const { store, panes } = manager;
  const state = store.getState();
  const mode = modeOf(state);
  const theme = manager.theme(state.theme);
  const view = topView(state);
  if (state.overlay?.kind === 'help')
    store.setState({ overlay: { ...state.overlay, top: clamp(state.overlay.top + steps, helpMost(state, theme)) } });
  else if (state.overlay?.kind === 'palette') store.setState({ overlay: movePalette(state, state.overlay, steps) });
  else if (state.overlay?.kind === 'columns') store.setState({ overlay: moveColumns(state, state.overlay, steps) });
  else if (mode === 'panes') panes.find(state.paneCursor ?? -1)?.scroll(steps);
  else if (mode === 'plan' && state.plan !== null)
    store.setState({ plan: { ...state.plan, top: clamp(state.plan.top + steps, planMost(state, layoutOf(state).body)) } });
  else if (state.overlay?.kind === 'samples')
    store.setState({ overlay: { ...state.overlay, chosen: clamp(state.overlay.chosen + steps, state.overlay.samples.length - 1) } });
  else if (view.name === 'changes')
    store.setState(changeView(state, { ...view, top: clamp(view.top + steps, changesMost(state, view, theme)) }));
  else if (view.name === 'made')
    store.setState(changeView(state, { ...view, top: clamp(view.top + steps, madeMost(state, view, layoutOf(state).body)) }));
  else if (view.name === 'trouble')
    store.setState(changeView(state, { ...view, top: clamp((view.top ?? 0) + steps, troubleMost(state, view, theme)) }));
  else if (state.overlay?.kind === 'template') store.setState({ overlay: moveRecipe(state.overlay, steps) });
  else if (mode === 'templates') store.setState(moveTemplate(state, steps));
  else if (mode === 'signal')
    store.setState(({ aim }) => (aim === null ? {} : { aim: { ...aim, signal: clamp(aim.signal + steps, SIGNALS.length - 1) } }));
  else if (watchedPane(state) !== null) panes.watched.pane?.scroll(steps);
  else if (isListed(state)) store.setState({ listing: moved(listingOf(state), listKeys(state), steps, listHeight(state)) });
  else if (view.name === 'bulk')
    store.setState(changeView(state, { ...view, chosen: clamp(view.chosen + steps, (state.bulk?.items.length ?? 1) - 1) }));
  else if (mode === 'tasks') store.setState(moveTask(state, steps));
  else if (mode === 'container') store.setState(moveContainer(state, steps));
  else if (mode === 'table' || mode === 'filter') store.setState(moveRow(state, steps));
}

const screenful = (manager: Manager): number => Math.max(1, layoutOf(manager.store.getState()).body - 2);

/** Esc takes away one thing after the other: the failure that waits, then the filter, then the marks. */
function clear(manager: Manager): void {
  const state = manager.store.getState();
  const failed = openFailure(state);
  if (failed !== null) manager.tasks.dismiss(failed.id);
  else if (state.filter.text !== '') manager.store.setState(withFilter(state, lineInput()));
  else manager.store.setState(NO_MARKS);
}

export const LIST_ACTS = {
  up: (m) => move(m, -1),
  down: (m) => move(m, 1),
  'page-up': (m) => move(m, -screenful(m)),
  'page-down': (m) => move(m, screenful(m)),
  first: (m) => move(m, -FAR),
  last: (m) => move(m, FAR),
  clear,
  open: change((state) =>
    state.cursor.ct === null ? {} : { views: [...state.views, { name: 'container', ct: state.cursor.ct }], tab: 'overview' },
  ),
  'task-open': change((state) => {
    const task = taskOf(state);
    if (task === null) return {};
    if (madeOf(state, task.id) !== null) return { views: [...state.views, { name: 'made', task: task.id, top: 0 }] };
    if (task.failure !== null) return { views: [...state.views, { name: 'trouble', ct: task.ct, task: task.id, ended: null }] };
    return task.ct === null ? {} : { views: [...state.views, { name: 'container', ct: task.ct }] };
  }),
} as const satisfies Partial<Record<string, Act>>;
