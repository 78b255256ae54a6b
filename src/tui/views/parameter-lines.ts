// The parameters of a container: what its file says, what the kernel has, and below what the one under the cursor is for.
import type { CtSample } from '../../engine/index.ts';
import { fit as exactly, pad, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { viewLayout } from '../store/list-rows.ts';
import { listingOf, placed } from '../store/listing.ts';
import { type ParameterRow, parameterRows } from '../store/parameters.ts';
import type { ManagerState } from '../store/state.ts';
import { READABLE, wrap } from './words.ts';

const SECTION = 13;
const KEY = 15;
const LIVE = 14;
/** With fewer columns the section is left out. */
const NARROW = 70;

const EFFECT = {
  live: 'acts at once',
  start: 'acts with the next start',
  none: 'is kept, and nothing of this version acts on it',
} as const;

/** Cells of the column of values: as many as they need and the screen has. */
function valueCells(rows: readonly ParameterRow[], cells: number): number {
  const most = cells - (cells < NARROW ? 0 : SECTION + 1) - KEY - LIVE - 4;
  return Math.max(6, Math.min(most, Math.max(...rows.map(({ file }) => width(file)))));
}

function line(
  { section, key, file, inherited, live, differs }: ParameterRow,
  cells: number,
  value: number,
  theme: Theme,
  first: boolean,
): string {
  const { dash, ellipsis } = theme.glyphs;
  const narrow = cells < NARROW;
  const lead = narrow ? '' : `${theme.paint('dim', exactly(first ? section : '', SECTION, 'left', ellipsis))} `;
  const name = exactly(key, KEY, 'left', ellipsis);
  const text = exactly(file === '' ? dash : file, value, 'left', ellipsis);
  const now = live ?? dash;
  return [
    lead + (file === '' ? theme.paint('dim', name) : name),
    file === '' || inherited ? theme.paint('dim', text) : text,
    differs ? theme.paint('warn', `${now} ${theme.glyphs.alarm}`) : theme.paint(live === null ? 'dim' : 'text', now),
  ].join(' ');
}

function titles(cells: number, value: number, theme: Theme): string {
  const narrow = cells < NARROW;
  const lead = narrow ? '' : `${pad('SECTION', SECTION)} `;
  return ` ${theme.paint('dim', `${lead}${pad('PARAMETER', KEY)} ${pad('FILE', value)} NOW`)}`;
}

function aboutLines(row: ParameterRow | undefined, lines: number, cells: number, theme: Theme): readonly string[] {
  if (row === undefined || lines === 0) return [];
  const { param, differs, inherited } = row;
  const options = param.flags.map(({ name }) => `--${name}`).join(' ');
  const said = [
    `${row.key} ${param.help}; ${EFFECT[param.effect]}.`,
    ...(inherited ? ["It stands in the node's configuration."] : []),
    ...(differs ? ['Kernel and file differ: set without --save, or cut to fit.'] : []),
  ].join(' ');
  const text = wrap(said, Math.min(READABLE, cells - 2)).slice(0, lines - 2);
  return ['', ...text.map((one) => ` ${one}`), ...(options === '' ? [] : [` ${theme.paint('dim', `vzctl set ${options}`)}`])].slice(
    0,
    lines,
  );
}

export function parameterLines(state: ManagerState, _row: CtSample, cells: number, _height: number, theme: Theme): readonly string[] {
  if (state.looked.config === null) return [theme.paint('dim', '   Reading the configuration')];
  const rows = parameterRows(state);
  const { titles: titled, about, list } = viewLayout(state);
  const value = valueCells(rows, cells);
  const head = titled === 1 ? [titles(cells, value, theme)] : [];
  if (rows.length === 0) return [...head, theme.paint('dim', '   No parameter has all these words; Esc shows all')];
  const { index, top } = placed(
    listingOf(state),
    rows.map(({ key }) => key),
    list,
  );
  const shown = rows.slice(top, top + list).map((row, i) => {
    const before = rows[top + i - 1];
    const text = line(row, cells - 1, value, theme, i === 0 || before?.section !== row.section);
    if (top + i !== index) return ` ${text}`;
    return theme.under('selection', pad(theme.paint('accent', theme.glyphs.selected) + text, cells));
  });
  const said = aboutLines(rows[index], about, cells, theme);
  const gap = Array.from({ length: said.length === 0 ? 0 : Math.max(0, list - shown.length) }, () => '');
  return [...head, ...shown, ...gap, ...said];
}
