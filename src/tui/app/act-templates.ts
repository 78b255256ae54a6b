// The list of templates: looked at, checked, built, removed, and containers made from one.
import { buildOrder, USUAL_RECIPE } from '../forms/build-words.ts';
import { shellWord } from '../forms/create-form.ts';
import { lineInput } from '../forms/line-input.ts';
import { topView } from '../keys/mode.ts';
import { buildOf, templateOf } from '../keys/template-why-not.ts';
import { failureOf } from '../store/failure.ts';
import { templateRows, withCheck } from '../store/template-rows.ts';
import { changeView, showView } from '../store/views.ts';
import { openForm } from './act-forms.ts';
import type { Act } from './act-lists.ts';
import type { Manager } from './manager.ts';

/** Looks at the cache again. The cursor begins on the first one and stays on its template. */
async function lookAtTemplates({ store, engine }: Manager): Promise<void> {
  try {
    const details = await engine().inspectTemplates();
    store.setState((state) => {
      const rows = templateRows(details, state.templateRows ?? []);
      const view = topView(state);
      const lost = view.name === 'templates' && !rows.some((row) => row.name === view.selected) && state.overlay === null;
      return {
        templateRows: rows,
        templates: engine().templates(),
        ...(lost ? changeView(state, { name: 'templates', selected: rows[0]?.name ?? null }) : {}),
      };
    });
  } catch (error) {
    store.setState({ templateRows: [], hint: failureOf(error).message });
  }
}

function open(manager: Manager): void {
  const { store } = manager;
  store.setState((state) => showView(state, { name: 'templates', selected: state.templateRows?.[0]?.name ?? null }));
  void lookAtTemplates(manager);
}

function build(manager: Manager): void {
  const { overlay } = manager.store.getState();
  if (overlay?.kind !== 'template') return;
  const order = buildOrder(overlay.input.text, overlay.chosen);
  if (typeof order === 'string') {
    manager.store.setState({ overlay: { ...overlay, trouble: order } });
    return;
  }
  const { recipe, options, name, command } = order;
  manager.store.setState({ overlay: null });
  const engine = manager.engine();
  const task = { title: `build template ${name}`, verb: 'template-build', ct: null, command, done: `Template ${name} is ready` };
  void manager.tasks.run(task, (run) => engine.buildTemplate(recipe, options, run)).then(() => lookAtTemplates(manager));
}

/** A template that is broken is no failure of the check: the list says it. */
function check(manager: Manager): void {
  const row = templateOf(manager.store.getState());
  if (row === null) return;
  const { name, label } = row;
  const engine = manager.engine();
  const found = (fault: string): void =>
    manager.store.setState(({ templateRows: rows }) => ({ templateRows: withCheck(rows ?? [], name, fault) }));
  const task = {
    title: `check template ${label}`,
    verb: 'template-check',
    ct: null,
    command: `vzdeck template check ${shellWord(label)}`,
    done: `Template ${label} has been read to its end`,
  };
  void manager.tasks.run(task, async (run) => {
    try {
      await engine.checkTemplate(name, run);
      found('');
    } catch (error) {
      const { code, message } = failureOf(error);
      if (code !== 'bad-template') throw error;
      found(message.replace(/^Template [^:]*: /, ''));
    }
  });
}

function remove(manager: Manager): void {
  const row = templateOf(manager.store.getState());
  if (row === null) return;
  const { name, label } = row;
  const engine = manager.engine();
  const task = {
    title: `remove template ${label}`,
    verb: 'template-remove',
    ct: null,
    command: `vzdeck template remove ${shellWord(label)}`,
    done: `Template ${label} is removed`,
  };
  void manager.tasks.run(task, () => engine.removeTemplate(name)).then(() => lookAtTemplates(manager));
}

export const TEMPLATE_ACTS = {
  templates: open,
  'template-build': (m) => m.store.setState({ overlay: { kind: 'template', input: lineInput(), chosen: USUAL_RECIPE, trouble: '' } }),
  'template-look': (m) => void lookAtTemplates(m),
  'template-go': build,
  'template-check': check,
  'template-remove': remove,
  'template-use': (m) => {
    const row = templateOf(m.store.getState());
    if (row !== null) openForm(m, { template: row.name });
  },
  'template-cancel': (m) => {
    const task = buildOf(m.store.getState());
    if (task !== null) m.tasks.cancel(task.id);
  },
} as const satisfies Partial<Record<string, Act>>;
