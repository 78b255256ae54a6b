// The form of a container's parameters: opened, a value of it changed and kept, or taken from beside it.
import { type CtParameter, changeTo } from '../../engine/index.ts';
import type { Step } from '../forms/amount-step.ts';
import { newItemsForm } from '../forms/items-form.ts';
import {
  joinSides,
  newParameterForm,
  otherSide,
  type ParameterForm,
  readForm,
  stepAmount,
  takeSuggestion,
} from '../forms/parameter-form.ts';
import { suggestionsFor } from '../forms/suggestions.ts';
import { subjectOf } from '../keys/subject.ts';
import { draftOf, withEntry, withoutSaved } from '../store/drafts.ts';
import { listingOf } from '../store/listing.ts';
import { type ParameterRow, parameterOf, rowUnder, sectionKey } from '../store/parameters.ts';
import type { ManagerState } from '../store/state.ts';
import { showView } from '../store/views.ts';
import { type Act, change } from './act-lists.ts';
import { review } from './act-set.ts';
import type { Manager } from './manager.ts';

/** Of the container under the cursor; in its own view another tab of it. */
function open({ store }: Manager): void {
  const state = store.getState();
  const ct = subjectOf(state);
  if (ct !== null) store.setState({ ...showView(state, { name: 'container', ct: ct.id }), tab: 'parameters' });
}

function fold(state: ManagerState): Partial<ManagerState> {
  const row = rowUnder(state);
  if (row === null) return {};
  const key = sectionKey(row.section);
  const listing = listingOf(state);
  const { folded } = listing;
  return { listing: { ...listing, key, folded: new Set(folded.has(key) ? [...folded].filter((one) => one !== key) : [...folded, key]) } };
}

/** The form for one of a container's parameters; what is offered is looked for now: it changes with every container of the node. */
export function openEditor(manager: Manager, ct: number, all: readonly CtParameter[], one: CtParameter, value: string | null): void {
  const engine = manager.engine();
  const { param, own } = one;
  const { items } = param.grammar;
  if (items !== undefined) {
    // right after a saving the list of parameters is not read anew yet
    const stored = engine.config(ct).own.get(param.key) ?? null;
    const form = newItemsForm({ ct, param, items, around: engine.node.around, stored }, value === own ? stored : value);
    manager.store.setState({ overlay: { kind: 'items', form } });
    return;
  }
  const origin = all.find(({ key }) => key === 'ORIGIN_SAMPLE')?.file;
  const name = origin ?? engine.node.values.get('CONFIGFILE');
  const known = {
    sample: engine.samples().find((sample) => sample.name === name) ?? null,
    peers: engine.configs().filter(({ id }) => id !== ct),
  };
  const form = newParameterForm({ ct, param, around: engine.node.around, stored: own, suggestions: suggestionsFor(one, known) }, value);
  manager.store.setState({ overlay: { kind: 'parameter', form }, nodeSize: engine.size() });
}

function edit(manager: Manager): void {
  const { store } = manager;
  const state = store.getState();
  const row = rowUnder(state);
  const ct = subjectOf(state);
  if (row === null || ct === null) return;
  if (row.kind === 'section') store.setState(fold(state));
  else openEditor(manager, ct.id, state.looked.parameters ?? [], row, row.changed?.value ?? row.file ?? row.derived);
}

const onForm =
  (make: (form: ParameterForm) => ParameterForm): Act =>
  ({ store }) => {
    const { overlay } = store.getState();
    if (overlay?.kind === 'parameter') store.setState({ overlay: { kind: 'parameter', form: make(overlay.form) } });
  };

const byStep = (step: Step): Act => onForm((form) => stepAmount(form, step));

/** True when it was kept, or nothing had to be. */
function keep({ store }: Manager): boolean {
  const state = store.getState();
  const { overlay } = state;
  if (overlay?.kind !== 'parameter') return false;
  const { ct, param, stored } = overlay.form;
  const reading = readForm(overlay.form);
  if ('fault' in reading) {
    store.setState({ hint: reading.fault });
    return false;
  }
  // With a kernel that has something else, saving what the file says is a change as well.
  const idle = reading.value === stored && parameterOf(state, ct, param.key)?.drift !== true;
  store.setState({ overlay: null, ...withEntry(state, ct, param.key, idle ? null : { change: reading.change, value: reading.value }) });
  return true;
}

function keepAndReview(manager: Manager): void {
  if (!keep(manager)) return;
  const state = manager.store.getState();
  const ct = subjectOf(state);
  if (ct !== null && draftOf(state, ct.id).size > 0) void review(manager);
  else manager.store.setState({ hint: 'Nothing is changed' });
}

/** A value that stands on the screen becomes that of the file. */
function takeValue({ store, engine }: Manager, value: (row: ParameterRow, state: ManagerState) => string | null | undefined): void {
  const state = store.getState();
  const row = rowUnder(state);
  const ct = subjectOf(state);
  if (row?.kind !== 'parameter' || ct === null) return;
  const wanted = value(row, state);
  if (wanted == null) return;
  const led = changeTo(row.param, row.own ?? undefined, wanted, ct.id, engine().node.around);
  if (led === null) store.setState({ hint: `No option of vzctl set leads to ${wanted}` });
  else store.setState(withEntry(state, ct.id, row.key, { change: led, value: wanted }));
}

function drop(state: ManagerState): Partial<ManagerState> {
  const row = rowUnder(state);
  const ct = subjectOf(state);
  if (row === null || ct === null) return {};
  if (row.kind === 'parameter') return withEntry(state, ct.id, row.key, null);
  const gone = new Map([...draftOf(state, ct.id)].filter(([key]) => parameterOf(state, ct.id, key)?.section === row.section));
  return withoutSaved(state, ct.id, gone);
}

export const PARAMETER_ACTS = {
  parameters: open,
  'parameter-edit': edit,
  'parameter-fold': change(fold),
  'parameter-drop': change(drop),
  'take-right': (m) => takeValue(m, (row, { compare }) => (compare === null ? row.live : compare.values.get(row.key))),
  'take-left': (m) => takeValue(m, ({ file, derived }) => file ?? derived),
  // only the list of parameters has a place for what is kept and not saved
  'parameter-keep': (m) => (m.store.getState().tab === 'parameters' ? void keep(m) : keepAndReview(m)),
  'parameter-save': keepAndReview,
  'suggestion-next': onForm((form) => takeSuggestion(form, 1)),
  'suggestion-previous': onForm((form) => takeSuggestion(form, -1)),
  'other-side': onForm(otherSide),
  'both-sides': onForm(joinSides),
  'amount-more': byStep('more'),
  'amount-less': byStep('less'),
  'amount-twice': byStep('twice'),
  'amount-half': byStep('half'),
} as const satisfies Partial<Record<string, Act>>;
