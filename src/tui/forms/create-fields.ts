// The fields of the create form as data: what each one is called, which parameter it sets, what may stand in it and why not.
import { type Around, type CtSample, fillPattern, flagOf, isCtid, isPatterned, RESERVED_CTID, senseFault } from '../../engine/index.ts';
import { MOST_SEATS, type Seat, seatsIn } from './seats.ts';

export const FIELD_IDS = [
  'template',
  'id',
  'name',
  'hostname',
  'layout',
  'numproc',
  'ram',
  'swap',
  'cpulimit',
  'cpus',
  'cpuunits',
  'password',
  'start',
] as const;
export type FieldId = (typeof FIELD_IDS)[number];

/** What values are checked against. */
export interface FormAround {
  readonly params: Around;
  readonly templates: readonly string[];
  readonly containers: readonly Pick<CtSample, 'id' | 'name'>[];
}

export interface Field {
  readonly label: string;
  /** Shown beside a field that is right. */
  readonly hint: string | ((text: string, around: FormAround) => string);
  /** A field of choices is not typed into. */
  readonly choices?: (around: FormAround) => readonly string[];
  /** Name of vzctl's option, for fields that are parameters: grammar and config key come from its table. */
  readonly flag?: string;
  /** Why the text can't be taken, "" when it can. Parameters are checked by their grammar and for sense before. */
  readonly fault?: (text: string, around: FormAround, seats: readonly Seat[]) => string;
  /** First field of a group with this title; "" for one without. */
  readonly group?: string;
}

const LAYOUT_HINTS: Readonly<Record<string, string>> = {
  simfs: 'a plain tree of its own',
  overlay: 'shares the template',
};

const NO_TEMPLATE = 'No template yet: leave with Esc, B builds one';

export const FIELDS: Readonly<Record<FieldId, Field>> = {
  template: {
    label: 'Template',
    hint: (text, { templates }) => `${templates.indexOf(text) + 1} of ${templates.length}`,
    choices: ({ templates }) => templates,
    fault: (text, { templates }) => (templates.length === 0 ? NO_TEMPLATE : templates.includes(text) ? '' : `There is no template ${text}`),
  },
  id: {
    label: 'CTID',
    hint: idHint,
    fault: idFault,
  },
  name: { label: 'Name', hint: 'used instead of the CTID', flag: 'name', fault: nameFault },
  hostname: { label: 'Host name', hint: 'what hostname says inside', flag: 'hostname' },
  layout: { label: 'Layout', hint: (text) => LAYOUT_HINTS[text] ?? '', choices: () => Object.keys(LAYOUT_HINTS) },
  numproc: { label: 'Processes', hint: 'and threads, at most', flag: 'numproc', group: 'Limits' },
  ram: { label: 'Memory', hint: 'a size: 512M or 1.5G', flag: 'ram' },
  swap: { label: 'Swap', hint: 'on top of it: 512M or 0', flag: 'swap' },
  cpulimit: { label: 'CPU limit', hint: 'percent; 100 is one CPU', flag: 'cpulimit' },
  cpus: { label: 'CPUs', hint: (_, { params }) => `at most; the node has ${params.cpus}`, flag: 'cpus' },
  cpuunits: { label: 'CPU units', hint: 'weight, 8 to 500000', flag: 'cpuunits' },
  password: {
    label: 'Password',
    hint: (text) => (text === 'generate' ? 'shown once, when made' : 'as the template has it'),
    choices: () => ['none', 'generate'],
    group: '',
  },
  start: { label: 'Start it', hint: (text) => (text === 'yes' ? 'at once' : 'later, with s'), choices: () => ['yes', 'no'] },
};

function idHint(text: string): string {
  const seats = seatsIn(text) ?? [];
  if (seats.length > 1) return 'in names: {n} {nn} {id}';
  return Number(text) <= RESERVED_CTID ? `1 to ${RESERVED_CTID} are reserved` : 'or several: 101-130, 141';
}

function idFault(text: string, { containers }: FormAround): string {
  if (text === '0') return '0 is the node itself';
  if (/^\d+$/.test(text) && !isCtid(Number(text))) return 'Too large for a CTID';
  const seats = seatsIn(text);
  if (seats === null) return `Expected a number such as 101, or a range such as 101-130; ${MOST_SEATS} at once at most`;
  const wanted = new Set(seats.map(({ id }) => id));
  const [owner, ...others] = containers.filter((ct) => wanted.has(ct.id));
  if (owner === undefined) return '';
  const by = owner.name === '' ? '' : ` by ${owner.name}`;
  return others.length === 0 ? `${owner.id} is taken${by}` : `${owner.id}${by} and ${others.length} more are taken`;
}

function nameFault(text: string, { containers }: FormAround, seats: readonly Seat[]): string {
  if (text === '') return '';
  if (seats.length > 1 && !isPatterned(text)) return `The same for all ${seats.length}: write {n}, {nn} or {id} into it`;
  const names = new Set(seats.map((seat) => fillPattern(text, seat)));
  const owner = containers.find((ct) => names.has(ct.name));
  return owner === undefined ? '' : `${owner.name} is the name of ${owner.id}`;
}

/** Why the text can't stand in the field; "" when it can. An empty limit is the sample's. */
export function fieldFault(id: FieldId, text: string, around: FormAround, seats: readonly Seat[] = [{ id: 101, n: 1 }]): string {
  const { flag, fault } = FIELDS[id];
  return (flag === undefined ? '' : flagFault(flag, text, around, seats)) || (fault?.(text, around, seats) ?? '');
}

/** What a pattern becomes for the first and the last one is the shortest and the longest. */
function flagFault(flag: string, text: string, around: FormAround, seats: readonly Seat[]): string {
  const ends = [...seats.slice(0, 1), ...seats.slice(1).slice(-1)];
  const texts = isPatterned(text) ? ends.map((seat) => fillPattern(text, seat)) : [text];
  if (text !== '' && texts.some((one) => paramValue(flag, one, around.params) === null)) return `Expected ${hintOf(flag)}`;
  return texts.map((one) => senseFault(flag, one, around.params)).find((fault) => fault !== '') ?? '';
}

const hintOf = (flag: string): string => {
  const known = flagOf(flag);
  return known === undefined ? 'nothing' : (known.flag.grammar ?? known.param.grammar).hint;
};

/** The config line that an option and its value lead to; null when the value is refused. */
export function paramValue(flag: string, text: string, around: Around): { readonly key: string; readonly value: string } | null {
  const known = flagOf(flag);
  if (known === undefined) return null;
  const reading = (known.flag.grammar ?? known.param.grammar).read(text, around);
  return reading.ok ? { key: known.param.key, value: reading.value } : null;
}
