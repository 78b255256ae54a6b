// The columns of a container's beancounters: which fit, how wide each is, what stands in it. Widths do not depend on figures, so that no
// column moves while one looks.
import { byText, knowsFailcnt, knowsMaxheld } from '../../engine/index.ts';
import { count } from '../screen/figures.ts';
import { bar, sparkline } from '../screen/gauge.ts';
import { cut, fit as exactly, pad } from '../screen/text.ts';
import type { Role, Theme } from '../screen/theme.ts';
import { type BeanRow, HOT_LOOKS, WARM_LOOKS } from '../store/ubc.ts';
import { heldText, limitText } from '../store/ubc-text.ts';

type ColumnId =
  | 'name'
  | 'sign'
  | 'bar'
  | 'held'
  | 'maxheld'
  | 'barrier'
  | 'limit'
  | 'failcnt'
  | 'second'
  | 'minute'
  | 'seen'
  | 'by'
  | 'trend'
  | 'source';

export interface PlacedBean {
  readonly id: ColumnId;
  readonly width: number;
}

/** What was refused lately: an alarm, then a warning; null where nothing was. */
const warmth = ({ age }: BeanRow): Role | null => (age < HOT_LOOKS ? 'alarm' : age < WARM_LOOKS ? 'warn' : null);

const isBound = ({ enforced }: BeanRow): boolean => enforced !== 'accounting-only';

/** The role of a row that needs somebody: refused now or at the bound, near it; null where it does not. Where nobody enforces, nothing is an alarm. */
function rowRole(row: BeanRow): Role | null {
  const warm = warmth(row);
  if (warm === 'alarm' || (row.part >= 1 && isBound(row))) return 'alarm';
  return warm ?? (row.trouble === 'near' ? 'warn' : null);
}

interface Column {
  readonly title: string;
  readonly right?: true;
  readonly cell: (row: BeanRow, width: number, theme: Theme) => string;
}

const right = (text: string, width: number): string => pad(text, width, 'right');

/** A figure; nought and what nobody counts are dim. */
function figure(text: string, calm: boolean, width: number, theme: Theme, role: Role | null = null): string {
  const line = right(text, width);
  if (role !== null) return theme.paint(role, line);
  return calm ? theme.paint('dim', line) : line;
}

const growth = (n: number | undefined, row: BeanRow, width: number, theme: Theme): string =>
  figure(n === undefined || n === 0 ? '' : `+${count(n)}`, false, width, theme, warmth(row));

const COLUMNS: Readonly<Record<ColumnId, Column>> = {
  name: {
    title: 'RESOURCE',
    cell: (row, width, theme) => {
      const text = exactly(row.name, width, 'left', theme.glyphs.ellipsis);
      const role = rowRole(row);
      return role === null ? text : theme.paint(role, text);
    },
  },
  sign: {
    title: '',
    cell: (row, width, theme) => {
      const role = rowRole(row);
      return role === null || (role === 'warn' && warmth(row) === null) ? ' '.repeat(width) : theme.paint(role, theme.glyphs.alarm);
    },
  },
  bar: {
    title: 'USE',
    cell: (row, width, theme) => {
      if (row.bound === null || row.source === 'none') return ' '.repeat(width);
      return row.part >= 1 && !isBound(row) ? bar(theme, row.part, width, 'warn') : bar(theme, row.part, width);
    },
  },
  held: {
    title: 'HELD',
    right: true,
    cell: (row, width, theme) => {
      if (row.source === 'none') return figure(theme.glyphs.dash, true, width, theme);
      return figure(
        `${row.atLeast ? theme.glyphs.atLeast : ''}${heldText(row.held, row.unit)}`,
        row.held === 0,
        width,
        theme,
        rowRole(row) ?? (row.part >= 1 ? 'warn' : null),
      );
    },
  },
  maxheld: {
    title: 'MAXHELD',
    right: true,
    cell: (row, width, theme) =>
      figure(knowsMaxheld(row) ? heldText(Math.max(row.held, row.maxheld), row.unit) : theme.glyphs.dash, true, width, theme),
  },
  barrier: { title: 'BARRIER', right: true, cell: (row, width, theme) => figure(limitText(row.barrier, row.unit), true, width, theme) },
  limit: {
    title: 'LIMIT',
    right: true,
    cell: (row, width, theme) => figure(limitText(row.limit, row.unit), row.bound === null, width, theme),
  },
  failcnt: {
    title: 'FAILCNT',
    right: true,
    cell: (row, width, theme) =>
      knowsFailcnt(row)
        ? figure(row.failcnt > 99_999 ? count(row.failcnt) : String(row.failcnt), row.failcnt === 0, width, theme, warmth(row))
        : figure(theme.glyphs.dash, true, width, theme),
  },
  second: { title: '1 S', right: true, cell: (row, width, theme) => growth(row.grown?.second, row, width, theme) },
  minute: { title: '1 MIN', right: true, cell: (row, width, theme) => growth(row.grown?.minute, row, width, theme) },
  seen: { title: 'SEEN', right: true, cell: (row, width, theme) => growth(row.grown?.opened, row, width, theme) },
  by: { title: 'BY', cell: (row, width, theme) => theme.paint('dim', exactly(byText(row), width, 'left', theme.glyphs.ellipsis)) },
  trend: {
    title: 'TREND',
    cell: (row, width, theme) =>
      row.source === 'none' ? ' '.repeat(width) : sparkline(theme, row.trend, width, row.bound || Math.max(row.held, row.maxheld)),
  },
  source: {
    title: 'SOURCE',
    cell: (row, width, theme) =>
      theme.paint('dim', exactly(row.source === 'none' ? theme.glyphs.dash : row.source, width, 'left', theme.glyphs.ellipsis)),
  },
};

const ORDER = Object.keys(COLUMNS) as readonly ColumnId[];

/** Growth with the terminal: each step gives a column a width, as long as all before it fitted. */
const STEPS: readonly (readonly [ColumnId, number])[] = [
  ['name', 12],
  ['sign', 1],
  ['held', 5],
  ['limit', 5],
  ['failcnt', 7],
  ['minute', 6],
  ['by', 7],
  ['maxheld', 7],
  ['barrier', 7],
  ['bar', 6],
  ['trend', 5],
  ['second', 6],
  ['trend', 8],
  ['seen', 6],
  ['bar', 10],
  ['trend', 12],
  ['source', 14],
  ['trend', 20],
  ['source', 20],
  ['bar', 16],
  ['source', 28],
  ['source', 40],
];

/** The cell of the cursor's mark, and one at the right edge. */
const MARGIN = 2;

export function beanColumns(cells: number): readonly PlacedBean[] {
  let widths = new Map<ColumnId, number>();
  for (const [id, width] of STEPS) {
    const next = new Map(widths).set(id, width);
    if ([...next.values()].reduce((sum, one) => sum + one + 1, MARGIN - 1) > cells) break;
    widths = next;
  }
  return ORDER.flatMap((id) => {
    const width = widths.get(id);
    return width === undefined ? [] : [{ id, width }];
  });
}

export const beanTitles = (columns: readonly PlacedBean[], theme: Theme): string =>
  ` ${columns
    .map(({ id, width }) => theme.paint('dim', pad(cut(COLUMNS[id].title, width, ''), width, COLUMNS[id].right ? 'right' : 'left')))
    .join(' ')}`;

/** The line without the cursor's mark. */
export const beanLine = (row: BeanRow, columns: readonly PlacedBean[], theme: Theme): string =>
  columns.map(({ id, width }) => COLUMNS[id].cell(row, width, theme)).join(' ');
