// From an event of the router to an action or a typed text.
import { editForm, typeIntoForm } from '../forms/create-form.ts';
import { editItem, typeIntoItem } from '../forms/items-form.ts';
import { editLine, type LineInput, typeLine } from '../forms/line-input.ts';
import { editParameter, typeIntoParameter } from '../forms/parameter-form.ts';
import { actionFor } from '../keys/dispatch.ts';
import { modeOf, SIGNS } from '../keys/mode.ts';
import type { InputEvent, KeyEvent, MouseEvent } from '../screen/input-event.ts';
import { withFilter } from '../store/ingest.ts';
import { layoutOf, tableHeight } from '../store/layout.ts';
import { listingOf } from '../store/listing.ts';
import { placeCursor } from '../store/rows.ts';
import type { ManagerState, Overlay } from '../store/state.ts';
import { wantedFields } from '../store/wanted-fields.ts';
import { columnAt } from '../views/column-widths.ts';
import { shownColumns } from '../views/table-lines.ts';
import { takeChar } from './act-copy.ts';
import { followPrompt } from './act-panes.ts';
import { sortByColumn } from './act-table.ts';
import { clickInView } from './click-views.ts';
import type { Manager } from './manager.ts';
import { handlePaneMouse } from './pane-mouse.ts';
import { perform } from './perform.ts';

/** Takes every event: nothing is left for Ink's own input. */
export function handleInput(manager: Manager, event: InputEvent): boolean {
  const before = wantedFields(manager.store.getState());
  take(manager, event);
  const added = wantedFields(manager.store.getState()).some((field) => !before.includes(field));
  // A column that was just chosen would stay empty until the next tick.
  if (added) manager.look();
  return true;
}

function take(manager: Manager, event: InputEvent): void {
  if (event.type === 'key') handleKey(manager, event);
  else if (event.type === 'paste') {
    manager.store.setState((state) => typed(state, event.text) ?? {});
    followPrompt(manager);
  } else if (event.type === 'mouse') handleMouse(manager, event);
}

type Change = Partial<ManagerState>;

/** Text into whatever is being typed into; null where that is nothing. */
function typed(state: ManagerState, text: string): Change | null {
  const { overlay, form, filter, prompt } = state;
  const mode = modeOf(state);
  if (mode === 'filter') return withFilter(state, typeLine(filter, text));
  if (mode === 'prompt' && prompt !== null) return { prompt: { ...prompt, input: typeLine(prompt.input, text) } };
  if (mode === 'create' && form !== null) return { form: typeIntoForm(form, text) };
  if (mode === 'finding') return withFind(state, typeLine(listingOf(state).find, text));
  if (overlay?.kind === 'items') return mode === 'item' ? { overlay: { kind: 'items', form: typeIntoItem(overlay.form, text) } } : null;
  if (overlay?.kind === 'parameter')
    return mode === 'amount' && SIGNS.has(text) ? null : { overlay: { kind: 'parameter', form: typeIntoParameter(overlay.form, text) } };
  return overlay !== null && 'input' in overlay ? { overlay: retyped(overlay, typeLine(overlay.input, text)) } : null;
}

const withFind = (state: ManagerState, find: LineInput): Change => ({ listing: { ...listingOf(state), find } });

/** An editing key there; null where it edits nothing, so that it may be an action. */
function edited(state: ManagerState, key: string): Change | null {
  const { overlay, form, filter, prompt } = state;
  const mode = modeOf(state);
  if (mode === 'prompt' && prompt !== null) {
    const next = editLine(prompt.input, key);
    return next && { prompt: { ...prompt, input: next } };
  }
  if (mode === 'create' && form !== null) {
    const next = editForm(form, key);
    return next && { form: next };
  }
  if (mode === 'filter') {
    const next = editLine(filter, key);
    return next && withFilter(state, next);
  }
  if (mode === 'finding') {
    const next = editLine(listingOf(state).find, key);
    return next && withFind(state, next);
  }
  if (overlay?.kind === 'items' && mode === 'item') {
    const next = editItem(overlay.form, key);
    return next && { overlay: { kind: 'items', form: next } };
  }
  if (overlay?.kind === 'parameter') {
    const next = editParameter(overlay.form, key);
    return next && { overlay: { kind: 'parameter', form: next } };
  }
  const next = overlay !== null && 'input' in overlay ? editLine(overlay.input, key) : null;
  return next && overlay !== null && 'input' in overlay ? { overlay: retyped(overlay, next) } : null;
}

type Typed = Extract<Overlay, { readonly input: LineInput }>;

/** What was said about the old text, or chosen by it, does not hold for the new one. */
const retyped = (overlay: Typed, input: LineInput): Overlay =>
  ({
    ...overlay,
    input,
    ...('chosen' in overlay ? { chosen: 0 } : {}),
    ...('trouble' in overlay ? { trouble: '' } : {}),
  }) as Overlay;

function handleKey(manager: Manager, { id, text }: KeyEvent): void {
  const { store } = manager;
  if (store.getState().hint !== '') store.setState({ hint: '' });
  if (takeChar(manager, text)) return;
  const state = store.getState();
  const change = edited(state, id) ?? (text === '' ? null : typed(state, text));
  const action = change === null ? actionFor(state, id) : null;
  if (change !== null) {
    store.setState(change);
    followPrompt(manager);
  } else if (action !== null) perform(manager, action, id);
}

/** The wheel moves the cursor, a click puts it on a row, a click on it opens the container. */
function handleMouse(manager: Manager, event: MouseEvent): void {
  if (handlePaneMouse(manager, event)) return;
  const state = manager.store.getState();
  const wheel = { 'wheel-up': 'up', 'wheel-down': 'down' } as const;
  if (event.action === 'wheel-up' || event.action === 'wheel-down') {
    const action = actionFor(state, wheel[event.action]);
    if (action !== null) perform(manager, action);
  } else if (event.action === 'press' && event.button === 'left' && modeOf(state) === 'table') clickRow(manager, state, event);
  else if (event.action === 'press' && event.button === 'left') clickInView(manager, state, event);
}

function clickTitle(manager: Manager, state: ManagerState, x: number, cells: number): void {
  const column = columnAt(shownColumns(state, cells), x);
  if (column !== null) manager.store.setState(sortByColumn(state, column));
}

function clickRow(manager: Manager, state: ManagerState, { x, y }: MouseEvent): void {
  const { head, table, body } = layoutOf(state);
  const height = tableHeight(state);
  const titled = height < body;
  if (titled && y === head && state.rows.length > 0) clickTitle(manager, state, x, table);
  const row = y - head - (titled ? 1 : 0);
  const index = placeCursor(state.cursor, state.rows, state.cursor.index, height).top + row;
  if (row < 0 || row >= height || x >= table || index >= state.rows.length) return;
  if (index === state.cursor.index) perform(manager, 'open');
  else manager.store.setState({ cursor: placeCursor(state.cursor, state.rows, index, height) });
}
