// A container's beancounters: what is refused, by whom. Rows as in the old file, below them what the one under the cursor means.
import type { CtSample } from '../../engine/index.ts';
import { pad } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { wrap } from '../screen/wrap.ts';
import { viewLayout } from '../store/list-rows.ts';
import { listingOf, placed } from '../store/listing.ts';
import type { ManagerState } from '../store/state.ts';
import { allBeans, beanRows } from '../store/ubc.ts';
import { beanColumns, beanLine, beanTitles } from './ubc-columns.ts';
import { panelLines } from './ubc-panels.ts';

function emptyText(state: ManagerState, row: CtSample): string {
  if (listingOf(state).find.text !== '') return 'No beancounter has all these words; Esc shows all';
  if (state.ubc.only && allBeans(state).length > 0)
    return `Nothing was refused and nothing is near its limit: all ${allBeans(state).length} are well`;
  return row.init === null ? 'It does not run' : 'Reading the beancounters';
}

export function ubcLines(state: ManagerState, row: CtSample, cells: number, _height: number, theme: Theme): readonly string[] {
  const rows = beanRows(state);
  const { titles: titled, about, list } = viewLayout(state);
  const columns = beanColumns(cells);
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
