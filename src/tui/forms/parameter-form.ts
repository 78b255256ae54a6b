// One parameter while it is changed: what is typed, what that means, why it can't be taken, and what is offered instead. Pure.
import {
  type Around,
  amountText,
  type Change,
  changeTo,
  isLimitAlone,
  type Param,
  pairOf,
  sectionOf,
  senseFault,
  setFlag,
  setLine,
  UNLIMITED,
  valueText,
} from '../../engine/index.ts';
import { type Step, stepped } from './amount-step.ts';
import { editLine, type LineInput, lineInput, typeLine } from './line-input.ts';

/** A value that may be meant, and why. */
export interface Suggestion {
  /** As it would be typed. */
  readonly text: string;
  readonly why: string;
}

export interface ParameterForm {
  readonly ct: number;
  readonly param: Param;
  /** What values are checked against. */
  readonly around: Around;
  /** Canonical, as the container's own file has it; null where that says nothing. */
  readonly stored: string | null;
  /** One line, or barrier and limit. */
  readonly inputs: readonly LineInput[];
  /** Place of the line that is typed into. */
  readonly focus: number;
  /** Barrier and limit are the same, and what is typed into one is in both. */
  readonly joined: boolean;
  readonly suggestions: readonly Suggestion[];
  /** Place of the suggestion that was taken last; null: none. */
  readonly taken: number | null;
}

export const isAmount = ({ unit }: Param): boolean => unit !== undefined;

const isPair = (param: Param): boolean => param.grammar.pair === true && !isLimitAlone(param);

/** Files would have to move, or it is the engine's own record. */
const FIXED: Readonly<Record<string, string>> = {
  VE_ROOT: 'Where it is mounted is not changed by a form: vzctl set --root does, while it is stopped',
  VE_PRIVATE: 'Where its files lie is not changed by a form: they would have to move with it',
  VE_LAYOUT: 'How its files lie on disk is decided when it is made',
  LOCAL_UID: 'Kept for old tools, as it was made: id ranges are leased at each start',
  LOCAL_GID: 'Kept for old tools, as it was made: id ranges are leased at each start',
};

/** Why a form does not change it; null: it does. */
export function fixedBecause(param: Param): string | null {
  const fixed = FIXED[param.key];
  if (fixed !== undefined) return fixed;
  return param.flags.length === 0 ? `${param.key} is written by the engine itself: no option of vzctl set changes it` : null;
}

function inputsOf(param: Param, text: string): readonly LineInput[] {
  if (!isPair(param)) return [lineInput(text)];
  const [barrier = '', limit = barrier] = text.split(':');
  return [lineInput(barrier), lineInput(limit)];
}

const joinedIn = (inputs: readonly LineInput[]): boolean => inputs.length < 2 || inputs[0]?.text === inputs[1]?.text;

/** `value`: canonical, with which it begins; null: an empty one. */
export function newParameterForm(
  about: Pick<ParameterForm, 'ct' | 'param' | 'around' | 'stored' | 'suggestions'>,
  value: string | null,
): ParameterForm {
  const inputs = inputsOf(about.param, value === null ? '' : valueText(about.param, value));
  return { ...about, inputs, focus: 0, joined: joinedIn(inputs), taken: null };
}

/** All that is typed, as an option would take it. */
function formText({ inputs }: ParameterForm): string {
  const [first = '', second] = inputs.map(({ text }) => text.trim());
  return second === undefined || second === first ? first : `${first}:${second}`;
}

export type FormReading = { readonly value: string; readonly change: Change } | { readonly fault: string };

/** What is typed, as the config would have it and as the engine takes it; or what is wrong with it. */
export function readForm(form: ParameterForm): FormReading {
  const { param, around, stored, ct } = form;
  const text = formText(form);
  const flag = setFlag(param, text);
  const grammar = flag?.grammar ?? param.grammar;
  // Empty lists and texts are values; an empty number would be a nought that nobody has typed.
  if (isAmount(param) && form.inputs.some((input) => input.text.trim() === '')) return { fault: `Expected ${grammar.hint}` };
  const reading = grammar.read(text, around);
  if (!reading.ok) return { fault: reading.remarks?.[0]?.text ?? `Expected ${grammar.hint}` };
  const fault = flag === undefined ? '' : senseFault(flag.name, text, around);
  if (fault !== '') return { fault };
  const change = changeTo(param, stored ?? undefined, reading.value, ct, around);
  if (change === null) return { fault: stays(form, reading.value) };
  return { value: reading.value, change };
}

