// Changed parameters saved: what that would do, found out before; to one container or to all that is marked; and taken back.
import { type Change, changeTo, paramOf, quoteWords, setLine } from '../../engine/index.ts';
import { topView } from '../keys/mode.ts';
import { forSeveral, setTargets, wantedChanges } from '../keys/parameter-why-not.ts';
import { containerOf, subjectOf } from '../keys/subject.ts';
import { changesIn, draftOf, withoutSaved } from '../store/drafts.ts';
import { failureOf } from '../store/failure.ts';
import type { Before, ManagerState, SavedChanges } from '../store/state.ts';
import type { Draft } from '../store/view-state.ts';
import { goBack, showView } from '../store/views.ts';
import { runVerb } from './act-containers.ts';
import type { Act } from './act-lists.ts';
import type { ManagedEngine, Manager } from './manager.ts';
import { runMarked } from './marked-run.ts';
import type { VerbAct } from './verb-act.ts';

type Changes = ReadonlyMap<string, Change>;

const asked = (changes: Changes): Parameters<ManagedEngine['set']>[1] => Object.fromEntries(changes);

/** What saving would do is found out by an engine that only writes down; its refusals are the real ones. */
export async function review({ store, engine }: Manager): Promise<void> {
  const state = store.getState();
  const ct = subjectOf(state);
  if (ct === null) return;
  const draft = draftOf(state, ct.id);
  const begun = { ct: ct.id, draft, lines: null, failure: null };
  store.setState({ ...showView(state, { name: 'changes', ct: ct.id, top: 0 }), review: begun, nodeSize: engine().size() });
  const told = (found: Partial<NonNullable<ManagerState['review']>>): void =>
    store.setState(({ review: now }) => (now === begun ? { review: { ...begun, ...found } } : {}));
  try {
    const lines = await engine().plan((planned) => planned.set(ct.id, asked(changesIn(draft)), { save: true, existing: true }));
    told({ lines });
  } catch (error) {
    told({ lines: [], failure: failureOf(error, ct.id) });
  }
}

/** What files and kernel say now of what is about to be changed. */
async function beforeOf(engine: ManagedEngine, ct: number, changes: Changes): Promise<ReadonlyMap<string, Before>> {
  try {
    const all = await engine.parameters(ct);
    const wanted = all.filter(({ key }) => changes.has(key));
    return new Map(wanted.map(({ key, own, live, file, derived }) => [key, { own, held: live ?? file ?? derived }]));
  } catch {
    // What cannot be read cannot be set either: that refusal says why.
    return new Map();
  }
}

const setAct = (changes: Changes): VerbAct => ({
  verb: 'set',
  call: (engine, id, run) => engine.set(id, asked(changes), { save: true, existing: true }, run),
  command: (id) => setLine(id, changes, true),
  done: `is set: ${[...changes.keys()].join(', ')}`,
});

async function save(manager: Manager): Promise<void> {
  const { store } = manager;
  const state = store.getState();
  const view = topView(state);
  const ct = view.name === 'changes' ? containerOf(state, view.ct) : null;
  if (ct === null || state.review === null) return;
  const { draft } = state.review;
  const changes = changesIn(draft);
  store.setState({ ...goBack(state), review: null });
  const before = new Map([[ct.id, await beforeOf(manager.engine(), ct.id, changes)]]);
  if (await runVerb(manager, setAct(changes), ct))
    store.setState((now) => ({ ...withoutSaved(now, ct.id, draft), saved: { changes, before } }));
}

/** To all that is marked; each that ends well can be taken back. */
async function saveAll(manager: Manager): Promise<void> {
  const { store } = manager;
  const state = store.getState();
  const view = topView(state);
  const changes = forSeveral(wantedChanges(state));
  const cts = setTargets(state);
  const engine = manager.engine();
  const draft: Draft = view.name === 'changes' ? draftOf(state, view.ct) : new Map();
  // Whoever tries again what has failed means one change, and takes back one.
  const again = state.saved !== null && setLine('', state.saved.changes, true) === setLine('', changes, true);
  const earlier = again ? [...(state.saved?.before ?? [])] : [];
  store.setState({ saved: { changes, before: new Map(earlier) }, ...(view.name === 'changes' ? { ...goBack(state), review: null } : {}) });
  const before = await Promise.all(cts.map(async ({ id }) => [id, await beforeOf(engine, id, changes)] as const));
  await runMarked(manager, 'set-marked', setAct(changes), cts, 'set');
  store.setState((now) => {
    const done = doneIn(now);
    const saved: SavedChanges = { changes, before: new Map([...before.filter(([id]) => done.has(id)), ...earlier]) };
    return { saved, ...(view.name === 'changes' && done.has(view.ct) ? withoutSaved(now, view.ct, draft) : {}) };
  });
}

