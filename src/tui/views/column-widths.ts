// Which columns fit and how wide each is. A wider terminal never shows less, and widths do not depend on figures: only a column that tells
// nothing of any container leaves its room to the others.
import { type ColumnId, columnOf, USUAL } from '../store/columns.ts';

export interface PlacedColumn {
  readonly id: ColumnId;
  readonly width: number;
}

/** What is known of the rows before they are looked at one by one. */
export interface Content {
  /** A container has a CTID of more than five digits. */
  readonly long: boolean;
  /** Columns that tell nothing of any container. */
  readonly empty: ReadonlySet<ColumnId>;
}

type Step = readonly [ColumnId, number];

/**
 * Growth with the terminal: each step gives a column a width, as long as all before it fitted. Figures take 9 and 11 cells and a blank, the
 * rest is bar. `who` is how containers are called here. Refusals are there at 60 cells, everything up to the second `failcnt` at 80.
 */
const steps = (who: 'name' | 'hostname'): readonly Step[] => [
  ['ctid', 5],
  ['status', 10],
  [who, 8],
  ['numproc', 9],
  ['mem', 11],
  ['failcnt', 7],
  ['cpu', 4],
  ['numproc', 12],
  [who, 12],
  ['mem', 14],
  ['uptime', 4],
  ['failcnt', 9],
  ['ip', 15],
  ['status', 12],
  ['name', 8],
  ['layout', 3],
  ['ostemplate', 9],
  ['cpu', 5],
  ['name', 12],
  ['failcnt', 10],
  ['numproc', 15],
  ['mem', 17],
  [who, 16],
  ['layout', 7],
  ['ostemplate', 14],
  ['ctid', 6],
  ['name', 16],
  ['numproc', 18],
  ['mem', 20],
  [who, 24],
];

/** Of columns that only vzlist has; their titles and the arrow beside them are whole. */
const LISTED_WIDTH = { text: 16, count: 7, bytes: 7, percent: 5, seconds: 5 } as const;
const MAX_FLEXIBLE = 40;
/** The cell of the cursor's mark, and one at the right edge. */
const MARGIN = 2;
/** The sign and the beginning of a state: less says nothing. */
const LEAST_STATUS = 3;

/** What tells nothing comes last, so that it is there where there is room for it; a name that is told already never is. */
function usualSteps(empty: ReadonlySet<ColumnId>): readonly Step[] {
  const all = steps(empty.has('hostname') ? 'name' : 'hostname');
  const telling = all.filter(([id]) => !empty.has(id));
  return [
    ...telling,
    ...all.filter(([id]) => empty.has(id) && id !== 'name'),
    ...(empty.has('hostname') ? [['hostname', 16] as const] : []),
  ];
}

/**
 * Somebody's own choice: each column at least as narrow as it is of use, before any grows. What only vzlist has was asked for, so that it gets
 * its room before the usual ones; of these the most important comes first, and what tells nothing last.
 */
function chosenSteps(chosen: readonly ColumnId[], empty: ReadonlySet<ColumnId>): readonly Step[] {
  const usual = steps(empty.has('hostname') ? 'name' : 'hostname');
  const [first = 'ctid', ...others] = chosen;
  const ranked = [...new Set([...usual.map(([id]) => id), ...USUAL])].filter((id) => others.includes(id));
  const telling = ranked.filter((id) => !empty.has(id));
  const byNeed = [first, ...others.filter((id) => !USUAL.includes(id)), ...telling, ...ranked.filter((id) => empty.has(id))];
  const least = byNeed.map((id): Step => usual.find(([one]) => one === id) ?? [id, listedWidth(id)]);
  return [...least, ...usual.filter(([id]) => chosen.includes(id) && !empty.has(id))];
}

const listedWidth = (id: ColumnId): number => Math.max(columnOf(id).title.length + 1, LISTED_WIDTH[columnOf(id).kind]);

/** `chosen` null: the usual columns. */
export function columnsFor(width: number, { long, empty }: Content, chosen: readonly ColumnId[] | null = null): readonly PlacedColumn[] {
  const order = chosen ?? USUAL;
  const wanted = chosen === null ? usualSteps(empty) : chosenSteps(chosen, empty);
  let widths = new Map<ColumnId, number>();
  for (const [id, cells] of wanted) {
    if (!order.includes(id) || (widths.get(id) ?? 0) >= cells) continue;
    const next = new Map(widths).set(id, id === 'ctid' && long ? 10 : cells);
    if (total(next) > width) break;
    widths = next;
  }
  for (const id of [order[0], 'status']) {
    const room = width - total(widths) - 1;
    if (id !== undefined && order.includes(id) && !widths.has(id) && room >= (id === 'status' ? LEAST_STATUS : 1)) widths.set(id, room);
  }
  const flexible = ['hostname', 'name', ...order].find((id) => widths.has(id) && isFlexible(id));
  if (flexible !== undefined) widths.set(flexible, Math.min(MAX_FLEXIBLE, (widths.get(flexible) ?? 0) + width - total(widths)));
  return order.flatMap((id) => {
    const cells = widths.get(id);
    return cells === undefined ? [] : [{ id, width: cells }];
  });
}

/** Its texts may be longer than their column. */
const isFlexible = (id: ColumnId): boolean => columnOf(id).kind === 'text' && !FIXED.has(id);
const FIXED: ReadonlySet<ColumnId> = new Set(['status', 'ip', 'layout']);

/** The column that stands in a cell of the table's line; null between and beside them. */
export function columnAt(columns: readonly PlacedColumn[], x: number): ColumnId | null {
  let from = 1;
  for (const { id, width } of columns) {
    if (x >= from && x < from + width) return id;
    from += width + 1;
  }
  return null;
}

/** Columns stand one blank apart. */
function total(widths: ReadonlyMap<ColumnId, number>): number {
  return [...widths.values()].reduce((sum, cells) => sum + cells + 1, MARGIN - 1);
}
