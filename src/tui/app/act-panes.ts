// Panes: opened, arranged, typed into, closed.
import { lineInput } from '../forms/line-input.ts';
import { openPanes, paneOf, subjectOf } from '../keys/subject.ts';
import { TooManyPanesError } from '../panes/pane-set.ts';
import { clean } from '../screen/text.ts';
import { ctLabel } from '../store/notices.ts';
import type { PaneInfo, PanePrompt } from '../store/pane-info.ts';
import { choosePane, chosenOnly, inGrid, paneArea, shownPlaces } from '../store/pane-places.ts';
import { type Edge, neighbourOf, panesIn, resized, type Split } from '../store/pane-tree.ts';
import type { ManagerState } from '../store/state.ts';
import { goBack, showView } from '../store/views.ts';
import type { Act } from './act-lists.ts';
import type { Manager } from './manager.ts';

type Change = Partial<ManagerState>;

const change =
  (make: (state: ManagerState) => Change): Act =>
  ({ store }) =>
    store.setState((state) => make(state));

/** Opens a shell or a console of the container that keys are about. */
export async function openPane(manager: Manager, verb: 'enter' | 'console', beside: Split | null = null): Promise<void> {
  const ct = subjectOf(manager.store.getState());
  if (ct === null) return;
  const { panes } = manager;
  const engine = manager.engine();
  try {
    await (verb === 'enter' ? panes.enter(engine, ct, beside) : panes.console(engine, ct));
  } catch (error) {
    if (error instanceof TooManyPanesError) manager.store.setState({ hint: error.message });
    else manager.tasks.failed({ title: `${verb} ${ctLabel(ct)}`, verb, ct: ct.id, command: `vzctl ${verb} ${ct.id}` }, error);
  }
}

/** Those that are open, else those of last time. */
async function showPanes({ store, panes, engine }: Manager): Promise<void> {
  const { panes: open, lastPanes, sample } = store.getState();
  if (open.length > 0 || lastPanes === null) return store.setState((state) => showView(state, { name: 'panes' }));
  const refusals = await panes.again(engine(), lastPanes, (ct) => sample?.containers.find(({ id }) => id === ct) ?? null);
  if (refusals.length > 0) store.setState({ hint: refusals.join('; ') });
}

const step =
  (steps: 1 | -1): Act =>
  ({ store }) =>
    store.setState((state) => {
      const { panes, paneCursor } = state;
      const at = panes.findIndex((pane) => pane.id === paneCursor);
      return choosePane(state, panes[(at + steps + panes.length) % panes.length]?.id ?? -1);
    });

/** Numbers are those of their titles. */
const numbered: Act = ({ store }, key) =>
  store.setState((state) => {
    const pane = state.panes[Number(key) - 1];
    return pane === undefined
      ? { hint: `The key is the number in its title: 1 to ${Math.min(9, state.panes.length)}` }
      : choosePane(state, pane.id);
  });

const towards = (edge: Edge): Act =>
  change((state) => {
    const next = state.paneCursor === null ? null : neighbourOf(shownPlaces(state), state.paneCursor, edge);
    return next === null ? {} : { paneCursor: next };
  });

/** Cells that a border goes with each key. */
const STRIDE: Readonly<Record<Edge, number>> = { left: 4, right: 4, up: 2, down: 2 };

const border = (edge: Edge): Act =>
  change((state) => {
    const { arrangement, paneCursor } = state;
    if (arrangement === null || paneCursor === null || state.zoomed) return {};
    const next = resized(arrangement, paneCursor, edge, STRIDE[edge], paneArea(state));
    return next === arrangement ? { hint: 'No border of this pane can go there' } : { arrangement: next };
  });

/** The pane under the cursor with something else about it. */
const changed = (state: ManagerState, make: (pane: PaneInfo) => Partial<PaneInfo>): Change => ({
  panes: state.panes.map((pane) => (pane.id === state.paneCursor ? { ...pane, ...make(pane) } : pane)),
});

function close(manager: Manager): void {
  const pane = paneOf(manager.store.getState());
  if (pane === null) return;
  manager.panes.close(pane.id);
  manager.store.setState((state) => (state.panes.length === 0 ? { ...goBack(state), zoomed: false } : {}));
}

