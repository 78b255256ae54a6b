// Every field of vzlist as a column of the manager: numbers in bytes where they mean memory.
import { type Cell, type CtSample, LIST_FIELDS, type ListField, listHelp, UNIT_BYTES, UNLIMITED } from '../../engine/index.ts';
import type { Column, Value } from './column.ts';

const NO_LIMIT = Number(UNLIMITED);

function amountOf(cell: Cell | undefined, scale: number): Value {
  if (cell === undefined || cell === null) return null;
  if (typeof cell === 'object') return cell.join(' ') || null;
  if (typeof cell === 'string') return cell || null;
  return Number(cell) >= NO_LIMIT ? Number.POSITIVE_INFINITY : Number(cell) * scale;
}

function columnFor(field: ListField): Column {
  const { name, head, unit } = field;
  const scale = UNIT_BYTES[unit ?? 'items'] ?? 1;
  return {
    title: head,
    get help() {
      return listHelp(field);
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
