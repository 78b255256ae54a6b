// The table: titles and the rows that fit, from the state. Lines of unchanged rows come from a cache.
import type { CtSample } from '../../engine/index.ts';
import { pad } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { rowsIn } from '../store/layout.ts';
import { placeCursor } from '../store/rows.ts';
import type { Heat, ManagerState } from '../store/state.ts';
import { type Content, columnsFor, type PlacedColumn } from './column-widths.ts';
import { emptyLines } from './empty-lines.ts';
import { composeRow, composeTitles, type Look } from './table-row.ts';

const LONG_CTID = 99_999;

interface Composed {
  readonly columns: readonly PlacedColumn[];
  readonly theme: Theme;
  readonly heat: Heat | undefined;
  readonly width: number;
  readonly line: string;
}
const composed = new WeakMap<CtSample, Composed>();

/** The line behind the blank cell of the cursor's mark; the same string as long as nothing of it has changed. */
function rowLine(ct: CtSample, columns: readonly PlacedColumn[], width: number, look: Look): string {
  const { theme, heat } = look;
  // A row that counts down is another one each second.
  if (ct.restartAt !== null) return ` ${composeRow(ct, columns, width, look)}`;
  const known = composed.get(ct);
  if (known !== undefined && known.columns === columns && known.theme === theme && known.heat === heat && known.width === width)
    return known.line;
  const line = ` ${composeRow(ct, columns, width, look)}`;
  composed.set(ct, { columns, theme, heat, width, line });
  return line;
}

/** Columns that leave their room when they tell nothing of any container; a name that is the host name is told there. */
const TELLS_NOTHING: Readonly<Record<string, (row: CtSample) => boolean>> = {
  name: ({ name, hostname }) => name === '' || name === hostname,
  hostname: ({ hostname }) => hostname === '',
  ip: ({ ips }) => ips.length === 0,
};

const contents = new WeakMap<readonly CtSample[], Content>();

function contentOf(rows: readonly CtSample[]): Content {
  const known = contents.get(rows);
  if (known !== undefined) return known;
  const empty = Object.entries(TELLS_NOTHING).flatMap(([id, nothing]) => (rows.every(nothing) ? [id] : []));
  const content = { long: rows.some((row) => row.id > LONG_CTID), empty: new Set(empty) };
  contents.set(rows, content);
  return content;
}

let last: { readonly key: string; readonly columns: readonly PlacedColumn[] } = { key: '', columns: [] };

/** The columns that the table has on so many cells; the same array as long as they are the same, since it is part of the cache's key. */
export function shownColumns(state: ManagerState, width: number): readonly PlacedColumn[] {
  const content = contentOf(state.sample?.containers ?? state.rows);
  const key = `${width} ${content.long} ${[...content.empty]} ${state.columns}`;
  if (last.key !== key) last = { key, columns: columnsFor(width, content, state.columns) };
  return last.columns;
}

export function tableLines(state: ManagerState, width: number, height: number, theme: Theme): readonly string[] {
  if (state.rows.length === 0) return emptyLines(state, width, height, theme);
  const columns = shownColumns(state, width);
  const room = rowsIn(height);
  const { top, index } = placeCursor(state.cursor, state.rows, state.cursor.index, room);
  const lines = state.rows.slice(top, top + room).map((ct, i) => {
    const line = rowLine(ct, columns, width, { theme, heat: state.heat.get(ct.id), now: state.now });
    const mark = state.marks.has(ct.id) ? theme.paint('mark', theme.glyphs.marked) : '';
    if (top + i !== index) return mark === '' ? line : mark + line.slice(1);
    return theme.under('selection', pad((mark || theme.paint('accent', theme.glyphs.selected)) + line.slice(1), width));
  });
  return room === height ? lines : [composeTitles(columns, state.sort, theme), ...lines];
}
