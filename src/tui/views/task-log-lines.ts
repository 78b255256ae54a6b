// The log of one task, followed at its end; the line under the cursor in full below.
import { cut, pad, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { wrap } from '../screen/wrap.ts';
import { viewLayout } from '../store/list-rows.ts';
import { listingOf, placed } from '../store/listing.ts';
import type { ManagerState } from '../store/state.ts';
import { loggedTask, taskLogRows } from '../store/task-log.ts';
import { findLine, partOf } from './tab-lines.ts';
import { LINE_ROLES, taskLine } from './task-lines.ts';
import { ends } from './words.ts';

export function taskLogLines(state: ManagerState, cells: number, height: number, theme: Theme): readonly string[] {
  const task = loggedTask(state);
  if (task === null) return [` ${theme.paint('dim', 'This task is not known any more')}`];
  const { head, find, list, about } = viewLayout(state, height);
  const rows = taskLogRows(state);
  const listing = listingOf(state);
  const keys = rows.map(({ key }) => key);
  const { index, top } = placed(listing, keys, list);
  const title = ends(taskLine(task, state.now, Math.min(cells, 100), theme), partOf(state, theme), cells);
  const search = find === 1 ? [findLine(state, rows.length, cells, theme)] : [];
  const above = [...[title, ''].slice(0, head), ...search];
  if (rows.length === 0) {
    const said = task.lines.length > 0 ? 'Nothing has all these words; Esc shows all' : 'It has said nothing yet';
    return [...above, `   ${theme.paint('dim', said)}`].slice(0, height);
  }
  const lines = rows.slice(top, top + list).map((row, i) => {
    const text = ` ${theme.paint(LINE_ROLES[row.level], cut(row.text, cells - 2, theme.glyphs.ellipsis))}`;
    if (listing.key === null || top + i !== index) return text;
    return theme.under('selection', pad(theme.paint('accent', theme.glyphs.selected) + text.slice(1), cells));
  });
  const blanks = Array.from({ length: Math.max(0, list - lines.length) }, () => '');
  const text = rows[index]?.text ?? '';
  const whole = listing.key === null || width(text) <= cells - 2 ? [] : ['', ...wrap(text, cells - 2).map((line) => ` ${line}`)];
  return [...above, ...lines, ...blanks, ...whole.slice(0, about)];
}
