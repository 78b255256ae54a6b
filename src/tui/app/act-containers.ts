// Verbs on the container under the cursor or on what is marked, each as a task that says which vzctl line would have done the same.
import type { CtSample } from '../../engine/index.ts';
import { type MarkedAction, markedFor } from '../keys/marked.ts';
import { topView } from '../keys/mode.ts';
import { subjectOf, taskOf } from '../keys/subject.ts';
import { endedFailure } from '../store/failure.ts';
import { isLimited, lastRefused } from '../store/refusals.ts';
import type { Task } from '../store/task.ts';
import { openFailure } from '../store/task-state.ts';
import { explained } from '../store/ubc.ts';
import { showView } from '../store/views.ts';
import type { Act } from './act-lists.ts';
import { openPane } from './act-panes.ts';
import type { Manager } from './manager.ts';
import { runMarked } from './marked-run.ts';
import { orderOf, type VerbAct } from './verb-act.ts';

const VERBS = {
  start: { verb: 'start', call: (e, id, run) => e.start(id, {}, run), command: (id) => `vzctl start ${id}`, done: 'is running' },
  stop: { verb: 'stop', call: (e, id, run) => e.stop(id, {}, run), command: (id) => `vzctl stop ${id}`, done: 'is stopped' },
  kill: {
    verb: 'stop',
    call: (e, id, run) => e.stop(id, { fast: true }, run),
    command: (id) => `vzctl stop ${id} --fast`,
    done: 'is stopped',
  },
  restart: {
    verb: 'restart',
    call: (e, id, run) => e.restart(id, {}, run),
    command: (id) => `vzctl restart ${id}`,
    done: 'has been restarted',
  },
  freeze: { verb: 'freeze', call: (e, id, run) => e.freeze(id, run), command: (id) => `vzdeck freeze ${id}`, done: 'is frozen' },
  thaw: { verb: 'thaw', call: (e, id, run) => e.thaw(id, run), command: (id) => `vzdeck thaw ${id}`, done: 'goes on' },
  destroy: { verb: 'destroy', call: (e, id, run) => e.destroy(id, run), command: (id) => `vzctl destroy ${id}`, done: 'is destroyed' },
  mount: { verb: 'mount', call: (e, id, run) => e.mount(id, run), command: (id) => `vzctl mount ${id}`, done: 'is mounted' },
  umount: { verb: 'umount', call: (e, id, run) => e.umount(id, run), command: (id) => `vzctl umount ${id}`, done: 'is unmounted' },
} as const satisfies Record<MarkedAction, VerbAct>;

/** Runs a verb on a container as a task; resolves to whether it went well. */
export async function runVerb(manager: Manager, act: VerbAct, ct: Pick<CtSample, 'id' | 'name'>): Promise<boolean> {
  const engine = manager.engine();
  const well = await manager.tasks.run(orderOf(act, ct), (run) => act.call(engine, ct.id, run));
  manager.look();
  return well;
}

/** To all that is marked, or to the container under the cursor. */
const verb =
  (action: MarkedAction): Act =>
  (manager) => {
    const state = manager.store.getState();
    const act = VERBS[action];
    const marked = markedFor(state, action);
    const ct = subjectOf(state);
    if (marked !== null) void runMarked(manager, action, act, marked);
    else if (ct !== null) void runVerb(manager, act, ct);
  };

export const startVerb: VerbAct = VERBS.start;

/**
 * The failure of the task that is looked at, else how the container under the cursor ended or which limit it has reached, else the failure
 * that waits, else the last refusal.
 */
function why(manager: Manager): void {
  const state = manager.store.getState();
  const looked = topView(state).name === 'tasks' ? taskOf(state) : null;
  const ct = subjectOf(state);
  const waits = openFailure(state);
  const refused = lastRefused(state);
  if (looked?.failure != null) showFailure(manager, looked);
  else if (ct !== null && ct.trouble !== '') showEnd(manager, ct);
  else if (ct !== null && isLimited(ct) && waits?.ct !== ct.id) manager.store.setState(explained(state, ct.id));
  else if (waits !== null) showFailure(manager, waits);
  else if (refused !== null) manager.store.setState(explained(state, refused));
}

function showFailure({ store }: Manager, task: Task | null): void {
  if (task === null) return;
  store.setState((state) => showView(state, { name: 'trouble', ct: task.ct, task: task.id, ended: null }));
}

/** What this manager has seen says more than what is on disk; the newer one counts. */
function showEnd(manager: Manager, ct: CtSample): void {
  const { store } = manager;
  const outcome = manager.engine().outcome(ct.id);
  const task = store.getState().tasks.findLast((one) => one.ct === ct.id && one.failure !== null) ?? null;
  const newest = outcome === null || (task?.endedAt ?? 0) >= outcome.at - SAME;
  const ended = { at: outcome?.at ?? 0, failure: endedFailure(ct.trouble, outcome) };
  if (task !== null && newest) showFailure(manager, task);
  else store.setState((state) => showView(state, { name: 'trouble', ct: ct.id, task: null, ended }));
}
/** A task's end and the outcome that it wrote are noted so many milliseconds apart at most. */
const SAME = 2000;

export const CONTAINER_ACTS = {
  start: verb('start'),
  stop: verb('stop'),
  kill: verb('kill'),
  restart: verb('restart'),
  freeze: verb('freeze'),
  thaw: verb('thaw'),
  destroy: verb('destroy'),
  mount: verb('mount'),
  umount: verb('umount'),
  enter: (m) => void openPane(m, 'enter'),
  console: (m) => void openPane(m, 'console'),
  why,
  'task-cancel': (m) => {
    const task = taskOf(m.store.getState());
    if (task?.elsewhere !== undefined) m.sync.cancel(task);
    else if (task !== null) m.tasks.cancel(task.id);
  },
  'task-log': (m) => {
    const task = taskOf(m.store.getState());
    if (task !== null) m.store.setState((state) => showView(state, { name: 'task-log', task: task.id }));
  },
  'task-dismiss': (m) => {
    const task = taskOf(m.store.getState());
    if (task !== null) m.tasks.dismiss(task.id);
  },
} as const satisfies Partial<Record<string, Act>>;
