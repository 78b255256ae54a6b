// A list of a container's parameters while it is changed thing by thing: what is in it, which one is filled in, what is wrong with it. Pure.
import { type Around, type Change, changeTo, type Item, type Items, type Param, setLine } from '../../engine/index.ts';
import { editLine, type LineInput, lineInput, typeLine } from './line-input.ts';

interface Entry {
  readonly item: Item;
  /** Canonical. */
  readonly text: string;
}

/** One that is filled in: field by field, in the order of the table. */
interface Filled {
  /** Its place; past the last one: it is new. */
  readonly at: number;
  readonly inputs: readonly LineInput[];
  /** Place of the field that is typed into. */
  readonly focus: number;
}

/** What somebody else has of the list's value `of`; "": nobody has anything of it. */
interface Conflict {
  readonly of: string;
  readonly text: string;
}

export interface ItemsForm {
  readonly ct: number;
  readonly param: Param;
  readonly items: Items;
  readonly around: Around;
  /** Canonical, as the container's own file has it; null where that says nothing. */
  readonly stored: string | null;
  readonly entries: readonly Entry[];
  /** Place in the list; past the last one: where one is added. */
  readonly cursor: number;
  readonly filled: Filled | null;
  readonly conflict: Conflict | null;
}

const splitValue = (items: Items, value: string | null): readonly Entry[] => {
  const texts = (value ?? '').split(items.separator).filter((text) => text !== '');
  return items.split(value ?? '').map((item, i) => ({ item, text: texts[i] ?? '' }));
};

/** `value`: canonical, with which it begins. */
export function newItemsForm(about: Pick<ItemsForm, 'ct' | 'param' | 'items' | 'around' | 'stored'>, value: string | null): ItemsForm {
  const entries = splitValue(about.items, value);
  const form: ItemsForm = { ...about, entries, cursor: 0, filled: null, conflict: null };
  // nothing to choose from: whoever comes here wants to add
  return entries.length === 0 ? fillIn(form, 0) : form;
}

const textsIn = ({ items, filled }: ItemsForm): Item =>
  Object.fromEntries(items.fields.map(({ name }, i) => [name, filled?.inputs[i]?.text.trim() ?? '']));

/** Begins to fill in the thing at a place, or a new one past the last. */
export function fillIn(form: ItemsForm, at: number): ItemsForm {
  const item = form.entries[at]?.item ?? {};
  const inputs = form.items.fields.map(({ name, choices }) => lineInput(item[name] ?? choices?.[0] ?? ''));
  const first = form.items.fields.findIndex(({ choices }) => choices === undefined);
  return { ...form, cursor: at, filled: { at, inputs, focus: Math.max(0, first) } };
}

export const leaveItem = (form: ItemsForm): ItemsForm => ({ ...form, filled: null });

export type ItemReading = { readonly text: string; readonly note: string } | { readonly fault: string; readonly field: string | null };

const others = ({ entries, filled }: ItemsForm): readonly Entry[] => entries.filter((_, i) => i !== filled?.at);

/** What is filled in, as the list would have it; or what is wrong, and with which field. */
export function readItem(form: ItemsForm): ItemReading {
  const { items, ct, around } = form;
  const item = textsIn(form);
  for (const { name, choices, fault, open } of items.fields) {
    const text = item[name] ?? '';
    if (text === '' && open) continue;
    if (text === '') return { fault: `${name} is missing`, field: name };
    if (choices !== undefined && !choices.includes(text)) return { fault: `${name}: expected ${choices.join(' or ')}`, field: name };
    const wrong = fault?.(text) ?? null;
    if (wrong !== null) return { fault: `${name}: ${wrong}`, field: name };
  }
  const rest = others(form);
  if (rest.some((other) => items.identity(other.item) === items.identity(item)))
    return { fault: `${items.identity(item)} is in the list already`, field: items.fields[0]?.name ?? null };
  const reading = items.read(item, { id: ct, around, others: rest.map(({ text }) => text) });
  if (!reading.ok) return { fault: reading.remarks?.[0]?.text ?? `${items.identity(item)} is no ${items.one}`, field: null };
  return { text: reading.value, note: reading.remarks?.[0]?.text ?? '' };
}

/** The list with what is filled in; as it is while that is wrong. */
function entriesOf(form: ItemsForm): readonly Entry[] {
  const { filled, entries, items } = form;
  if (filled === null) return entries;
  const reading = readItem(form);
  if ('fault' in reading) return entries;
  const [item = textsIn(form)] = items.split(reading.text);
  const entry = { item, text: reading.text };
  return filled.at < entries.length ? entries.map((one, i) => (i === filled.at ? entry : one)) : [...entries, entry];
}

