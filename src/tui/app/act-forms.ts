// The create form: opened, planned, done.

import { FIELDS } from '../forms/create-fields.ts';
import { createCommands, createRequest, formFaults, moveFocus, newCreateForm, textOf } from '../forms/create-form.ts';
import { lineInput } from '../forms/line-input.ts';
import { failureOf } from '../store/failure.ts';
import { withFilter } from '../store/ingest.ts';
import { goBack, showView } from '../store/views.ts';
import { runVerb, startVerb } from './act-containers.ts';
import type { Act } from './act-lists.ts';
import type { Manager } from './manager.ts';

/** `template`: the one to begin with; otherwise the first. */
export function openForm(manager: Manager, template?: string): void {
  const engine = manager.engine();
  const templates = engine.templates();
  const state = manager.store.getState();
  const around = {
    params: engine.node.around,
    templates: templates.map((template) => template.name),
    containers: state.sample?.containers ?? [],
  };
  const form = newCreateForm(around, engine.freeId(), template);
  manager.store.setState({ ...showView(state, { name: 'create' }), templates, form, plan: null });
}

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
    const lines = await manager.engine().plan(async (engine) => {
      await engine.create(request.id, request.options);
      if (request.start) await engine.start(request.id);
    });
    manager.store.setState((state) => (state.form === form ? { plan: { lines, failure: null, top: 0 } } : {}));
  } catch (error) {
    manager.store.setState((state) => (state.form === form ? { plan: { lines: [], failure: failureOf(error), top: 0 } } : {}));
  }
}

function go(manager: Manager): void {
  const { form, plan: planned } = manager.store.getState();
  const request = form === null ? null : createRequest(form);
  if (form === null || request === null || planned === null || planned.failure !== null) return;
  const ct = { id: request.id, name: textOf(form, 'name') };
  const engine = manager.engine();
  const [createLine = '', ...others] = createCommands(form);
  const setLine = others.find((line) => line.startsWith('vzctl set')) ?? '';
  manager.store.setState((state) => ({
    ...goBack(state),
    ...withFilter(state, lineInput()),
    form: null,
    plan: null,
  }));
  manager.store.setState(({ cursor }) => ({ cursor: { ...cursor, ct: request.id } }));
  const create = {
    verb: 'create',
    call: (_: unknown, id: number, run: Parameters<typeof engine.create>[2]) => engine.create(id, request.options, run),
    command: () => (setLine === '' ? createLine : `${createLine}; ${setLine}`),
    done: request.start ? 'is made' : 'is made; s starts it',
  };
  void runVerb(manager, create, ct).then((well) => {
    if (well && request.start) void runVerb(manager, startVerb, ct);
  });
}

const refocus =
  (steps: number): Act =>
  ({ store }) =>
    store.setState(({ form }) => ({ form: form === null ? null : moveFocus(form, steps) }));

export const FORM_ACTS = {
  create: (m) => openForm(m),
  'field-next': refocus(1),
  'field-previous': refocus(-1),
  'form-plan': (m) => void plan(m),
  'form-go': go,
} as const satisfies Partial<Record<string, Act>>;
