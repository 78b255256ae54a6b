// Many containers by one form, and the list of what became of them: copied, saved, left.
import { newPassword, type SeatOrder, VzError } from '../../engine/index.ts';
import { type CreateForm, type CreateRequest, createCommands, nameFor, seatsOf, textOf } from '../forms/create-form.ts';
import { lineInput } from '../forms/line-input.ts';
import { topView } from '../keys/mode.ts';
import { failureOf } from '../store/failure.ts';
import { withFilter } from '../store/ingest.ts';
import { isOver, madeOf, madeText, withEnd, withKept, withRestLeft, withSaid } from '../store/made.ts';
import type { MadeList } from '../store/state.ts';
import { goBack, showView } from '../store/views.ts';
import type { Act } from './act-lists.ts';
import type { Manager } from './manager.ts';

/** Begins the task, and shows its list. */
export function makeMany(manager: Manager, form: CreateForm, { orders, start, passwords }: CreateRequest): void {
  const { store, tasks } = manager;
  const engine = manager.engine();
  const withPasswords: readonly SeatOrder[] = passwords
    ? orders.map(({ id, options }) => ({ id, options: { ...options, password: newPassword() } }))
    : orders;
  const seats = seatsOf(form);
  const title = `create ${textOf(form, 'id')}`;
  const [command = ''] = createCommands(form);
  const task = tasks.run({ title, verb: 'create-many', ct: null, command, done: `${orders.length} containers are made` }, async (run) => {
    const outcomes = await engine.createMany(
      withPasswords,
      {
        start,
        ended: (outcome) => store.setState((state) => withEnd(state, id, outcome)),
        said: (ct, { text }) => store.setState((state) => withSaid(state, id, ct, text)),
      },
      run,
    );
    const failed = outcomes.filter(({ error }) => error !== null && !(error instanceof VzError && error.code === 'cancelled'));
    if (failed.length > 0) {
      const { message } = failureOf(failed[0]?.error);
      throw new VzError('not-all-made', { count: failed.length, total: outcomes.length, first: failed[0]?.id, cause: message });
    }
    if (outcomes.some(({ made }) => !made)) throw new VzError('cancelled', { what: title });
  });
  // A task is in the list as soon as it is begun.
  const id = store.getState().tasks.at(-1)?.id ?? 0;
  const list: MadeList = {
    task: id,
    title,
    kept: '',
    rows: withPasswords.map(({ id: ct, options: { password = '' } }, i) => ({
      id: ct,
      name: nameFor(form, seats[i]!),
      hostname: nameFor(form, seats[i]!, 'hostname'),
      password,
      end: 'waits',
      made: false,
      text: '',
    })),
  };
  store.setState((state) => {
    const closed = { ...state, ...goBack(state), ...withFilter(state, lineInput()), form: null, plan: null, made: [...state.made, list] };
    return { ...closed, ...showView(closed, { name: 'made', task: id, top: 0 }) };
  });
  void task.then(() => {
    // What concerns all is thrown before any has an end of its own.
    store.setState((state) => withRestLeft(state, id));
    manager.look();
  });
}

/** The list that is on the screen. */
function shown({ store }: Manager): MadeList | null {
  const view = topView(store.getState());
  return view.name === 'made' ? madeOf(store.getState(), view.task) : null;
}

function copy(manager: Manager): void {
  const list = shown(manager);
  if (list === null) return;
  const trouble = manager.terminal.copy(madeText(list));
  manager.store.setState((state) => ({
    ...(trouble === null ? withKept(state, list.task, 'copied') : {}),
    hint: trouble ?? 'Copied to the clipboard of your terminal, as far as it takes such',
  }));
}

function askWhere(manager: Manager): void {
  const list = shown(manager);
  if (list === null) return;
  const name = list.title.replace(/[^0-9]+/g, '-').replace(/^-|-$/g, '');
  const input = lineInput(`${process.env['HOME'] || '/root'}/containers-${name}.tsv`);
  manager.store.setState({ overlay: { kind: 'save', task: list.task, input, trouble: '' } });
}

function save(manager: Manager): void {
  const { store } = manager;
  const { overlay } = store.getState();
  if (overlay?.kind !== 'save') return;
  const list = madeOf(store.getState(), overlay.task);
  const path = overlay.input.text.trim();
  if (!path.startsWith('/')) {
    store.setState({ overlay: { ...overlay, trouble: 'Expected a whole path, from / on' } });
    return;
  }
  try {
    if (list !== null) manager.engine().secretFile(path).add(madeText(list).trimEnd());
    store.setState((state) => ({
      ...withKept(state, overlay.task, path),
      overlay: null,
      hint: `Saved in ${path}, which only root can read`,
    }));
  } catch (error) {
    const { message, remedy } = failureOf(error);
    store.setState({ overlay: { ...overlay, trouble: remedy === '' ? message : `${message}. ${remedy}` } });
  }
}

/** As long as it runs its list is come back to by its task; afterwards it is gone with its passwords. */
function leave(manager: Manager): void {
  const list = shown(manager);
  manager.store.setState((state) => ({
    ...goBack(state),
    ...(list !== null && isOver(list) ? { made: state.made.filter((one) => one !== list) } : {}),
  }));
}

export const MADE_ACTS = {
  'made-copy': copy,
  'made-save': askWhere,
  'made-save-go': save,
  'made-cancel': (m) => {
    const list = shown(m);
    if (list !== null) m.tasks.cancel(list.task);
  },
  'made-leave': leave,
} as const satisfies Partial<Record<string, Act>>;