/** Containers with which the verb on marked ones ended well. */
const doneIn = ({ bulk }: ManagerState): ReadonlySet<number> =>
  new Set(bulk?.items.flatMap((item) => (item.state === 'done' ? [item.ct] : [])));

interface WayBack {
  readonly changes: Changes;
  /** Of the file alone: words of lists that no option of vzctl set takes away, and keys of which it said nothing. */
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
}

/** What was switched on and was not before is switched off; null where nothing was. */
function switchedOff(stored: string, value: string): Change | null {
  const kept = value.split(' ');
  const off = stored
    .split(' ')
    .filter((word) => word.endsWith(':on') && !kept.includes(word) && !kept.includes(word.replace(/on$/, 'off')));
  return off.length === 0 ? null : { set: [value, ...off.map((word) => word.replace(/on$/, 'off'))].join(' ').trim() };
}

/** To what held before; of what the file did not say nothing stays in it. */
function wayBack(engine: ManagedEngine, id: number, before: ReadonlyMap<string, Before>): WayBack {
  const { own: stored } = engine.config(id);
  const changes = new Map<string, Change>();
  const set: Record<string, string> = {};
  for (const [key, { own, held }] of before) {
    const param = paramOf(key);
    const value = own ?? held ?? (param?.grammar.merge === undefined ? null : '');
    if (param === undefined || value === null) continue;
    const led = changeTo(param, stored.get(key), value, id, engine.node.around);
    const change = led ?? switchedOff(stored.get(key) ?? '', value);
    if (change !== null) changes.set(key, change);
    if (led === null && own !== null) set[key] = own;
  }
  return { changes, set, unset: [...before].flatMap(([key, { own }]) => (own === null ? [key] : [])) };
}

/** The lines for a shell that do the same. */
function wayBackLines(id: number, { changes, set, unset }: WayBack): readonly string[] {
  const pairs = Object.entries(set).map(([key, value]) => `${key}=${value}`);
  return [
    ...(changes.size > 0 ? [setLine(id, changes, true)] : []),
    ...(pairs.length > 0 ? [quoteWords(['vzdeck', 'config', 'set', String(id), ...pairs])] : []),
    ...(unset.length > 0 ? [quoteWords(['vzdeck', 'config', 'unset', String(id), ...unset])] : []),
  ];
}

const undoAct = ({ changes, before }: SavedChanges, engine: ManagedEngine): VerbAct => {
  const back = (id: number): WayBack => wayBack(engine, id, before.get(id) ?? new Map());
  return {
    verb: 'set',
    async call(_, id, run) {
      const { changes: values, set, unset } = back(id);
      if (values.size > 0) await engine.set(id, asked(values), { save: true, existing: true }, run);
      if (unset.length > 0 || Object.keys(set).length > 0) await engine.editConfig(id, { set, unset }, run);
    },
    command: (id) => wayBackLines(id, back(id)).join('; '),
    done: `is as before: ${[...changes.keys()].join(', ')}`,
  };
};

async function undo(manager: Manager): Promise<void> {
  const { store } = manager;
  const state = store.getState();
  const { saved } = state;
  if (saved === null) return;
  const cts = [...saved.before.keys()].flatMap((id) => containerOf(state, id) ?? []);
  if (cts.length === 0) {
    store.setState({ hint: 'The containers are gone' });
    return;
  }
  const act = undoAct(saved, manager.engine());
  const [only, ...more] = cts;
  let undone: ReadonlySet<number> = new Set();
  if (only !== undefined && more.length === 0) undone = new Set((await runVerb(manager, act, only)) ? [only.id] : []);
  else if (only !== undefined) {
    await runMarked(manager, 'parameter-undo', act, cts, 'undo');
    undone = doneIn(store.getState());
  }
  const left = new Map([...saved.before].filter(([id]) => !undone.has(id)));
  store.setState(({ saved: now }) => (now === saved ? { saved: { ...saved, before: left } } : {}));
}

export const SET_ACTS = {
  'parameter-review': (m) => void review(m),
  'changes-go': (m) => void save(m),
  'changes-all': (m) => void saveAll(m),
  'set-marked': (m) => void saveAll(m),
  'parameter-undo': (m) => {
    undo(m).catch((error: unknown) => m.store.setState({ hint: failureOf(error).message }));
  },
} as const satisfies Partial<Record<string, Act>>;
