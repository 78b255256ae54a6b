// Which columns fit and how wide each is. A wider terminal never shows less, and widths do not depend on what is in the rows.
import type { ColumnId } from '../store/columns.ts';

export interface PlacedColumn {
  readonly id: ColumnId;
  readonly width: number;
}

/** Order on the screen. */
const ORDER: readonly ColumnId[] = [
  'ctid',
  'name',
  'status',
  'nproc',
  'mem',
  'cpu',
  'up',
  'layout',
  'template',
  'failcnt',
  'hostname',
  'ip',
];

/** Growth with the terminal: each step gives a column a width, as long as all before it fitted. Figures take 9 and 11
 * cells and a blank, the rest is bar. Everything up to the second `mem` is there at 80 cells. */
const STEPS: readonly (readonly [ColumnId, number])[] = [
  ['ctid', 5],
  ['status', 12],
  ['name', 7],
  ['nproc', 9],
  ['mem', 11],
  ['cpu', 4],
  ['up', 4],
  ['layout', 3],
  ['template', 9],
  ['nproc', 12],
  ['mem', 14],
  ['name', 12],
  ['layout', 7],
  ['cpu', 5],
  ['failcnt', 10],
  ['nproc', 15],
  ['mem', 17],
  ['name', 16],
  ['template', 14],
  ['ctid', 6],
  ['hostname', 16],
  ['nproc', 18],
  ['mem', 20],
  ['ip', 15],
  ['hostname', 20],
  ['name', 20],
];
const MAX_NAME = 40;
/** The cell of the cursor's mark, and one at the right edge. */
const MARGIN = 2;
/** Of a CTID, and of the sign and the beginning of a state: less says nothing. */
const LEAST = { ctid: 1, status: 3 };

/** `long`: a container has a CTID of more than five digits. */
export function columnsFor(width: number, long: boolean): readonly PlacedColumn[] {
  let widths = new Map<ColumnId, number>();
  for (const [id, cells] of STEPS) {
    const next = new Map(widths).set(id, id === 'ctid' && long ? 10 : cells);
    if (total(next) > width) break;
    widths = next;
  }
  for (const id of ['ctid', 'status'] as const) {
    const room = width - total(widths) - 1;
    if (!widths.has(id) && room >= LEAST[id]) widths.set(id, room);
  }
  const name = widths.get('name');
  if (name !== undefined) widths.set('name', Math.min(MAX_NAME, name + width - total(widths)));
  return ORDER.flatMap((id) => {
    const cells = widths.get(id);
    return cells === undefined ? [] : [{ id, width: cells }];
  });
}

/** Columns stand one blank apart. */
function total(widths: ReadonlyMap<ColumnId, number>): number {
  return [...widths.values()].reduce((sum, cells) => sum + cells + 1, MARGIN - 1);
}
