// The parameters of a container as rows: what its file says, what the kernel has and counts, what is changed and not saved; below the sections
// of the table, which can be folded away. Pure.
import {
  type CtParameter,
  isLimitAlone,
  NOT_IN_SAMPLES,
  PARAMS,
  type Param,
  pairOf,
  type Section,
  sectionOf,
  UNIT_BYTES,
  UNLIMITED,
} from '../../engine/index.ts';
import { bytes, count } from '../screen/figures.ts';
import { clean } from '../screen/text.ts';
import { draftOf } from './drafts.ts';
import { finder, listingOf, placed } from './listing.ts';
import type { ManagerState } from './state.ts';
import type { DraftEntry } from './view-state.ts';

export interface ParameterRow extends CtParameter {
  readonly kind: 'parameter';
  /** Short, for the list: what the files say, or what holds where they say nothing; "" where nothing does. */
  readonly shown: string;
  /** The container's own file says nothing of it. */
  readonly foreign: boolean;
  /** What the kernel has, or the sample that it is compared with; "" where nobody tells. */
  readonly other: string;
  /** What is held of it; "" where nobody counts. */
  readonly use: string;
  readonly changed: DraftEntry | null;
  /** Its changed value, short. */
  readonly wanted: string;
}

export interface SectionRow {
  readonly kind: 'section';
  readonly key: string;
  readonly section: Section;
  readonly folded: boolean;
  /** Of its parameters that fit what is looked for: all, set in the container's file, changed and not saved, drifted. */
  readonly count: number;
  readonly set: number;
  readonly changed: number;
  readonly drift: number;
}

export type FormRow = ParameterRow | SectionRow;

const MAX_VALUE = 400;
/** Numbers of so many digits are read at once. */
const PLAIN = 99_999;

/** A number of the parameter's unit with three digits and a letter. */
export function shortAmount(amount: bigint | number, unit: Param['unit']): string {
  if (typeof amount === 'bigint' && amount >= UNLIMITED) return 'unlimited';
  const n = Number(amount);
  const factor = unit === undefined ? undefined : UNIT_BYTES[unit];
  if (factor !== undefined) return bytes(n * factor);
  return n > PLAIN ? count(n) : String(n);
}

/** A value as the list has room for it; clean, whoever wrote the file. */
export function shortValue(param: Param, value: string | null): string {
  if (value === null) return '';
  const pair = param.unit === undefined ? null : pairOf(value);
  if (pair === null) return clean(value, MAX_VALUE);
  const short = (n: bigint): string => shortAmount(n, param.unit);
  const alone = pair.barrier === pair.limit || (isLimitAlone(param) && pair.barrier === 0n);
  return alone ? short(pair.limit) : `${short(pair.barrier)}:${short(pair.limit)}`;
}

function rowOf(parameter: CtParameter, changed: DraftEntry | null, other: string | null): ParameterRow {
  const { param, own, file, derived, held } = parameter;
  return {
    ...parameter,
    kind: 'parameter',
    shown: shortValue(param, file ?? derived),
    foreign: own === null,
    other: shortValue(param, other),
    use: held === null ? '' : shortAmount(held.held, param.unit),
    changed,
    wanted: changed === null ? '' : shortValue(param, changed.value) || '""',
  };
}

/** Sections in the order of the table. */
const SECTIONS: readonly Section[] = [...new Set(PARAMS.map(sectionOf))];
export const sectionKey = (section: Section): string => `section ${section}`;
const flagNames = ({ flags }: Param): string => flags.map(({ name }) => `--${name}`).join(' ');
const TEXTS = new WeakMap<Param, string>();

/** What a parameter is looked for by. */
function searched(param: Param): string {
  const text = TEXTS.get(param) ?? `${sectionOf(param)} ${param.key} ${param.help} ${flagNames(param)}`;
  TEXTS.set(param, text);
  return text;
}

/** What is set comes before what is not. */
function bySection(rows: readonly ParameterRow[], folded: ReadonlySet<string>): readonly FormRow[] {
  return SECTIONS.flatMap((section): readonly FormRow[] => {
    const own = rows.filter((row) => row.section === section);
    if (own.length === 0) return [];
    const key = sectionKey(section);
    const hidden = folded.has(key);
    const of = (which: (row: ParameterRow) => boolean): number => own.filter(which).length;
    const head: SectionRow = {
      kind: 'section',
      key,
      section,
      folded: hidden,
      count: own.length,
      set: of(({ foreign }) => !foreign),
      changed: of(({ changed }) => changed !== null),
      drift: of(({ drift }) => drift),
    };
    return [head, ...(hidden ? [] : own.toSorted((a, b) => Number(a.file === null) - Number(b.file === null)))];
  });
}

let last: { readonly asked: readonly unknown[]; readonly rows: readonly FormRow[] } | null = null;

/** The rows of the view on top; empty while nothing was read. */
export function formRows(state: ManagerState): readonly FormRow[] {
  const { find, folded } = listingOf(state);
  const { parameters, ct } = state.looked;
  const draft = draftOf(state, ct ?? 0);
  const { compare } = state;
  const asked = [parameters, draft, find.text, folded, compare];
  if (last?.asked.every((one, i) => one === asked[i])) return last.rows;
  const matches = finder(find.text);
  const all = (parameters ?? []).map((one) =>
    rowOf(one, draft.get(one.key) ?? null, compare === null ? one.live : (compare.values.get(one.key) ?? null)),
  );
  const compared = compare === null ? all : all.filter((row) => differs(row, compare.values));
  const found = compared.filter((row) => matches(`${searched(row.param)} ${row.shown}`));
  const rows = bySection(found, folded);
  last = { asked, rows };
  return rows;
}

/** The container and the sample say different things; what makes it the one it is stands in no sample. */
const differs = ({ key, own }: ParameterRow, sample: ReadonlyMap<string, string>): boolean =>
  !NOT_IN_SAMPLES.has(key) && own !== (sample.get(key) ?? null);

/** Parameters of the view on top that fit what is looked for, folded away or not. */
export const foundCount = (state: ManagerState): number =>
  formRows(state).reduce((sum, row) => sum + (row.kind === 'section' ? row.count : 0), 0);

/** The row under the cursor of the list, null where there is none. */
export function rowUnder(state: ManagerState): FormRow | null {
  const rows = formRows(state);
  const keys = rows.map(({ key }) => key);
  return rows[placed(listingOf(state), keys, 1).index] ?? null;
}

/** The parameter of the container that is looked at, as it was read last. */
export const parameterOf = ({ looked }: Pick<ManagerState, 'looked'>, ct: number, key: string): CtParameter | null =>
  looked.ct === ct ? (looked.parameters?.find((one) => one.key === key) ?? null) : null;
