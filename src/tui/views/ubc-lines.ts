// A container's beancounters: what is refused, by whom. Rows as in the old file, below them what the one under the cursor means.
import type { CtSample } from '../../engine/index.ts';
import { adviceFor } from '../../engine/index.ts';
import { keyOf } from '../keys/legend.ts';
import { cut, pad } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { viewLayout } from '../store/list-rows.ts';
import { listingOf, placed } from '../store/listing.ts';
import type { ManagerState } from '../store/state.ts';
import { allBeans, type BeanRow, beanRows } from '../store/ubc.ts';
import { adviceLine, adviceText, enforcedText, meaningText, stateText } from '../store/ubc-text.ts';
import { beanColumns, beanLine, beanTitles } from './ubc-columns.ts';
import { ends, READABLE, wrap } from './words.ts';

/** Columns with their source are read across a wider screen than sentences. */
const WIDEST = 140;

/** Sentences in so many lines; what is too much ends in the theme's ellipsis. */
export function sentences(text: string, lines: number, cells: number, theme: Theme): readonly string[] {
  const room = Math.min(READABLE, cells - 2);
  const all = wrap(text, room);
  if (all.length <= lines) return all.map((line) => ` ${line}`);
  return [...all.slice(0, Math.max(0, lines - 1)), cut(all.slice(Math.max(0, lines - 1)).join(' '), room, theme.glyphs.ellipsis)]
    .slice(0, lines)
    .map((line) => ` ${line}`);
}

/** What there is to say of it in a few lines. */
function wordLines(row: BeanRow, lines: number, cells: number, theme: Theme): readonly string[] {
  return ['', ...sentences(`${row.name}: ${stateText(row)} ${enforcedText(row)}`, lines - 1, cells, theme)];
}

/** The row explained, and the line that would help. */
function explainLines(state: ManagerState, row: BeanRow, lines: number, cells: number, theme: Theme): readonly string[] {
  const advice = adviceFor(row);
  const command = adviceLine(state.ubc.ct ?? 0, row);
  const keys = (['bean-set', 'copy-line'] as const).map(
    (action, i) => `${theme.paint('key', keyOf(state, action, theme.glyphs))} ${i === 0 ? 'set it' : 'copy'}`,
  );
  const line = ends(
    theme.paint('accent', cut(`   ${command}`, cells - 2, theme.glyphs.ellipsis)),
    `${keys.join('  ')} `,
    Math.min(READABLE, cells),
  );
  const foot = command === '' ? [] : [line];
  const said = [meaningText(row), adviceText(row, advice)].filter(Boolean).join(' ');
  const room = lines - 1 - foot.length;
  const text = sentences(said, room, cells, theme);
  const state1 = room - text.length;
  const facts =
    state1 > 1 ? sentences(`${stateText(row)} ${enforcedText(row)}`, state1, cells, theme).map((one) => theme.paint('dim', one)) : [];
  const gap = room - text.length - facts.length > 0 && foot.length > 0 ? [''] : [];
  return ['', ...text, ...facts, ...gap, ...foot].slice(0, lines);
}

function panelLines(state: ManagerState, row: BeanRow | undefined, lines: number, cells: number, theme: Theme): readonly string[] {
  if (row === undefined || lines < 2) return [];
  return state.ubc.panel === null ? wordLines(row, lines, cells, theme) : explainLines(state, row, lines, cells, theme);
}

function emptyText(state: ManagerState, row: CtSample): string {
  if (listingOf(state).find.text !== '') return 'No beancounter has all these words; Esc shows all';
  if (state.ubc.only && allBeans(state).length > 0)
    return `Nothing was refused and nothing is near its limit: all ${allBeans(state).length} are well`;
  return row.init === null ? 'It does not run' : 'Reading the beancounters';
}

export function ubcLines(state: ManagerState, row: CtSample, cells: number, _height: number, theme: Theme): readonly string[] {
  const rows = beanRows(state);
  const { titles: titled, about, list } = viewLayout(state);
  const columns = beanColumns(Math.min(cells, WIDEST));
  const head = titled === 1 ? [beanTitles(columns, theme)] : [];
  if (rows.length === 0) return [...head, ...wrap(emptyText(state, row), cells - 5).map((line) => theme.paint('dim', `   ${line}`))];
  const { index, top } = placed(
    listingOf(state),
    rows.map(({ key }) => key),
    list,
  );
  const shown = rows.slice(top, top + list).map((one, i) => {
    const text = beanLine(one, columns, theme);
    if (top + i !== index) return ` ${text}`;
    return theme.under('selection', pad(theme.paint('accent', theme.glyphs.selected) + text, cells));
  });
  const said = panelLines(state, rows[index], about, cells, theme);
  const gap = Array.from({ length: said.length === 0 ? 0 : Math.max(0, list - shown.length) }, () => '');
  return [...head, ...shown, ...gap, ...said];
}