/** Nobody types into what is not to be seen: marked panes come to the screen. */
function broadcast({ store, panes }: Manager): void {
  const state = store.getState();
  const marked = openPanes(state).flatMap((pane) => (pane.marked ? [pane.id] : []));
  const [first] = marked;
  if (first === undefined) return;
  const shown = panesIn(state.arrangement);
  const paneCursor = state.paneCursor !== null && marked.includes(state.paneCursor) ? state.paneCursor : first;
  store.setState({ zoomed: false, paneCursor, ...(marked.every((id) => shown.includes(id)) ? {} : inGrid(state, marked)) });
  panes.type(paneCursor, marked);
}

export const ask = (asks: PanePrompt['asks'], text = ''): Change => ({ prompt: { asks, input: lineInput(text) } });

/** A search is done as it is typed. */
export function followPrompt({ store, panes }: Manager): void {
  const { prompt, paneCursor } = store.getState();
  if (prompt === null || prompt.asks === 'name') return;
  panes.find(paneCursor)?.changeCopy((copy) => copy.seek(prompt.input.text, prompt.asks === 'search'));
}

const LONGEST_NAME = 40;

function answer({ store, panes }: Manager, takes: boolean): void {
  const state = store.getState();
  const { prompt } = state;
  if (prompt === null) return;
  store.setState({ prompt: null });
  if (prompt.asks === 'name') {
    if (takes) store.setState(changed(state, () => ({ name: clean(prompt.input.text.trim(), LONGEST_NAME) })));
    return;
  }
  const pane = panes.find(state.paneCursor);
  pane?.changeCopy((copy) => copy.endSeek(takes));
  if (takes && pane?.copy?.found?.count === 0) store.setState({ hint: `Nothing in the history matches ${clean(prompt.input.text)}` });
}

/** The manager's screen comes back as it was, whatever the program has done to the terminal. */
async function attach({ store, panes, terminal, look }: Manager): Promise<void> {
  const pane = panes.find(store.getState().paneCursor);
  if (pane === null) return;
  const { stream, release } = pane.hand();
  try {
    await terminal.hand(stream);
  } finally {
    release();
    look();
  }
}

function toggleClipboard({ store }: Manager): void {
  const paneClipboard = !store.getState().paneClipboard;
  const hint = paneClipboard
    ? 'Programs in the pane that has the keyboard may set your clipboard now: what they put there, you paste elsewhere'
    : 'Programs in panes may not set your clipboard';
  store.setState({ paneClipboard, hint });
}

export const PANE_ACTS = {
  panes: (m) => void showPanes(m),
  'pane-type': (m) => m.panes.type(m.store.getState().paneCursor ?? -1),
  'pane-next': step(1),
  'pane-previous': step(-1),
  'pane-number': numbered,
  'pane-zoom': change(({ zoomed }) => ({ zoomed: !zoomed })),
  'pane-close': close,
  'pane-beside': (m) => void openPane(m, 'enter', 'columns'),
  'pane-below': (m) => void openPane(m, 'enter', 'rows'),
  'pane-grid': change((state) =>
    inGrid(
      state,
      state.panes.map((pane) => pane.id),
    ),
  ),
  'pane-only': change(chosenOnly),
  'pane-left': towards('left'),
  'pane-right': towards('right'),
  'pane-up': towards('up'),
  'pane-down': towards('down'),
  'pane-border-left': border('left'),
  'pane-border-right': border('right'),
  'pane-border-up': border('up'),
  'pane-border-down': border('down'),
  'pane-pin': change((state) => changed(state, ({ pinned }) => ({ pinned: !pinned }))),
  'pane-rename': change((state) => ask('name', paneOf(state)?.name)),
  'pane-mark': change((state) => changed(state, ({ marked }) => ({ marked: !marked }))),
  'pane-broadcast': broadcast,
  'pane-attach': (m) => void attach(m),
  'pane-clipboard': toggleClipboard,
  'prompt-go': (m) => answer(m, true),
  'prompt-no': (m) => answer(m, false),
} as const satisfies Partial<Record<string, Act>>;
