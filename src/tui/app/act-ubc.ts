// The beancounters of a container: opened, explained, narrowed, and set in the form of parameters.
import { subjectOf } from '../keys/subject.ts';
import { draftOf } from '../store/drafts.ts';
import { failureOf } from '../store/failure.ts';
import type { ManagerState } from '../store/state.ts';
import { beanUnder, cleanWho } from '../store/ubc.ts';
import { adviceOf } from '../store/ubc-text.ts';
import { type SeenUbc, UBC_SORTS, type UbcPanel } from '../store/view-state.ts';
import { showView } from '../store/views.ts';
import { runVerb } from './act-containers.ts';
import { type Act, change } from './act-lists.ts';
import { openEditor } from './act-parameters.ts';
import type { Manager } from './manager.ts';
import type { VerbAct } from './verb-act.ts';

function open({ store }: Manager): void {
  const state = store.getState();
  const ct = subjectOf(state);
  if (ct !== null) store.setState({ ...showView(state, { name: 'container', ct: ct.id }), tab: 'beans' });
}

const withUbc =
  (make: (ubc: SeenUbc, state: ManagerState) => Partial<SeenUbc>): Act =>
  ({ store }) =>
    store.setState((state) => ({ ubc: { ...state.ubc, ...make(state.ubc, state) } }));

const withExplanation = withUbc(({ panel }) => ({ panel: panel?.kind === 'explain' ? null : { kind: 'explain' } }));

/** What is counted now and then alone is counted anew for who asks: the next look has it. */
const explain: Act = (manager, key) => {
  const state = manager.store.getState();
  const ct = subjectOf(state);
  if (ct !== null && beanUnder(state)?.name === 'numiptent') void manager.engine().countRules([ct.id]);
  withExplanation(manager, key);
};

/** What is advised stands in the form where that was read before: elsewhere a value would come from nowhere. */
async function set(manager: Manager): Promise<void> {
  const { store, engine } = manager;
  const state = store.getState();
  const row = beanUnder(state);
  const ct = subjectOf(state);
  if (row === null || ct === null) return;
  const key = row.name.toUpperCase();
  try {
    const all = await engine().parameters(ct.id, true, ct.ubc);
    const one = all.find((parameter) => parameter.key === key);
    const now = store.getState();
    if (one === undefined || now.overlay !== null || subjectOf(now)?.id !== ct.id || now.tab !== 'beans') return;
    const advised = state.ubc.panel?.kind === 'explain' ? adviceOf(row)?.value : undefined;
    store.setState({ looked: { ...now.looked, ct: ct.id, parameters: all } });
    openEditor(manager, ct.id, all, one, draftOf(now, ct.id).get(key)?.value ?? advised ?? one.file ?? one.derived);
  } catch (error) {
    store.setState({ hint: failureOf(error, ct.id).message });
  }
}

/** As it is now; a later question, another panel or another container makes the answer moot. */
async function who(manager: Manager): Promise<void> {
  const { store } = manager;
  const state = store.getState();
  const row = beanUnder(state);
  const ct = subjectOf(state);
  if (row === null || ct === null) return;
  const { panel } = state.ubc;
  if (panel?.kind === 'who' && panel.name === row.name && panel.ct === ct.id) {
    store.setState({ ubc: { ...state.ubc, panel: null } });
    return;
  }
  const asked: UbcPanel = { kind: 'who', ct: ct.id, name: row.name, answer: null, trouble: '' };
  const tell = (told: Partial<typeof asked>): void =>
    store.setState(({ ubc }) => (ubc.panel === asked ? { ubc: { ...ubc, panel: { ...asked, ...told } } } : {}));
  store.setState({ ubc: { ...state.ubc, panel: asked } });
  try {
    const answer = await manager.engine().who(ct.id, row.name);
    tell(answer === null ? { trouble: `Nobody can tell who holds ${row.name}` } : { answer: cleanWho(answer) });
  } catch (error) {
    tell({ trouble: failureOf(error, ct.id).message });
  }
}

const RESET: VerbAct = {
  verb: 'set',
  call: (engine, id, run) => engine.set(id, {}, { save: false, resetUb: true }, run),
  command: (id) => `vzctl set ${id} --reset_ub`,
  done: 'counts from 0',
};

const SPANS = ['seconds', 'minutes', 'hours'] as const;

/** One span after the other, and then none. */
function history({ panel }: SeenUbc): Partial<SeenUbc> {
  const span = SPANS[panel?.kind === 'history' ? SPANS.indexOf(panel.span) + 1 : 0];
  return { panel: span === undefined ? null : { kind: 'history', span, of: '', points: [], damaged: 0 } };
}

export const UBC_ACTS = {
  beans: open,
  'bean-explain': explain,
  'bean-who': (m) => void who(m),
  'bean-history': withUbc(history),
  'bean-reset': (m) => {
    const ct = subjectOf(m.store.getState());
    if (ct !== null) void runVerb(m, RESET, ct);
  },
  'bean-set': (m) => void set(m),
  'bean-only': withUbc(({ only }) => ({ only: !only })),
  'bean-sort': change(({ ubcSort }) => ({ ubcSort: UBC_SORTS[(UBC_SORTS.indexOf(ubcSort) + 1) % UBC_SORTS.length] ?? 'trouble' })),
} as const satisfies Partial<Record<string, Act>>;
