// Marks, rows that hold still, and the result of what was done to marked containers.
import { markedOf } from '../keys/marked.ts';
import { bulkUnder, subjectOf } from '../keys/subject.ts';
import { isActionId } from '../keys/table.ts';
import { withOrder } from '../store/ingest.ts';
import { invertMarks, markRange, markShown, NO_MARKS, toggleMark } from '../store/marks.ts';
import { showView } from '../store/views.ts';
import { type Act, change } from './act-lists.ts';
import type { Manager } from './manager.ts';
import { cancelMarked } from './marked-run.ts';

function openItem({ store }: Manager): void {
  const state = store.getState();
  const item = bulkUnder(state);
  if (item === null) return;
  if (item.failure !== null && item.task !== null)
    store.setState(showView(state, { name: 'trouble', ct: item.ct, task: item.task, ended: null }));
  else store.setState(showView(state, { name: 'container', ct: item.ct }));
}

function copyNames({ store, terminal }: Manager): void {
  const state = store.getState();
  const under = subjectOf(state);
  const marked = markedOf(state);
  const cts = marked.length > 0 || under === null ? marked : [under];
  const refusal = terminal.copy(cts.map((ct) => `${ct.name || ct.id}\n`).join(''));
  store.setState({
    hint:
      refusal ?? `Copied ${cts.length === 1 ? (cts[0]?.name ?? '') || String(cts[0]?.id) : `the names of ${cts.length}`} to your clipboard`,
  });
}

/** Exactly what it has not been done to is marked, so that the question about it is the usual one; answers the action that is to be asked for. */
export function markRest({ store }: Manager): string | null {
  const { bulk } = store.getState();
  if (bulk === null || !isActionId(bulk.action)) return null;
  const rest = bulk.items.filter((item) => item.state === 'failed' || item.state === 'cancelled').map((item) => item.ct);
  store.setState((state) => ({ ...showView(state, { name: 'table' }), marks: new Set(rest), markFrom: null }));
  return bulk.action;
}

export const MARK_ACTS = {
  mark: change(toggleMark),
  'mark-range': change(markRange),
  'mark-shown': change(markShown),
  'mark-invert': change(invertMarks),
  'mark-clear': change(() => NO_MARKS),
  'copy-names': copyNames,
  hold: change((state) => (state.held === null ? { held: state.rows.map((row) => row.id) } : withOrder(state, { held: null }))),
  bulk: change((state) => showView(state, { name: 'bulk', chosen: 0 })),
  'bulk-open': openItem,
  'bulk-cancel': cancelMarked,
} as const satisfies Partial<Record<string, Act>>;
