// The node's beancounters as a grid: who is refused what, who is near a bound; below it what all were promised against what the node has.
import { byText, knowsFailcnt, type NodePromise, soldOf, unitOf } from '../../engine/index.ts';
import { bytes, count, heldBytes, percent } from '../screen/figures.ts';
import { bar, levelRole } from '../screen/gauge.ts';
import { cut, fit as exactly, pad, width } from '../screen/text.ts';
import type { Role, Theme } from '../screen/theme.ts';
import { READABLE } from '../screen/wrap.ts';
import { viewLayout } from '../store/list-rows.ts';
import { listingOf, placed } from '../store/listing.ts';
import { ctLabel } from '../store/notices.ts';
import type { ManagerState } from '../store/state.ts';
import { GRID_COLUMNS, type GridCell, type GridRow, gridLines, gridRows, headOf, type PromiseRow } from '../store/ubc-grid.ts';
import { heldText, limitText } from '../store/ubc-text.ts';
import { findLine } from './tab-lines.ts';
import { ends } from './words.ts';

const CELL = 5;
const CTID = 8;
const NAME = 12;
/** Wide screens have room for longer names. */
const ROOMY = { from: 150, name: 24 } as const;

const nameWidth = (cells: number): number => (cells >= ROOMY.from ? ROOMY.name : cells < 50 ? 0 : NAME);

/** The columns that fit, the one under the cursor among them. */
function columnsIn(cells: number, chosen: string): { readonly first: number; readonly shown: readonly string[] } {
  const name = nameWidth(cells);
  const most = Math.max(1, Math.floor((cells - 2 - CTID - (name > 0 ? name + 1 : 0)) / CELL));
  const at = Math.max(0, GRID_COLUMNS.indexOf(chosen));
  const first = Math.max(0, Math.min(at - most + 1, GRID_COLUMNS.length - most));
  return { first, shown: GRID_COLUMNS.slice(first, first + most) };
}

const short = (n: number): string => (n < 1000 ? String(n) : n < 100_000 ? `${Math.floor(n / 1000)}k` : '99k');

/** A sign and a figure: "! 38" a second now, "+ 12" percent where it was refused some time, else how full as a step and in percent; "" where nobody counts. */
function cellText({ row, part, warm }: GridCell, theme: Theme): { readonly text: string; readonly role: Role } {
  const both = (sign: string, figure: string): string => sign + pad(figure, CELL - 1 - width(sign), 'right');
  if (warm !== undefined) {
    const role = warm.ticks > 2 ? 'alarm' : 'warn';
    return { text: both(theme.glyphs.alarm, short(warm.delta > 0 ? warm.delta : row.failcnt)), role };
  }
  if (row.source === 'none') return { text: '', role: 'dim' };
  const refused = row.failcnt > 0;
  if (part === null) return refused ? { text: both('+', short(row.failcnt)), role: 'text' } : { text: theme.glyphs.dash, role: 'dim' };
  const { spark } = theme.glyphs;
  const step = spark[Math.min(spark.length - 1, Math.floor(part * spark.length))] ?? ' ';
  const level = levelRole(part);
  const text = both(refused ? '+' : part === 0 ? ' ' : step, String(Math.floor(Math.min(9.99, part) * 100)));
  return { text, role: level !== 'bar' ? level : refused ? 'text' : 'dim' };
}

function cell(of: GridCell | undefined, under: boolean, theme: Theme): string {
  const { text, role } = of === undefined ? { text: '', role: 'dim' as const } : cellText(of, theme);
  const said = `${theme.paint(role, pad(cut(text, CELL - 1, ''), CELL - 1, 'right'))}`;
  return under ? theme.paint('accent', '>') + (text === '' ? theme.paint('accent', pad('<', CELL - 1, 'right')) : said) : ` ${said}`;
}

function rowLine(row: GridRow, shown: readonly string[], chosen: string | null, name: number, theme: Theme): string {
  const { ct, rank } = row;
  const sign = rank === 0 ? theme.paint('alarm', theme.glyphs.alarm) : ' ';
  const who = name === 0 ? '' : `${exactly(ct.name || theme.glyphs.dash, name, 'left', theme.glyphs.ellipsis)} `;
  const head = `${exactly(String(ct.id), CTID - 2, 'left', theme.glyphs.ellipsis)}${sign} ${who}`;
  return head + shown.map((column) => cell(row.cells.get(column), column === chosen, theme)).join('');
}

