// The panes as lines: the list of all that are open, and the frames of those that are shown. What is inside the frames is the panes' own.
import { containerOf } from '../keys/subject.ts';
import { cut, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import type { PaneInfo } from '../store/pane-info.ts';
import { paneArea, shownPlaces } from '../store/pane-places.ts';
import type { ManagerState } from '../store/state.ts';
import { frameEdges, frameLine, type Look, paneTitle } from './pane-frame.ts';

const PROMPT_SIGNS = { name: 'name: ', search: '/', 'search-back': '?' } as const;
export const promptSign = ({ asks }: NonNullable<ManagerState['prompt']>): string => PROMPT_SIGNS[asks];

const ctNameOf = (state: ManagerState, pane: PaneInfo): string => containerOf(state, pane.ct)?.name ?? '';

/** As a pane is called among the others: its number there, its title. */
export const numberedTitle = (state: ManagerState, pane: PaneInfo, ellipsis: string): string =>
  `${state.panes.indexOf(pane) + 1} ${cut(paneTitle(pane, ctNameOf(state, pane)), 24, ellipsis)}`;

/** Several shells of one container are told apart by their numbers. */
const framedTitle = (state: ManagerState, pane: PaneInfo): string =>
  `${state.panes.length < 2 ? '' : `${state.panes.indexOf(pane) + 1} `}${paneTitle(pane, ctNameOf(state, pane))}`;

/** Panes that get what is typed now besides each other; 0 outside of a broadcast. */
export const reached = (state: ManagerState): readonly PaneInfo[] =>
  state.broadcast ? state.panes.filter((pane) => pane.ended === '' && (pane.marked || pane.id === state.paneCursor)) : [];

function lookOf(state: ManagerState, pane: PaneInfo, below: boolean): Look {
  const chosen = state.paneCursor === pane.id;
  const all = reached(state);
  return {
    chosen,
    typing: state.typing && chosen,
    zoomed: state.zoomed,
    broadcast: all.includes(pane) ? all.length : 0,
    below,
    title: framedTitle(state, pane),
    said: '',
    prompt: chosen && state.prompt !== null ? { sign: promptSign(state.prompt), input: state.prompt.input } : null,
  };
}

/** All frames; the cells inside are blank. */
export function paneFrames(state: ManagerState, cells: number, rows: number, theme: Theme): readonly string[] {
  const places = shownPlaces(state);
  const top = paneArea(state).y;
  const lines = Array.from({ length: rows }, (): { x: number; text: string }[] => []);
  for (const { pane: id, area } of places) {
    const pane = state.panes.find((one) => one.id === id);
    if (pane === undefined) continue;
    const look = lookOf(state, pane, area.y > top);
    const beside = area.x + area.width < cells;
    const all = [
      frameLine(pane, area.width, look, theme),
      ...(state.zoomed ? [] : frameEdges(pane, area.width, area.height, look, beside, theme)),
    ];
    for (const [y, text] of all.entries()) lines[area.y - top + y]?.push({ x: area.x, text });
  }
  // Places cover the area without gaps.
  return lines.map((parts) =>
    parts
      .sort((a, b) => a.x - b.x)
      .map(({ text }) => text)
      .join(''),
  );
}

/** All open panes in one line, those that are not on the screen too; where not all fit, those around the chosen one. */
export function paneList(state: ManagerState, cells: number, theme: Theme): string {
  const { panes, paneCursor } = state;
  if (panes.length < 2) return '';
  const shown = new Set(shownPlaces(state).map((place) => place.pane));
  const { ellipsis, marked } = theme.glyphs;
  const texts = panes.map(
    (pane) => `${numberedTitle(state, pane, ellipsis)}${pane.marked ? marked : ''}${pane.ended === '' ? '' : ' ended'}`,
  );
  const at = Math.max(
    0,
    panes.findIndex((pane) => pane.id === paneCursor),
  );
  let [from, to] = [at, at];
  let used = width(texts[at] ?? '') + 4;
  const fits = (i: number): boolean => texts[i] !== undefined && used + width(texts[i]) + 3 <= cells - 6;
  const take = (i: number): void => {
    used += width(texts[i] ?? '') + 3;
  };
  for (let grew = true; grew; ) {
    grew = false;
    if (fits(to + 1)) {
      take(++to);
      grew = true;
    }
    if (fits(from - 1)) {
      take(--from);
      grew = true;
    }
  }
  const items = panes.slice(from, to + 1).map((pane, i) => {
    const text = texts[from + i] ?? '';
    if (pane.id === paneCursor) return theme.paint('accent', theme.glyphs.selected + text);
    return ` ${theme.paint(pane.ended !== '' ? 'warn' : shown.has(pane.id) ? 'text' : 'dim', text)}`;
  });
  return `${from > 0 ? ellipsis : ''}${items.join('  ')}${to < panes.length - 1 ? `  ${ellipsis}` : ''}`;
}
