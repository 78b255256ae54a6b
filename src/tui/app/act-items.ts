// A list of a container's parameters thing by thing. What is kept in the list stands in the form of parameters at once, and is saved from there.
import { fillIn, type ItemsForm, keepItem, leaveItem, moveItem, readItem, readList, removeItem } from '../forms/items-form.ts';
import { draftOf, withEntry } from '../store/drafts.ts';
import { parameterOf } from '../store/parameters.ts';
import type { Act } from './act-lists.ts';
import { review } from './act-set.ts';
import type { Manager } from './manager.ts';

const formIn = ({ store }: Manager): ItemsForm | null => {
  const { overlay } = store.getState();
  return overlay?.kind === 'items' ? overlay.form : null;
};

const onForm =
  (make: (form: ItemsForm) => ItemsForm): Act =>
  ({ store }) =>
    store.setState(({ overlay }) => (overlay?.kind === 'items' ? { overlay: { kind: 'items', form: make(overlay.form) } } : {}));

/** The list becomes what the form of parameters keeps of it; false, with the reason in the foot, where no option leads there. */
function put({ store }: Manager, form: ItemsForm): boolean {
  const reading = readList(form);
  if ('fault' in reading) {
    store.setState({ hint: reading.fault });
    return false;
  }
  const { value, change } = reading;
  const { ct, param } = form;
  store.setState((state) => {
    const drifts = parameterOf(state, ct, param.key)?.drift === true;
    const entry = change === null || (value === form.stored && !drifts) ? null : { change, value };
    return { overlay: { kind: 'items', form }, ...withEntry(state, ct, param.key, entry) };
  });
  return true;
}

/** True when what was filled in is in the list, or nothing was. */
function keep(manager: Manager): boolean {
  const form = formIn(manager);
  if (form === null) return false;
  if (form.filled === null) return true;
  const item = readItem(form);
  const list = readList(form);
  const conflict = 'value' in list && form.conflict?.of === list.value ? form.conflict.text : '';
  const fault = 'fault' in item ? item.fault : 'fault' in list ? list.fault : conflict;
  const kept = fault === '' ? keepItem(form) : null;
  if (kept === null) manager.store.setState({ hint: fault });
  return kept !== null && put(manager, kept);
}

function remove(manager: Manager): void {
  const form = formIn(manager);
  if (form !== null) put(manager, removeItem(form));
}

function save(manager: Manager): void {
  const form = formIn(manager);
  if (form === null || !keep(manager)) return;
  const { store } = manager;
  if (draftOf(store.getState(), form.ct).size === 0) store.setState({ hint: 'Nothing is changed' });
  else {
    store.setState({ overlay: null });
    void review(manager);
  }
}

export const ITEM_ACTS = {
  'item-up': onForm((form) => moveItem(form, -1)),
  'item-down': onForm((form) => moveItem(form, 1)),
  'item-edit': onForm((form) => fillIn(form, form.cursor)),
  'item-add': onForm((form) => fillIn(form, form.entries.length)),
  'item-remove': remove,
  'items-save': save,
  'item-keep': (manager) => void keep(manager),
  'item-leave': onForm(leaveItem),
  'items-leave': ({ store }) => store.setState({ overlay: null }),
} as const satisfies Partial<Record<string, Act>>;