function titleLine(shown: readonly string[], chosen: string, name: number, theme: Theme): string {
  const head = ` ${theme.paint('dim', pad('CTID', CTID))}${name === 0 ? '' : theme.paint('dim', pad('NAME', name + 1))}`;
  return head + shown.map((column) => theme.paint(column === chosen ? 'accent' : 'dim', pad(headOf(column), CELL, 'right'))).join('');
}

/** The cell under the cursor in words. */
function aboutLine(row: GridRow, column: string, cells: number, theme: Theme): string {
  const of = row.cells.get(column);
  if (of === undefined) return theme.paint('dim', ` ${ctLabel(row.ct)}  ${column}: not read yet`);
  const { held, maxheld, limit, failcnt, source } = of.row;
  const unit = unitOf(column);
  const figures =
    source === 'none'
      ? 'nobody counts it here'
      : `${heldText(held, unit)} of ${limitText(limit, unit)}, ${heldText(maxheld, unit)} at most`;
  const fails = !knowsFailcnt(of.row) ? 'nobody counts refusals' : failcnt === 0 ? 'never refused' : `refused ${count(failcnt)}`;
  const rate = of.warm !== undefined && of.warm.delta > 0 ? `, +${count(of.warm.delta)}/s` : '';
  return cut(` ${ctLabel(row.ct)}  ${column}: ${figures}; ${fails}${rate}; ${byText(of.row)}`, cells - 1, theme.glyphs.ellipsis);
}

const LABELS: Readonly<Record<NodePromise['name'], string>> = {
  ram: 'RAM',
  swap: 'swap',
  guaranteed: 'guaranteed',
  allocated: 'allocatable',
  cpu: 'CPU units',
};
const LABEL = 12;
const FIGURE = 9;
const GAUGE = 12;
/** With fewer columns there is no gauge. */
const GAUGED = 76;

/** One thing that the node has: as a bar what is held of it, as figures what was promised and may be taken. */
function promiseLine(one: NodePromise, cells: number, theme: Theme): string {
  const { name, has, held, promised, limits, unbounded, unkept = [] } = one;
  const { dash, alarm } = theme.glyphs;
  const write = (n: number | null, text: (n: number) => string): string => pad(n === null ? dash : written(name, n, text), FIGURE, 'right');
  const sold = soldOf(one);
  const over = sold !== null && sold > 1;
  const level = soldText(sold, theme);
  const use = has === null || has === 0 ? 0 : held === null ? (sold ?? 0) : held / has;
  const gauge = cells < GAUGED ? '' : `${bar(theme, use, GAUGE, held === null && over ? 'warn' : undefined)} `;
  const sum = `${pad(level, 6, 'right')} ${over ? alarm : ' '}`;
  const notes = [
    unbounded.length === 0 ? '' : `  ${unbounded.length} without limit`,
    unkept.length === 0 ? '' : '  nobody keeps it here',
  ].join('');
  const open = notes === '' ? '' : theme.paint('warn', notes);
  return ` ${theme.paint('dim', pad(LABELS[name], LABEL))}${gauge}${write(held, heldBytes)}${write(promised, bytes)}${write(limits, bytes)}${write(has, bytes)}${over ? theme.paint('warn', sum) : sum}${cells >= 90 ? open : ''}`;
}

/** In percent; "over" where there is none of what was sold. */
const soldText = (sold: number | null, { glyphs }: Theme): string =>
  sold === null ? glyphs.dash : Number.isFinite(sold) ? percent(sold * 100) : 'over';

const written = (name: NodePromise['name'], n: number, text: (n: number) => string): string => (name === 'cpu' ? count(n) : text(n));

/** The same where there is room for one line alone, among the containers. */
function promiseRow(one: NodePromise, cells: number, theme: Theme): string {
  const { name, has, held, promised, limits } = one;
  const sold = soldOf(one);
  const over = sold !== null && sold > 1;
  // what is sold is the greater of the two
  const most = Math.max(promised ?? 0, limits ?? 0);
  const said = [
    held === null ? '' : `${written(name, held, heldBytes)} held`,
    `${written(name, most, bytes)} ${most === limits ? 'at most' : 'promised'}`,
    has === null ? '' : `of ${written(name, has, bytes)}`,
  ];
  const sum = `${soldText(sold, theme)}${over ? ` ${theme.glyphs.alarm}` : ''}`;
  return ends(
    `${theme.paint('dim', pad(LABELS[name], LABEL))}${said.filter(Boolean).join(', ')}`,
    over ? theme.paint('warn', sum) : sum,
    Math.min(cells, READABLE) - 2,
  );
}