export type ListReading = { readonly value: string; readonly change: Change | null } | { readonly fault: string };

const readings = new WeakMap<ItemsForm, ListReading>();

/** The whole list, as the config would have it and as the engine takes it; change null: nothing changes. */
export function readList(form: ItemsForm): ListReading {
  const known = readings.get(form);
  if (known !== undefined) return known;
  const { param, items, stored, ct, around } = form;
  const wanted = entriesOf(form)
    .map(({ text }) => text)
    .join(items.separator);
  const reading = readWanted();
  readings.set(form, reading);
  return reading;

  function readWanted(): ListReading {
    if (wanted === (stored ?? '')) return { value: wanted, change: null };
    const change = changeTo(param, stored ?? undefined, wanted, ct, around);
    if (change !== null) {
      const merged = param.grammar.merge?.(stored ?? undefined, change, ct, around);
      return { value: merged?.ok ? (merged.value ?? wanted) : wanted, change };
    }
    return { fault: `No option of vzctl set leads there: remove the ${items.one} and add it anew` };
  }
}

/** The line for a shell that does the same as what is kept already and this list together; "" where nothing is to be done. */
export function itemsLine(form: ItemsForm, kept: ReadonlyMap<string, { readonly change: Change }>): string {
  const reading = readList(form);
  const changes = new Map([...kept].map(([key, { change }]) => [key, change] as const));
  changes.delete(form.param.key);
  if ('change' in reading && reading.change !== null) changes.set(form.param.key, reading.change);
  return changes.size === 0 ? '' : setLine(form.ct, changes, true);
}

/** What is filled in goes into the list; null while it is wrong. */
export function keepItem(form: ItemsForm): ItemsForm | null {
  if ('fault' in readItem(form) || 'fault' in readList(form)) return null;
  const entries = entriesOf(form);
  return { ...form, entries, filled: null };
}

export function removeItem(form: ItemsForm): ItemsForm {
  const entries = form.entries.filter((_, i) => i !== form.cursor);
  return { ...form, entries, cursor: Math.min(form.cursor, entries.length) };
}

export const isNew = ({ stored, items }: ItemsForm, { text }: Entry): boolean => !(stored ?? '').split(items.separator).includes(text);

/** The cursor so many places on: in the list, or among the fields. */
export function moveItem(form: ItemsForm, steps: number): ItemsForm {
  const within = (at: number, last: number): number => Math.max(0, Math.min(at + steps, last));
  const { filled } = form;
  return filled === null
    ? { ...form, cursor: within(form.cursor, form.entries.length) }
    : { ...form, filled: { ...filled, focus: within(filled.focus, form.items.fields.length - 1) } };
}

function withInput(form: ItemsForm, input: LineInput): ItemsForm {
  const { filled } = form;
  return filled === null
    ? form
    : { ...form, filled: { ...filled, inputs: filled.inputs.map((one, i) => (i === filled.focus ? input : one)) } };
}

const focused = ({ items, filled }: ItemsForm): { readonly input: LineInput; readonly choices: readonly string[] | undefined } => ({
  input: filled?.inputs[filled.focus] ?? lineInput(),
  choices: items.fields[filled?.focus ?? 0]?.choices,
});

/** Of a field with choices a letter, or a blank, takes the next one that begins so. */
export function typeIntoItem(form: ItemsForm, text: string): ItemsForm {
  const { input, choices } = focused(form);
  if (choices === undefined) return withInput(form, typeLine(input, text));
  const fitting = text === ' ' ? choices : choices.filter((choice) => choice.startsWith(text));
  return withInput(form, lineInput(fitting[(fitting.indexOf(input.text) + 1) % Math.max(1, fitting.length)] ?? input.text));
}

const CHOOSING: Readonly<Record<string, number>> = { left: -1, right: 1 };

/** After an editing key; null where it edits nothing. */
export function editItem(form: ItemsForm, key: string): ItemsForm | null {
  const { input, choices } = focused(form);
  if (choices === undefined) {
    const next = editLine(input, key);
    return next === null ? null : withInput(form, next);
  }
  const step = CHOOSING[key];
  if (step === undefined) return null;
  const at = (choices.indexOf(input.text) + step + choices.length) % choices.length;
  return withInput(form, lineInput(choices[at]));
}
