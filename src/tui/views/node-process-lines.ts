// The processes of all containers of the node on one screen.
import type { Theme } from '../screen/theme.ts';
import { listKeys, viewLayout } from '../store/list-rows.ts';
import type { ManagerState } from '../store/state.ts';
import { processLines } from './process-lines.ts';
import { findLine, partOf } from './tab-lines.ts';
import { ends } from './words.ts';

export function nodeProcessLines(state: ManagerState, cells: number, height: number, theme: Theme): readonly string[] {
  const { head, find, titles, list } = viewLayout(state, height);
  const processes = state.processes ?? [];
  const cts = new Set(processes.map(({ ct }) => ct)).size;
  const counts = `${processes.length} in ${cts} ${cts === 1 ? 'container' : 'containers'}`;
  const title = ends(` ${theme.paint('title', 'Processes')}  ${theme.paint('dim', counts)}`, partOf(state, theme), cells);
  const search = find === 1 ? [findLine(state, listKeys(state).length, cells, theme)] : [];
  return [...[title, ''].slice(0, head), ...search, ...processLines(state, cells, list + titles, theme, true)];
}
