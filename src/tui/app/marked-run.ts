// One verb on all containers that are marked: as many at once as the node takes well, each a task of its own, and what became of each.
import type { CtSample } from '../../engine/index.ts';
import { bulkSummary, countOf, withItem, withoutWaiting } from '../store/bulk.ts';
import { addNotices, ctLabel } from '../store/notices.ts';
import type { Bulk } from '../store/task.ts';
import { showView } from '../store/views.ts';
import type { Manager } from './manager.ts';
import { orderOf, type VerbAct } from './verb-act.ts';

/** More at once make none of them faster: they wait for the same disk. */
export const AT_ONCE = 4;

let lastId = 0;

/** `action` is what does the same again to what is left of it. */
export async function runMarked(
  manager: Manager,
  action: string,
  act: VerbAct,
  cts: readonly CtSample[],
  title: string = action,
): Promise<void> {
  const { store } = manager;
  const bulk: Bulk = {
    id: ++lastId,
    action,
    title,
    items: cts.map((ct) => ({ ct: ct.id, label: ctLabel(ct), state: 'waiting', task: null, failure: null })),
    startedAt: manager.now(),
    endedAt: null,
    cancelled: false,
  };
  store.setState((state) => ({ bulk, ...showView(state, { name: 'bulk', chosen: 0 }) }));
  const queue = [...cts];
  const worker = async (): Promise<void> => {
    for (let ct = queue.shift(); ct !== undefined && goesOn(manager, bulk.id); ct = queue.shift()) await runOne(manager, bulk.id, act, ct);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  end(manager, bulk.id);
}

const goesOn = ({ store }: Manager, id: number): boolean => {
  const { bulk } = store.getState();
  return bulk?.id === id && !bulk.cancelled;
};

async function runOne(manager: Manager, id: number, act: VerbAct, ct: CtSample): Promise<void> {
  const { store, tasks } = manager;
  const engine = manager.engine();
  const run = tasks.run({ ...orderOf(act, ct), quiet: true }, (options) => act.call(engine, ct.id, options));
  const task = store.getState().tasks.findLast((one) => one.ct === ct.id)?.id ?? null;
  store.setState((state) => withItem(state, id, ct.id, { state: 'running', task }));
  const well = await run;
  const ended = store.getState().tasks.find((one) => one.id === task);
  const how = well ? 'done' : ended?.state === 'cancelled' ? 'cancelled' : 'failed';
  store.setState((state) => withItem(state, id, ct.id, { state: how, failure: ended?.failure ?? null }));
  // Whoever cancels one task by leaving the manager means all of them.
  if (how === 'cancelled') store.setState(withoutWaiting);
}

/** What went well is not marked any more; what did not still is, so that it can be seen to. */
function end(manager: Manager, id: number): void {
  manager.look();
  manager.store.setState((state) => {
    const { bulk, marks, notices } = state;
    if (bulk?.id !== id) return {};
    const at = manager.now();
    const done = new Set(bulk.items.filter((item) => item.state === 'done').map((item) => item.ct));
    const failed = countOf(bulk, 'failed');
    const notice = {
      at,
      ct: null,
      tone: failed > 0 ? ('alarm' as const) : ('good' as const),
      text: `${bulk.title}: ${bulkSummary(bulk)}`,
      command: '',
    };
    return {
      bulk: { ...bulk, endedAt: at },
      marks: new Set([...marks].filter((ct) => !done.has(ct))),
      notices: addNotices(notices, [notice]),
    };
  });
}

/** What runs is undone, what waits never begins. */
export function cancelMarked({ store, tasks }: Manager): void {
  store.setState(withoutWaiting);
  for (const item of store.getState().bulk?.items ?? []) if (item.state === 'running' && item.task !== null) tasks.cancel(item.task);
}
