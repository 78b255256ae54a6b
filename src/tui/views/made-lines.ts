// What became of many containers, one line each: its name, its password where it got one, and how far it is or why not.
import { bar } from '../screen/gauge.ts';
import { cut, pad, width } from '../screen/text.ts';
import type { Role, Theme } from '../screen/theme.ts';
import { READABLE } from '../screen/wrap.ts';
import { isOver, madeOf, unkept } from '../store/made.ts';
import type { MadeList, MadeRow, ManagerState, View } from '../store/state.ts';
import { ends } from './words.ts';

type MadeView = Extract<View, { readonly name: 'made' }>;

const GAP = 2;
/** Below this the host name gives way, which the name mostly says as well. */
const ROOMY = 76;

interface Column {
  readonly title: string;
  readonly text: (row: MadeRow) => string;
}
const COLUMNS: readonly Column[] = [
  { title: 'CTID', text: ({ id }) => String(id) },
  { title: 'NAME', text: ({ name }) => name },
  { title: 'HOSTNAME', text: ({ hostname }) => hostname },
  { title: 'PASSWORD', text: ({ password, made }) => (made ? password : '') },
];

const ROLES: Readonly<Record<MadeRow['end'], Role>> = {
  waits: 'accent',
  created: 'dim',
  started: 'good',
  refused: 'alarm',
  failed: 'alarm',
  left: 'dim',
};

const MOST = 24;

function rowLine(row: MadeRow, columns: readonly (Column & { readonly cells: number })[], cells: number, theme: Theme): string {
  const { alarm, ellipsis } = theme.glyphs;
  const left = ` ${columns.map((column) => pad(cut(column.text(row), column.cells, ellipsis), column.cells + GAP)).join('')}`;
  const text = row.end === 'failed' || row.end === 'refused' ? `${alarm} ${row.text}` : row.text;
  return left + theme.paint(ROLES[row.end], cut(text, cells - width(left) - 1, ellipsis));
}

function countText(list: MadeList): string {
  const count = (...which: readonly MadeRow['end'][]): number => list.rows.filter(({ end }) => which.includes(end)).length;
  const bad = count('failed', 'refused');
  const left = count('left');
  return [
    `${list.rows.filter(({ made }) => made).length} of ${list.rows.length} made`,
    ...(bad > 0 ? [`${bad} failed`] : []),
    ...(left > 0 ? [`${left} left alone`] : []),
  ].join(', ');
}

/** Rows that fit below the title, the column titles and above the note. */
const roomOf = (height: number): number => Math.max(1, height - 4);

/** Lines that can be scrolled away before the last one is on the screen. */
export function madeMost(state: ManagerState, { task }: MadeView, height: number): number {
  return Math.max(0, (madeOf(state, task)?.rows.length ?? 0) - roomOf(height));
}

export function madeLines(state: ManagerState, view: MadeView, screen: number, height: number, theme: Theme): readonly string[] {
  const list = madeOf(state, view.task);
  if (list === null) return [];
  const cells = Math.min(screen, READABLE);
  const { rows } = list;
  const over = rows.filter(({ end }) => end !== 'waits').length;
  const gauge = isOver(list) ? '' : `${bar(theme, over / rows.length, 10, 'bar')} `;
  const title = ends(` ${theme.paint('title', list.title)}`, `${gauge}${theme.paint('dim', countText(list))} `, cells);
  const shown = COLUMNS.filter(({ title: name, text }) => (name !== 'HOSTNAME' || cells >= ROOMY) && rows.some((row) => text(row) !== ''));
  const columns = shown.map((column) => ({
    ...column,
    cells: Math.min(MOST, Math.max(column.title.length, ...rows.map((row) => width(column.text(row))))),
  }));
  const room = roomOf(height);
  const top = Math.max(0, Math.min(view.top, rows.length - room));
  const titles = ` ${columns.map(({ title: name, cells: own }) => pad(name, own + GAP)).join('')}`;
  const lines = rows.slice(top, top + room).map((row) => rowLine(row, columns, cells, theme));
  const part = rows.length > room ? `  ${top + 1}-${top + lines.length} of ${rows.length}` : '';
  return [title, theme.paint('dim', cut(titles + part, cells, theme.glyphs.ellipsis)), ...lines, '', noteLine(list, cells, theme)].slice(
    0,
    Math.max(height, 1),
  );
}

/** The passwords' only place, until somebody has taken them elsewhere. */
function noteLine(list: MadeList, cells: number, theme: Theme): string {
  const { alarm, ellipsis } = theme.glyphs;
  if (list.kept !== '')
    return ` ${theme.paint('dim', cut(list.kept === 'copied' ? 'Copied' : `Saved in ${list.kept}`, cells - 2, ellipsis))}`;
  if (unkept(list) === 0) return '';
  return ` ${theme.paint('warn', cut(`${alarm} The passwords stand nowhere else: copy or save them`, cells - 2, ellipsis))}`;
}
