// Which containers are on the screen, in which order, and where the cursor stands among them. Pure.
import type { CtSample } from '../../engine/index.ts';
import { columnOf } from './columns.ts';
import { filterOf } from './filter.ts';
import type { Cursor, Heat, Sort } from './state.ts';

/** Those that a filter's text lets through. */
export function filterRows(rows: readonly CtSample[], text: string): readonly CtSample[] {
  const filter = filterOf(text);
  return filter.all ? rows : rows.filter(filter.test);
}

/** Sorted copy; equal rows and rows without a value stay in the order of their CTIDs, the latter at the end. */
export function sortRows(rows: readonly CtSample[], sort: Sort, heat: ReadonlyMap<number, Heat> = new Map()): readonly CtSample[] {
  const { value, order: key = value } = columnOf(sort.column);
  const sign = sort.descending ? -1 : 1;
  return rows
    .map((row) => ({ row, key: key(row, heat.has(row.id)) }))
    .sort((a, b) => {
      if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null) || a.row.id - b.row.id;
      return (a.key < b.key ? -sign : a.key > b.key ? sign : 0) || a.row.id - b.row.id;
    })
    .map(({ row }) => row);
}

/** Rows in the order that they are held in, whatever has become of them; what has come since stands below. */
export function heldRows(all: readonly CtSample[], sorted: readonly CtSample[], held: readonly number[]): readonly CtSample[] {
  const byId = new Map(all.map((row) => [row.id, row]));
  const known = new Set(held);
  return [...held.flatMap((id) => byId.get(id) ?? []), ...sorted.filter((row) => !known.has(row.id))];
}

/** The cursor stays on its container; if that is gone it stays at its place. */
export function followCursor(cursor: Cursor, rows: readonly CtSample[], height: number): Cursor {
  const { next, ...here } = cursor;
  const come = next === undefined ? -1 : rows.findIndex((row) => row.id === next);
  if (come >= 0) return placeCursor(here, rows, come, height);
  if (next !== undefined) return { ...followCursor(here, rows, height), next };
  const found = rows.findIndex((row) => row.id === cursor.ct);
  return placeCursor(cursor, rows, found >= 0 ? found : cursor.index, height);
}

/** Puts the cursor on a row and scrolls no more than needed to show it; no empty space below while rows are hidden above. */
export function placeCursor(cursor: Cursor, rows: readonly CtSample[], index: number, height: number): Cursor {
  const at = Math.max(0, Math.min(index, rows.length - 1));
  const room = Math.max(1, height);
  const top = Math.max(0, Math.min(Math.max(cursor.top, at - room + 1), at, Math.max(0, rows.length - room)));
  const ct = rows[at]?.id ?? null;
  return ct === cursor.ct && at === cursor.index && top === cursor.top ? cursor : { ct, index: at, top };
}
