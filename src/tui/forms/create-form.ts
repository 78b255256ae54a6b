// The create form between two keys: what is in it, what is wrong with it, and what it asks the engine for. Pure.
import { fillPattern, type SeatOrder } from '../../engine/index.ts';
import { FIELD_IDS, FIELDS, type FieldId, type FormAround, fieldFault, paramValue } from './create-fields.ts';
import { editLine, type LineInput, lineInput, typeLine } from './line-input.ts';
import { type Seat, seatsIn } from './seats.ts';

export interface CreateForm {
  readonly around: FormAround;
  readonly inputs: Readonly<Record<FieldId, LineInput>>;
  readonly focus: FieldId;
}

export interface CreateRequest {
  /** At least one. */
  readonly orders: readonly SeatOrder[];
  readonly start: boolean;
  /** Each gets one of its own for root. */
  readonly passwords: boolean;
}

/** `begin`: texts that stand in it from the beginning. */
export function newCreateForm(around: FormAround, id: number, begin: Partial<Record<FieldId, string>> = {}): CreateForm {
  const beginning: Partial<Record<FieldId, string>> = {
    template: around.templates[0] ?? '',
    id: String(id),
    layout: 'simfs',
    password: 'none',
    start: 'yes',
    ...begin,
  };
  const inputs = Object.fromEntries(FIELD_IDS.map((field) => [field, lineInput(beginning[field])])) as Record<FieldId, LineInput>;
  return { around, inputs, focus: 'name' };
}

export const textOf = (form: CreateForm, id: FieldId): string => form.inputs[id].text.trim();

/** Faults of all fields, in the order of the form; without entry where nothing is wrong. */
export function formFaults(form: CreateForm): ReadonlyMap<FieldId, string> {
  const seats = seatsOf(form);
  const faults = FIELD_IDS.map((id) => [id, fieldFault(id, textOf(form, id), form.around, seats)] as const);
  return new Map(faults.filter(([, fault]) => fault !== ''));
}

export function moveFocus(form: CreateForm, steps: number): CreateForm {
  const at = FIELD_IDS.indexOf(form.focus);
  return { ...form, focus: FIELD_IDS[(at + steps + FIELD_IDS.length) % FIELD_IDS.length] ?? form.focus };
}

const withInput = (form: CreateForm, input: LineInput): CreateForm => ({ ...form, inputs: { ...form.inputs, [form.focus]: input } });

/** The form after a key, null when the focused field has no use for it. */
export function editForm(form: CreateForm, key: string): CreateForm | null {
  const choices = FIELDS[form.focus].choices?.(form.around);
  if (choices === undefined) {
    const edited = editLine(form.inputs[form.focus], key);
    return edited === null ? null : withInput(form, edited);
  }
  const step = { left: -1, right: 1, space: 1 }[key];
  if (step === undefined) return null;
  if (choices.length === 0) return form;
  const at = choices.indexOf(textOf(form, form.focus));
  return withInput(form, lineInput(choices[(at + step + choices.length) % choices.length]));
}

/** Typed or pasted text; in a field of choices the first one that begins with it. */
export function typeIntoForm(form: CreateForm, text: string): CreateForm {
  const choices = FIELDS[form.focus].choices?.(form.around);
  if (choices === undefined) return withInput(form, typeLine(form.inputs[form.focus], text));
  const found = choices.find((choice) => choice.startsWith(text));
  return found === undefined ? form : withInput(form, lineInput(found));
}

const PARAM_FIELDS = FIELD_IDS.filter((id) => FIELDS[id].flag !== undefined);

/** The containers that the form is about; empty while that is not said. */
export const seatsOf = (form: CreateForm): readonly Seat[] => seatsIn(textOf(form, 'id')) ?? [];

/** What one of them is called; "" without a name. */
export const nameFor = (form: CreateForm, seat: Seat, field: 'name' | 'hostname' = 'name'): string =>
  fillPattern(textOf(form, field), seat);

function orderOf(form: CreateForm, seat: Seat): SeatOrder {
  const values = PARAM_FIELDS.flatMap((id) => {
    const text = fillPattern(textOf(form, id), seat);
    const param = text === '' ? null : paramValue(FIELDS[id].flag ?? '', text, form.around.params);
    return param === null ? [] : [[param.key, param.value] as const];
  });
  const layout = textOf(form, 'layout') === 'overlay' ? 'overlay' : 'simfs';
  return { id: seat.id, options: { ostemplate: textOf(form, 'template'), layout, values: Object.fromEntries(values) } };
}

/** What is asked of the engine; null while something is wrong. */
export function createRequest(form: CreateForm): CreateRequest | null {
  if (formFaults(form).size > 0) return null;
  const orders = seatsOf(form).map((seat) => orderOf(form, seat));
  return { orders, start: textOf(form, 'start') === 'yes', passwords: textOf(form, 'password') === 'generate' };
}

/** One alone, without a password, is what vzctl makes as well. */
const classic = (form: CreateForm): boolean => seatsOf(form).length < 2 && textOf(form, 'password') !== 'generate';

/** vzctl create takes these itself. */
const AT_CREATION: readonly FieldId[] = ['name', 'hostname'];

/** The same as lines for a shell, for the form as it is. */
export function createCommands(form: CreateForm): readonly string[] {
  const id =
    textOf(form, 'id')
      .split(/[\s,]+/)
      .join(' ') || 'CTID';
  const given = PARAM_FIELDS.filter((field) => textOf(form, field) !== '');
  const options = (fields: readonly FieldId[]): string =>
    fields.map((field) => ` --${FIELDS[field].flag} ${shellWord(textOf(form, field))}`).join('');
  const create = `create ${id} --ostemplate ${shellWord(textOf(form, 'template') || 'NAME')} --layout ${textOf(form, 'layout')}`;
  const starts = textOf(form, 'start') === 'yes';
  if (!classic(form)) {
    const password = textOf(form, 'password') === 'generate' ? ' --generate-password' : '';
    return [`vzdeck ${create}${options(given)}${password}${starts ? ' --start' : ''}`];
  }
  const limits = given.filter((field) => !AT_CREATION.includes(field));
  return [
    `vzctl ${create}${options(given.filter((field) => AT_CREATION.includes(field)))}`,
    ...(limits.length > 0 ? [`vzctl set ${id}${options(limits)} --save`] : []),
    ...(starts ? [`vzctl start ${id}`] : []),
  ];
}

export const shellWord = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
