// Views, panes, looks and the way out.

import { modeOf } from '../keys/mode.ts';
import { withoutWaiting } from '../store/bulk.ts';
import type { ManagerState, View } from '../store/state.ts';
import { activeTasks } from '../store/task-state.ts';
import { beanUnder } from '../store/ubc.ts';
import { goBack, showView } from '../store/views.ts';
import type { Act } from './act-lists.ts';
import type { Manager } from './manager.ts';

const show =
  (view: View): Act =>
  ({ store }) =>
    store.setState((state) => showView(state, view));

/** One step back: the plan gives way to its form, the form to where it was opened. */
function back({ store }: Manager): void {
  store.setState((state): Partial<ManagerState> => {
    if (state.overlay !== null) return { overlay: null };
    if (state.plan !== null) return { plan: null };
    if (state.compare !== null && modeOf(state) === 'parameters') return { compare: null };
    if (state.ubc.panel !== null && modeOf(state) === 'beans' && beanUnder(state) !== null) return { ubc: { ...state.ubc, panel: null } };
    return { ...goBack(state), form: null, review: null, zoomed: false };
  });
}

function nextTheme({ store, themeNames, theme }: Manager): void {
  store.setState((state) => {
    const name = themeNames[(themeNames.indexOf(state.theme) + 1) % themeNames.length] ?? state.theme;
    return { theme: name, hint: theme(name).name === name ? `Theme ${name}` : `Theme ${name}, without colours on this terminal` };
  });
}

function toggleMouse({ store, terminal }: Manager): void {
  const mouse = !store.getState().mouse;
  terminal.input.setMouse(mouse);
  store.setState({ mouse, hint: mouse ? 'The mouse is ours; Shift selects text in most terminals' : "The mouse is the terminal's" });
}

/** What runs is cancelled and undone first: leaving never leaves half a container behind. */
async function quit(manager: Manager): Promise<void> {
  manager.store.setState(withoutWaiting);
  manager.tasks.cancelAll();
  if (activeTasks(manager.store.getState()).length > 0) {
    manager.store.setState((state) => ({
      ...showView(state, { name: 'tasks', selected: null }),
      hint: 'Leaving as soon as everything is undone',
    }));
    await manager.tasks.settled();
  }
  manager.close();
  manager.terminal.quit(0);
}

export const SCREEN_ACTS = {
  back,
  'help-close': back,
  no: back,
  tasks: show({ name: 'tasks', selected: null }),
  theme: nextTheme,
  mouse: toggleMouse,
  'read-only': ({ store }) =>
    store.setState(({ readOnly }) => ({
      readOnly: !readOnly,
      hint: readOnly ? 'Everything is allowed again' : 'Read-only: nothing on the node is changed from here',
    })),
  help: ({ store }) => store.setState({ overlay: { kind: 'help', top: 0 } }),
  repaint: ({ terminal }) => terminal.layers.repaint(),
  suspend: ({ terminal }) => terminal.stop(),
  quit: (m) => void quit(m),
  'leave-running': (m) => {
    m.store.setState({ overlay: null });
    m.leaveRunning();
  },
} as const satisfies Partial<Record<string, Act>>;
