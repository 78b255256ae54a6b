// The console tab: the frame around the console of a container that runs; of others what it has printed last, and how it comes back.
import type { CtSample } from '../../engine/index.ts';
import { cut, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { READABLE } from '../screen/wrap.ts';
import { viewLayout } from '../store/list-rows.ts';
import { insideOf } from '../store/pane-places.ts';
import type { Area } from '../store/pane-tree.ts';
import type { ManagerState } from '../store/state.ts';
import { watchable, watchedPane } from '../store/watched.ts';
import { printedLines } from './log-lines.ts';
import { frameEdges, frameLine, type Look } from './pane-frame.ts';
import { ends } from './words.ts';

/** Its title, a row of it, its lower edge. */
const LEAST = 3;

/** The cells of the console itself, from the upper left corner of the body; null while none is shown. */
export function consoleInside(state: ManagerState): Area | null {
  if (watchedPane(state) === null) return null;
  const { head, list } = viewLayout(state);
  if (list < LEAST) return null;
  return insideOf({ x: 0, y: head, width: state.size.columns, height: list }, false);
}

/** Why it is not live, and the way back. */
function whyPrinted(state: ManagerState, row: CtSample): string {
  if (watchable(state) !== null) return state.watched?.trouble ?? '';
  return row.state === 'stopping' ? 'it is being stopped' : `it is ${row.state}; s starts it`;
}

export function consoleLines(state: ManagerState, row: CtSample, cells: number, height: number, theme: Theme): readonly string[] {
  const pane = watchedPane(state);
  if (pane !== null) {
    const look: Look = {
      typing: state.typing,
      chosen: true,
      zoomed: false,
      broadcast: 0,
      below: false,
      title: 'console',
      said: state.watched?.silent ? 'nothing printed yet; i opens a shell' : 'live',
      prompt: null,
    };
    return [frameLine(pane, cells, look, theme), ...frameEdges(pane, cells, height, look, false, theme)];
  }
  const why = whyPrinted(state, row);
  if (why === '') return [theme.paint('dim', ' Opening the console')];
  const left = ` ${theme.paint('title', 'printed last')}`;
  const right = theme.paint('warn', cut(why, Math.max(0, Math.min(cells, READABLE) - width(left) - 3), theme.glyphs.ellipsis));
  const empty = [row.trouble !== '' ? 'It has ended before it printed anything' : 'It has printed nothing that is kept', why];
  return printedLines(state, ends(left, `${right} `, Math.min(cells, READABLE)), empty, cells, height, theme);
}
