// Whether somebody else has what is being typed into a list: asked of the engine when the keys rest, and told to the form if that is still what it says.
import { readList } from '../forms/items-form.ts';
import { containerOf } from '../keys/subject.ts';
import { failureOf } from '../store/failure.ts';
import { ctLabel } from '../store/notices.ts';
import type { ManagerState } from '../store/state.ts';
import type { Store } from '../store/store.ts';
import type { ManagedEngine } from './manager.ts';

/** Milliseconds without a key: configs of all containers are read for an answer. */
const REST = 120;

interface Question {
  readonly ct: number;
  readonly key: string;
  readonly of: string;
  readonly change: Parameters<ManagedEngine['conflict']>[1][string];
}

function questionOf({ overlay }: ManagerState): Question | null {
  if (overlay?.kind !== 'items' || overlay.form.items.free === undefined) return null;
  const { form } = overlay;
  const reading = readList(form);
  if ('fault' in reading || reading.change === null || form.conflict?.of === reading.value) return null;
  return { ct: form.ct, key: form.param.key, of: reading.value, change: reading.change };
}

/** The container that has it by its name as well. */
const named = (state: ManagerState, text: string): string =>
  text.replace(/container (\d+)/, (all, id: string) => {
    const ct = containerOf(state, Number(id));
    return ct === null ? all : `container ${ctLabel(ct)}`;
  });

/** Returns what ends it. */
export function watchConflicts(store: Store, engine: () => ManagedEngine): () => void {
  let timer: NodeJS.Timeout | undefined;
  const ask = async ({ ct, key, of, change }: Question): Promise<void> => {
    const said = await engine()
      .conflict(ct, { [key]: change })
      .catch((error: unknown) => failureOf(error, ct));
    const text = said === null ? '' : failureOf(said, ct).message;
    store.setState((state) => {
      if (questionOf(state)?.of !== of || state.overlay?.kind !== 'items') return {};
      return { overlay: { kind: 'items', form: { ...state.overlay.form, conflict: { of, text: named(state, text) } } } };
    });
  };
  const unsubscribe = store.subscribe((state, before) => {
    if (state.overlay === before.overlay) return;
    clearTimeout(timer);
    const question = questionOf(state);
    if (question !== null) timer = setTimeout(() => void ask(question), REST);
  });
  return () => {
    clearTimeout(timer);
    unsubscribe();
  };
}
