// The create form: opened, planned, done.

import type { Engine } from '../../engine/index.ts';
import { FIELDS } from '../forms/create-fields.ts';
import {
  type CreateForm,
  type CreateRequest,
  createCommands,
  createRequest,
  formFaults,
  moveFocus,
  newCreateForm,
  textOf,
} from '../forms/create-form.ts';
import { lineInput } from '../forms/line-input.ts';
import { failureOf } from '../store/failure.ts';
import { withFilter } from '../store/ingest.ts';
import { goBack, showView } from '../store/views.ts';
import { runVerb, startVerb } from './act-containers.ts';
import type { Act } from './act-lists.ts';
import { makeMany } from './act-made.ts';
import type { Manager } from './manager.ts';

/** `begin`: what stands in the form from the beginning. */
export function openForm(manager: Manager, begin: Parameters<typeof newCreateForm>[2] = {}): void {
  const engine = manager.engine();
  const templates = engine.templates();
  const state = manager.store.getState();
  // As far as somebody has looked: a create would find it out as well.
  const broken = new Set((state.templateRows ?? []).filter(({ fault }) => fault !== '').map(({ name }) => name));
  const around = {
    params: engine.node.around,
    templates: templates.map((template) => template.name).filter((name) => !broken.has(name)),
    containers: state.sample?.containers ?? [],
  };
  const form = newCreateForm(around, engine.freeId(), begin);
  manager.store.setState({ ...showView(state, { name: 'create' }), templates, form, plan: null });
}

/** A room of ten to begin with, from the next free id on. */
function openMany(manager: Manager): void {
  const first = manager.engine().freeId();
  openForm(manager, {
    id: `${first}-${first + ROOM - 1}`,
    name: 'seat-{nn}',
    hostname: 'seat-{nn}',
    layout: 'overlay',
    password: 'generate',
  });
  manager.store.setState(({ form }) => (form === null ? {} : { form: { ...form, focus: 'id' } }));
}
const ROOM = 10;

async function plan(manager: Manager): Promise<void> {
  const { form } = manager.store.getState();
  if (form === null) return;
  const [faulty] = formFaults(form);
  const request = createRequest(form);
  if (request === null) {
    if (faulty !== undefined)
      manager.store.setState({ form: { ...form, focus: faulty[0] }, hint: `${FIELDS[faulty[0]].label}: ${faulty[1]}` });
    return;
  }
  try {
    const lines = await manager.engine().plan((engine) => planned(engine, request));
    manager.store.setState((state) => (state.form === form ? { plan: { lines, failure: null, top: 0 } } : {}));
  } catch (error) {
    manager.store.setState((state) => (state.form === form ? { plan: { lines: [], failure: failureOf(error), top: 0 } } : {}));
  }
}

/** One alone is created and started as by its keys, since its refusals are told that way. */
async function planned(engine: Engine, { orders, start }: CreateRequest): Promise<void> {
  const [only, ...more] = orders;
  if (only !== undefined && more.length === 0) {
    await engine.create(only.id, only.options);
    if (start) await engine.start(only.id);
    return;
  }
  const refused = (await engine.createMany(orders, { start })).find(({ error }) => error !== null);
  if (refused) throw refused.error;
}

function go(manager: Manager): void {
  const { form, plan: planned } = manager.store.getState();
  const request = form === null ? null : createRequest(form);
  if (form === null || request === null || planned === null || planned.failure !== null) return;
  if (request.orders.length > 1 || request.passwords) makeMany(manager, form, request);
  else makeOne(manager, form, request);
}

function makeOne(manager: Manager, form: CreateForm, { orders, start }: CreateRequest): void {
  const [only] = orders;
  if (only === undefined) return;
  const ct = { id: only.id, name: textOf(form, 'name') };
  const engine = manager.engine();
  const [createLine = '', ...others] = createCommands(form);
  const setLine = others.find((line) => line.startsWith('vzctl set')) ?? '';
  manager.store.setState((state) => ({
    ...goBack(state),
    ...withFilter(state, lineInput()),
    form: null,
    plan: null,
  }));
  manager.store.setState(({ cursor }) => ({ cursor: { ...cursor, next: only.id } }));
  const create = {
    verb: 'create',
    call: (_: unknown, id: number, run: Parameters<typeof engine.create>[2]) => engine.create(id, only.options, run),
    command: () => (setLine === '' ? createLine : `${createLine}; ${setLine}`),
    done: start ? 'is made' : 'is made; s starts it',
  };
  void runVerb(manager, create, ct).then((well) => {
    if (well && start) void runVerb(manager, startVerb, ct);
  });
}

const refocus =
  (steps: number): Act =>
  ({ store }) =>
    store.setState(({ form }) => ({ form: form === null ? null : moveFocus(form, steps) }));

export const FORM_ACTS = {
  create: (m) => openForm(m),
  'create-many': openMany,
  'field-next': refocus(1),
  'field-previous': refocus(-1),
  'form-plan': (m) => void plan(m),
  'form-go': go,
} as const satisfies Partial<Record<string, Act>>;
