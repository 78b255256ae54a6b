// The columns to choose from: what is shown, in its order, then everything that could be; a line to find one by its name.
import type { ReactNode } from 'react';
import { useManagerState, useTheme } from '../app/manager.ts';
import type { LineInput } from '../forms/line-input.ts';
import { footerOf } from '../keys/legend.ts';
import { cut, pad, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { wrap } from '../screen/wrap.ts';
import { chosenColumns, columnChoices } from '../store/column-choice.ts';
import { type ColumnId, columnOf } from '../store/columns.ts';
import { layoutOf } from '../store/layout.ts';
import type { ManagerState } from '../store/state.ts';
import { Dialog, FRAME, useDialogWidth } from './dialog.tsx';
import { inputLine } from './input-line.ts';
import { shownColumns } from './table-lines.ts';
import { ends } from './words.ts';

const CELLS = 70;
const TITLE = 14;
const MOST = 24;
/** Lines of input and blanks. */
const OTHERS = 3;

function columnLine(state: ManagerState, id: ColumnId, under: boolean, cells: number, theme: Theme): string {
  const { glyphs } = theme;
  const chosen = chosenColumns(state.columns).includes(id);
  const fits = shownColumns(state, layoutOf(state).table).some((column) => column.id === id);
  const { title, help } = columnOf(id);
  const arrow = state.sort.column === id ? (state.sort.descending ? glyphs.down : glyphs.up) : '';
  const mark = chosen ? theme.paint('mark', glyphs.marked) : ' ';
  const right = chosen && !fits ? theme.paint('dim', 'no room ') : '';
  const name = pad(cut(title + arrow, TITLE - 1, glyphs.ellipsis), TITLE);
  const about = cut(help, cells - TITLE - 6 - width(right), glyphs.ellipsis);
  const line = ends(`${mark} ${theme.paint(chosen ? 'text' : 'dim', name)}${theme.paint('dim', about)}`, right, cells - 1);
  return under ? theme.under('selection', pad(theme.paint('accent', glyphs.selected) + line, cells)) : ` ${line}`;
}

/** Ready lines, `cells` wide. */
function columnsLines(state: ManagerState, input: LineInput, chosen: number, cells: number, theme: Theme): readonly string[] {
  const ids = columnChoices(state.columns, input.text);
  const keys = footerOf(state, theme.glyphs, 'columns').map(({ key, label }) => `${key} ${label}`);
  const foot = wrap([...keys, 'Esc done'].join('   '), cells);
  const room = Math.max(1, Math.min(MOST, state.size.rows - FRAME.rows - OTHERS - foot.length));
  const at = Math.min(chosen, ids.length - 1);
  const top = Math.max(0, Math.min(at - Math.floor(room / 2), ids.length - room));
  const lines = ids.slice(top, top + room).map((id, i) => columnLine(state, id, top + i === at, cells, theme));
  const nothing = ids.length === 0 ? [theme.paint('dim', '  No column is called so')] : [];
  const count = theme.paint('dim', `${chosenColumns(state.columns).length} of ${columnChoices(state.columns, '').length} shown`);
  const title = theme.paint('title', 'Columns ');
  const field = inputLine(input, Math.max(4, cells - width(title) - width(count) - 3), theme, true);
  return [
    ends(`${title}${theme.paint('key', '/')}${field}`, count, cells),
    '',
    ...nothing,
    ...lines,
    ...Array.from({ length: Math.max(0, room - lines.length - nothing.length) }, () => ''),
    '',
    ...foot.map((line) => theme.paint('dim', line)),
  ];
}

export function Columns({ input, chosen }: { readonly input: LineInput; readonly chosen: number }): ReactNode {
  const theme = useTheme();
  const state = useManagerState((whole) => whole);
  const cells = useDialogWidth(CELLS);
  return <Dialog cells={cells} lines={columnsLines(state, input, chosen, cells, theme)} />;
}