/** Words of a list that nothing takes away again. */
function stays({ stored }: ParameterForm, wanted: string): string {
  const kept = new Set(wanted.split(' '));
  const names = (stored ?? '').split(' ').filter((word) => !kept.has(word));
  if (names.length === 0) return `No option of vzctl set leads from ${stored ?? 'nothing'} to this`;
  const off = names.filter((name) => name.endsWith(':on')).map((name) => name.replace(/on$/, 'off'));
  return `${names.join(' ')} can't be left out${off.length === 0 ? '' : `: ${off.join(' ')} turns it off`}`;
}

/** The line for a shell that does the same as what is kept already and this form together; "" while something is wrong. */
export function formLine(form: ParameterForm, kept: ReadonlyMap<string, { readonly change: Change }>): string {
  const reading = readForm(form);
  if ('fault' in reading) return '';
  const others = [...kept].map(([key, { change }]) => [key, change] as const);
  return setLine(form.ct, new Map([...others, [form.param.key, reading.change]]), true);
}

function withInputs(form: ParameterForm, input: LineInput): ParameterForm {
  const inputs = form.inputs.map((one, i) => (form.joined || i === form.focus ? input : one));
  return { ...form, inputs, taken: null };
}

const focused = ({ inputs, focus }: ParameterForm): LineInput => inputs[focus] ?? lineInput();

export const typeIntoParameter = (form: ParameterForm, text: string): ParameterForm => withInputs(form, typeLine(focused(form), text));

/** After an editing key; null where it edits nothing. */
export function editParameter(form: ParameterForm, key: string): ParameterForm | null {
  const input = editLine(focused(form), key);
  if (input === null) return null;
  // A cursor that moves is no other text: a limit of its own stays.
  return input.text === focused(form).text
    ? { ...form, inputs: form.inputs.map((one, i) => (i === form.focus ? input : one)) }
    : withInputs(form, input);
}

/** To the other one of barrier and limit, which from now on is its own. */
export const otherSide = (form: ParameterForm): ParameterForm =>
  form.inputs.length < 2 ? form : { ...form, focus: 1 - form.focus, joined: false };

/** Barrier and limit are the same again, as the one that is typed into. */
export const joinSides = (form: ParameterForm): ParameterForm => {
  const input = focused(form);
  return { ...form, inputs: form.inputs.map(() => input), joined: true };
};

/** The suggestion so many places on, in place of what is typed. */
export function takeSuggestion(form: ParameterForm, steps: number): ParameterForm {
  const { suggestions, taken, param } = form;
  if (suggestions.length === 0) return form;
  const from = taken ?? (steps > 0 ? -1 : suggestions.length);
  const at = Math.max(0, Math.min(from + steps, suggestions.length - 1));
  const inputs = inputsOf(param, suggestions[at]?.text ?? '');
  return { ...form, inputs, joined: joinedIn(inputs), focus: Math.min(form.focus, inputs.length - 1), taken: at };
}

const NOTHING = 0n;

/** Barrier and limit as they were typed, in the parameter's unit; null where that can't be read. */
function amounts(form: ParameterForm): { readonly barrier: bigint; readonly limit: bigint } | null {
  const reading = readForm({ ...form, stored: null });
  return 'value' in reading ? pairOf(reading.value) : null;
}

/** By a step of the amount that is typed into; one that can't be read is left alone. */
export function stepAmount(form: ParameterForm, step: Step): ParameterForm {
  const { param, suggestions } = form;
  if (!isAmount(param)) return form;
  const pair = formText(form) === '' ? { barrier: NOTHING, limit: NOTHING } : amounts(form);
  if (pair === null) return form;
  const offered = suggestions.map(({ text }) => amounts({ ...form, inputs: inputsOf(param, text) })?.limit ?? UNLIMITED);
  const begin = offered.find((amount) => amount < UNLIMITED && amount > NOTHING) ?? UNLIMITED;
  const side = isPair(param) && form.focus === 0 && !form.joined ? pair.barrier : pair.limit;
  return withInputs(form, lineInput(amountText(stepped(side, step, param.unit, begin), param.unit)));
}

/** How what is typed is written. */
export function hintOf({ param }: ParameterForm): string {
  const alone = param.flags.find(({ op, grammar }) => op === 'set' && grammar !== undefined);
  return (alone?.grammar ?? param.grammar).hint;
}

/** What may not be the same for several. */
export const isOwn = (param: Param): boolean => ['NAME', 'HOSTNAME', 'DESCRIPTION'].includes(param.key) || sectionOf(param) === 'network';