/** What no figure tells of it. */
function aboutPromise(one: NodePromise, cells: number, theme: Theme): string {
  const { name, unbounded, unkept = [] } = one;
  const sold = soldOf(one);
  const much =
    sold === null
      ? 'nobody knows how much there is'
      : Number.isFinite(sold)
        ? `${soldText(sold, theme)} of it sold`
        : 'sold, and there is none';
  const open = unbounded.length === 0 ? '' : `; without limit: ${unbounded.join(', ')}`;
  const broken = unkept.length === 0 ? '' : `; nobody keeps it here: ${unkept.join(', ')}`;
  return cut(` ${LABELS[name]}: ${much}${broken}${open}`, cells - 1, theme.glyphs.ellipsis);
}

function promiseLines(promises: readonly NodePromise[] | null, lines: number, cells: number, theme: Theme): readonly string[] {
  if (lines < 3) return [];
  if (promises === null) return ['', theme.paint('dim', ' Adding up what was promised')];
  const gauge = cells < GAUGED ? '' : pad('IN USE', GAUGE + 1);
  const titles = ['HELD', 'PROMISED', 'LIMITS', 'NODE HAS'].map((title) => pad(title, FIGURE, 'right')).join('');
  const head = ` ${theme.paint('dim', `${pad('TOGETHER', LABEL)}${gauge}${titles}${pad('SOLD', 6, 'right')}`)}`;
  return ['', head, ...promises.map((one) => promiseLine(one, cells, theme))].slice(0, lines);
}

function emptyText({ sample, grid }: ManagerState, find: string): string {
  if (find !== '') return 'No container has all these words; Esc shows all';
  if (!sample?.containers.some(({ init }) => init !== null)) return 'No container runs: nobody holds anything';
  if (!sample.containers.some(({ ubc }) => ubc !== undefined)) return 'Reading the beancounters of all containers';
  return grid.only ? 'Nothing was refused, and nothing is near its bound' : 'No container runs';
}

/** What is under the cursor, where there is room to say it. */
function wordsOf(row: GridRow | PromiseRow | undefined, column: string, lines: number, cells: number, theme: Theme): readonly string[] {
  if (lines < 2 || row === undefined) return [];
  return ['', 'promise' in row ? aboutPromise(row.promise, cells, theme) : aboutLine(row, column, cells, theme)];
}

export function ubcGridLines(state: ManagerState, cells: number, height: number, theme: Theme): readonly string[] {
  const rows = gridRows(state);
  const { column, promises } = state.grid;
  const { head, find, titles, list, about } = viewLayout(state, height);
  const { first, shown } = columnsIn(cells, column);
  const name = nameWidth(cells);
  const failing = rows.filter(({ rank }) => rank === 0).length;
  const figures = failing === 0 ? '% of bound' : `% of bound or ${theme.glyphs.alarm}/s`;
  const part = `${figures}${shown.length < GRID_COLUMNS.length ? `, ${first + 1}-${first + shown.length} of ${GRID_COLUMNS.length}` : ''} `;
  const said =
    failing === 0
      ? theme.paint('dim', 'nothing refused just now')
      : theme.paint('alarm', `${theme.glyphs.alarm} ${failing} refused just now`);
  const title = ends(` ${theme.paint('title', 'Beancounters of the node')}   ${said}`, theme.paint('dim', part), Math.min(cells, READABLE));
  const top = [title, ''].slice(0, head);
  const search = find === 1 ? [findLine(state, rows.length, cells, theme)] : [];
  const heads = titles === 1 ? [titleLine(shown, column, name, theme)] : [];
  const below = promiseLines(promises, about - 2, cells, theme);
  const listed = gridLines(state);
  if (listed.length === 0) {
    const text = theme.paint('dim', `   ${emptyText(state, listingOf(state).find.text)}`);
    const gap = Array.from({ length: below.length === 0 ? 0 : Math.max(0, list - 1) }, () => '');
    return [...top, ...search, ...heads, text, ...gap, ...below];
  }
  const { index, top: from } = placed(
    listingOf(state),
    listed.map(({ key }) => key),
    list,
  );
  const lines = listed.slice(from, from + list).map((row, i) => {
    const under = from + i === index;
    const text = 'promise' in row ? promiseRow(row.promise, cells, theme) : rowLine(row, shown, under ? column : null, name, theme);
    return under ? theme.under('selection', pad(theme.paint('accent', theme.glyphs.selected) + text, cells)) : ` ${text}`;
  });
  const gap = Array.from({ length: about === 0 ? 0 : Math.max(0, list - lines.length) }, () => '');
  return [
    ...top,
    ...search,
    ...heads,
    ...lines,
    ...gap,
    ...wordsOf(listed[index], column, about, Math.min(cells, READABLE), theme),
    ...below,
  ];
}
