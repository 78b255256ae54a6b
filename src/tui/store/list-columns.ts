// Every field of vzlist as a column of the manager: numbers in bytes where they mean memory, with a few words of help from the tables that
// know beancounters and parameters.
import { BEANCOUNTERS, type Cell, type CtSample, LIST_FIELDS, type ListField, PAGE, PARAMS, UNLIMITED } from '../../engine/index.ts';
import type { Column, Value } from './column.ts';

/** Bytes in one of a field's unit. */
const SCALE: Readonly<Record<NonNullable<ListField['unit']>, number>> = { items: 1, bytes: 1, pages: Number(PAGE), blocks: 1024 };

const NO_LIMIT = Number(UNLIMITED);

function amountOf(cell: Cell | undefined, scale: number): Value {
  if (cell === undefined || cell === null) return null;
  if (typeof cell === 'object') return cell.join(' ') || null;
  if (typeof cell === 'string') return cell || null;
  return Number(cell) >= NO_LIMIT ? Number.POSITIVE_INFINITY : Number(cell) * scale;
}

const SUFFIXES: Readonly<Record<string, string>> = {
  '': 'held now',
  m: 'most ever held',
  b: 'barrier',
  l: 'limit',
  f: 'refusals',
  s: 'soft limit',
  h: 'hard limit',
};

/** What the tables of parameters and beancounters do not tell. */
const HELP: Readonly<Record<string, string>> = {
  veid: 'number of the container, by its old name',
  vpsid: 'number of the container, by its oldest name',
  smart_name: 'name, or number where it has none',
  laverage: 'load average; no kernel counts one per container',
  vswap: 'whether its limits are RAM and swap',
};

function helpOf({ name }: ListField): string {
  const [base = '', suffix = ''] = name.split('.');
  const counted = BEANCOUNTERS.find((one) => one.name === base)?.help;
  const param = PARAMS.find((one) => one.field === base)?.help;
  const about = HELP[name] ?? counted ?? param ?? name;
  return counted !== undefined || suffix !== '' ? `${SUFFIXES[suffix]}: ${about}` : about;
}

function columnFor(field: ListField): Column {
  const { name, head, unit } = field;
  const scale = SCALE[unit ?? 'items'];
  return {
    title: head,
    get help() {
      return helpOf(field);
    },
    kind: unit === undefined ? 'text' : unit === 'items' ? 'count' : 'bytes',
    value: (row: CtSample) => amountOf(row.fields?.[name], scale),
    descending: unit !== undefined,
    field: name,
  };
}

/** By the names of vzlist, in its order. */
export const listColumns = (): readonly (readonly [string, Column])[] =>
  LIST_FIELDS.map((field) => [field.name, columnFor(field)] as const);
