// The manager's entry: takes the terminal and shows the first frame, loads the engine beside it, then ticks.
import type { Engine, Sampler } from '../engine/index.ts';
import { App } from './app/app.tsx';
import { handleInput } from './app/input.ts';
import type { Manager } from './app/manager.ts';
import { PaneHost } from './app/pane-host.ts';
import { TaskSync } from './app/task-sync.ts';
import { keyOf } from './keys/legend.ts';
import { plural } from './keys/questions.ts';
import { readBindings } from './keys/read-bindings.ts';
import { PaneSet } from './panes/pane-set.ts';
import { NoTerminalError, openScreen } from './screen/open-screen.tsx';
import type { Screen } from './screen/screen.ts';
import { readUserFile, userFile, writeUserFile } from './screen/user-file.ts';
import { readThemes, type Themes } from './screen/user-themes.ts';
import { failureOf } from './store/failure.ts';
import { withSample } from './store/ingest.ts';
import { offerPanes, panesToKeep } from './store/kept-panes.ts';
import type { Notice } from './store/notice.ts';
import { faultNotice, obstacleNotice } from './store/notices.ts';
import { formatSettings, parseSettings } from './store/settings.ts';
import type { ManagerState } from './store/state.ts';
import { createManagerStore, type Store } from './store/store.ts';
import { activeTasks } from './store/task-state.ts';
import { Tasks } from './store/tasks.ts';
import { Ticker } from './store/ticker.ts';
import { offerTour, toggleTour } from './store/tour-steps.ts';
import { wantedFields } from './store/wanted-fields.ts';

/** Other keys and own commands, written by hand. */
const KEYS_FILE = 'keys.json';
/** When somebody has last been told of what was left running, milliseconds since 1970. */
const SEEN_FILE = 'tasks-seen';

function look(store: Store, engine: Engine | null, sampler: Sampler | null): void {
  if (engine === null || sampler === null) {
    store.setState({ now: Date.now() });
    return;
  }
  try {
    const sample = sampler.tick(wantedFields(store.getState()), true);
    store.setState((state) => withSample(state, sample, engine.ubcHistory()));
  } catch (error) {
    store.setState({ now: Date.now(), sampleTrouble: failureOf(error).message });
  }
}

/** The first of what is wrong in the person's files; help has them all. */
function faultNotices(state: ManagerState, themes: Themes): readonly Notice[] {
  const [first, ...others] = state.faults;
  if (first === undefined) return [];
  const key = keyOf(state, 'help', themes.of(state.theme).glyphs);
  return [faultNotice(others.length === 0 ? first : `${others.length + 1} faults, ${key} has all: ${first}`, Date.now())];
}

/** dist/ and src/tui/ both lie in the project. */
const HOME = decodeURIComponent(new URL(import.meta.url).pathname).replace(/\/(dist|src\/tui)\/[^/]+$/, '');

async function loadEngine(env: NodeJS.ProcessEnv): Promise<Engine> {
  const { openEngine } = await import('../engine/index.ts');
  const { VZDECK_ROOT, VZDECK_PROC } = env;
  return openEngine({ home: HOME, root: VZDECK_ROOT || '/', program: 'manager', ...(VZDECK_PROC ? { proc: VZDECK_PROC } : {}) });
}

async function main(): Promise<void> {
  const { env } = process;
  const file = userFile(env, 'manager.json');
  const themes = readThemes(env);
  const settings = parseSettings(readUserFile(file), themes.usual);
  const { bindings, faults } = readBindings(readUserFile(userFile(env, KEYS_FILE)), KEYS_FILE);
  const seenFile = userFile(env, SEEN_FILE);
  let lastWork: () => Promise<void> = async () => {};
  const screen: Screen = openScreen({
    mouse: settings.mouse,
    lastWork: () => lastWork(),
    hurry: () => tasks.cancelAll(),
  });
  const { layers } = screen;
  const store = createManagerStore({
    // A theme that is not there today may be there tomorrow.
    settings,
    readOnly: Boolean(env['VZDECK_READ_ONLY']),
    bindings,
    faults: [...themes.faults, ...faults],
    size: { columns: layers.columns, rows: layers.rows },
    now: Date.now(),
  });
  const sync = new TaskSync(store, Date.now);
  const tasks: Tasks = new Tasks(store, Date.now, (task) => sync.tell(task));
  const set = new PaneSet();
  let engine: Engine | null = null;
  let sampler: Sampler | null = null;
  const ticker = new Ticker(
    settings.period,
    () => {
      look(store, engine, sampler);
      if (sync.watching) sync.refresh();
    },
    () => !layers.stalled,
  );
  store.subscribe(({ period }) => ticker.every(period));
  const manager: Manager = {
    store,
    tasks,
    sync,
    panes: new PaneHost(store, set, screen.input, (text) => screen.copy(text)),
    terminal: screen,
    theme: themes.of,
    themeNames: themes.names,
    home: HOME,
    look: () => ticker.extra(),
    now: Date.now,
    engine: () => {
      if (engine === null) throw new Error('The engine is not loaded yet');
      return engine;
    },
    close: () => {
      closeScreen();
      sync.close();
      engine?.close();
    },
    leaveRunning: () => {
      const count = activeTasks(store.getState()).length;
      screen.outlive(
        `${plural(count, 'task goes', 'tasks go')} on in process ${process.pid}; the next vzdeck shows ${count === 1 ? 'it' : 'them'}`,
      );
    },
  };
  let screenClosed = false;
  const closeScreen = (): void => {
    // A second time no pane would be open any more, and that would be kept.
    if (screenClosed) return;
    screenClosed = true;
    const state = store.getState();
    const text = formatSettings({ ...state, lastPanes: panesToKeep(state) }, themes.usual);
    if (text !== formatSettings(settings, themes.usual)) writeUserFile(file, text);
    ticker.stop();
    set.closeAll();
    sampler?.close();
    sampler = null;
  };
  // The terminal is gone, the work is not: verbs that run are let to their end.
  lastWork = async () => {
    sync.leave();
    closeScreen();
    await tasks.settled();
    manager.close();
  };
  screen.input.setHandler((event) => handleInput(manager, event));
  screen.render(<App manager={manager} />);
  ticker.start();
  // The first frame goes out before the engine takes the processor.
  await new Promise((drawn) => setImmediate(drawn));
  try {
    engine = await loadEngine(env);
    sampler = engine.sampler();
    const obstacles = await engine.obstacles();
    // The worst is the newest, which is the one that the foot shows.
    const faults = faultNotices(store.getState(), themes);
    const notices = [...obstacles.toReversed().map((one) => obstacleNotice(one, Date.now())), ...faults];
    // Stands until the first key: what happens on a busy node would take its place before anybody has read it.
    if (faults[0] !== undefined) store.setState({ hint: faults[0].text });
    const templateCache = `${engine.node.templateDir}/cache`;
    store.setState({ engine: 'ready', obstacles, templates: engine.templates(), templateCache, notices });
    sync.open(engine.tasks(), tasks, Number(readUserFile(seenFile) ?? 0));
    writeUserFile(seenFile, `${Date.now()}\n`);
  } catch (error) {
    store.setState({ engine: { failed: failureOf(error) } });
  }
  ticker.extra();
  // A demo is there to be looked at; elsewhere people have something to do.
  store.setState((state) => offerPanes(state, keyOf(state, 'panes', themes.of(state.theme).glyphs)));
  store.setState((state) => (env['VZDECK_TOUR'] ? toggleTour(state) : offerTour(state)));
}

main().catch((error: unknown) => {
  if (!(error instanceof NoTerminalError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
