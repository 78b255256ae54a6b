// Tabs, lists and processes of the container view, and of the view of all processes.
import { lineInput } from '../forms/line-input.ts';
import { topView } from '../keys/mode.ts';
import { processOf } from '../keys/subject.ts';
import { failureOf } from '../store/failure.ts';
import { tableHeight } from '../store/layout.ts';
import { listingOf } from '../store/listing.ts';
import { LEVELS } from '../store/log.ts';
import { choosePane } from '../store/pane-places.ts';
import { formRows, rowUnder } from '../store/parameters.ts';
import { processKey } from '../store/processes.ts';
import { placeCursor } from '../store/rows.ts';
import { SIGNALS } from '../store/signals.ts';
import type { Aim, ManagerState } from '../store/state.ts';
import { TABS, type Tab, tabBeside } from '../store/tabs.ts';
import { type Listing, PROCESS_SORTS } from '../store/view-state.ts';
import { changeView, showView } from '../store/views.ts';
import { watchedPane } from '../store/watched.ts';
import { type Act, change } from './act-lists.ts';
import type { Manager } from './manager.ts';

const toTab = (tab: Tab): Act => change(() => ({ tab }));

/** From container to container of the table, without leaving the tab. */
const toContainer = (steps: number): Act =>
  change((state) => {
    const cursor = placeCursor(state.cursor, state.rows, state.cursor.index + steps, tableHeight(state));
    return cursor.ct === null ? {} : { cursor, ...changeView(state, { name: 'container', ct: cursor.ct }) };
  });

const sortBeside = (steps: number): Act =>
  change(({ processSort }) => {
    const at = PROCESS_SORTS.indexOf(processSort) + steps + PROCESS_SORTS.length;
    return { processSort: PROCESS_SORTS[at % PROCESS_SORTS.length] ?? 'tree' };
  });

const withListing = (state: ManagerState, other: Partial<ManagerState['listing']>): Partial<ManagerState> => ({
  listing: { ...listingOf(state), ...other },
});

function fold(state: ManagerState): Partial<ManagerState> {
  const process = processOf(state);
  if (process === null) return {};
  const { folded } = listingOf(state);
  const key = processKey(process);
  return withListing(state, { key, folded: new Set(folded.has(key) ? [...folded].filter((one) => one !== key) : [...folded, key]) });
}

/** A console that is live has no lines to choose from: they are in the tab beside it. */
function find(state: ManagerState): Partial<ManagerState> {
  const where: Pick<ManagerState, 'tab' | 'logSource'> =
    watchedPane(state) === null ? { tab: state.tab, logSource: state.logSource } : { tab: 'log', logSource: 'console' };
  const there = { ...state, ...where };
  // What is folded away could not be found.
  const open = there.tab === 'parameters' ? { folded: new Set<string>() } : {};
  return { ...where, ...withListing(there, { finding: true, find: lineInput(listingOf(there).find.text), ...open }) };
}

/** Where a pane has this console open it has its keyboard, too. */
function typeIntoConsole({ store, panes }: Manager): void {
  const state = store.getState();
  const ct = state.watched?.ct;
  const open = state.panes.find((pane) => pane.kind === 'console' && pane.ct === ct && pane.ended === '');
  if (open === undefined) panes.watched.type();
  else {
    store.setState({ ...showView(state, { name: 'panes' }), ...choosePane(state, open.id) });
    panes.type(open.id);
  }
}

/** Something is done to one process; what becomes of it is one line, also when the process has ended meanwhile. */
async function touch(manager: Manager, { process }: Aim, done: string, command: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    manager.store.setState(({ notices, now }) => ({
      notices: [...notices, { at: now, ct: process.ct, tone: 'normal', text: `${process.ct}: ${done}`, command }],
    }));
  } catch (error) {
    manager.store.setState({ hint: failureOf(error).message });
  }
  manager.look();
}

function sendSignal(manager: Manager): void {
  const { aim } = manager.store.getState();
  manager.store.setState({ aim: null });
  const kind = SIGNALS[aim?.signal ?? -1];
  if (aim === null || kind === undefined) return;
  const { process } = aim;
  const command = `kill -${kind.name} ${process.pid}`;
  void touch(manager, aim, `${kind.name} was sent to process ${process.pid}`, command, () =>
    manager.engine().signal(process.ct, process, kind.number, { command }),
  );
}

function renice(manager: Manager): void {
  const { overlay, aim } = manager.store.getState();
  if (overlay?.kind !== 'renice' || aim === null) return;
  const nice = Number(overlay.input.text.trim());
  if (overlay.input.text.trim() === '' || !Number.isInteger(nice) || nice < -20 || nice > 19) {
    manager.store.setState({ overlay: { ...overlay, trouble: 'Expected a whole number from -20 to 19' } });
    return;
  }
  manager.store.setState({ overlay: null, aim: null });
  const { process } = aim;
  const command = `renice ${nice} ${process.pid}`;
  void touch(manager, aim, `process ${process.pid} has nice ${nice}`, command, () =>
    manager.engine().renice(process.ct, process, nice, { command }),
  );
}

/** Of parameters that were looked for one is under the cursor, not the section above them. */
function firstFound(state: ManagerState): Partial<Listing> {
  const under = topView(state).name === 'container' && state.tab === 'parameters' ? rowUnder(state) : null;
  if (under?.kind !== 'section') return {};
  const rows = formRows(state);
  const index = rows.indexOf(under) + 1;
  const first = rows[index];
  return first?.kind === 'parameter' ? { key: first.key, index } : {};
}

export const VIEW_ACTS = {
  'tab-next': change(({ tab }) => ({ tab: tabBeside(tab, 1) })),
  'tab-previous': change(({ tab }) => ({ tab: tabBeside(tab, -1) })),
  ...(Object.fromEntries(TABS.map((tab) => [`tab-${tab}`, toTab(tab)])) as Record<`tab-${Tab}`, Act>),
  'ct-next': toContainer(1),
  'ct-previous': toContainer(-1),
  'processes-of-node': change((state) => showView(state, { name: 'node-processes' })),
  find: change(find),
  'console-type': typeIntoConsole,
  'find-done': change((state) => withListing(state, { finding: false, ...firstFound(state) })),
  'find-clear': change((state) => withListing(state, { finding: false, find: lineInput() })),
  'log-source': change(({ logSource }) => ({ logSource: logSource === 'inside' ? 'console' : 'inside' })),
  'log-wrap': change(({ logWrap }) => ({ logWrap: !logWrap })),
  'log-level': change(({ logLevel }) => ({ logLevel: LEVELS[((LEVELS as readonly number[]).indexOf(logLevel) + 1) % LEVELS.length] ?? 7 })),
  'process-signal': change((state) => {
    const process = processOf(state);
    return process === null ? {} : { overlay: { kind: 'signal' }, aim: { process, signal: 0 } };
  }),
  'process-renice': change((state) => {
    const process = processOf(state);
    const input = lineInput(String(process?.nice ?? 0));
    return process === null ? {} : { overlay: { kind: 'renice', input, trouble: '' }, aim: { process, signal: 0 } };
  }),
  'process-fold': change(fold),
  'process-sort': sortBeside(1),
  'process-sort-previous': sortBeside(-1),
  'process-open': change((state) => {
    const process = processOf(state);
    return process === null ? {} : { tab: 'processes', ...showView(state, { name: 'container', ct: process.ct }) };
  }),
  'signal-choose': sendSignal,
  'signal-leave': change(() => ({ overlay: null })),
  'renice-go': renice,
  'renice-leave': change(() => ({ overlay: null })),
} as const satisfies Partial<Record<string, Act>>;
