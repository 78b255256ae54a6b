// The container view: title, tabs, and what the tab shows.
import type { CtSample } from '../../engine/index.ts';
import { keyOf } from '../keys/legend.ts';
import { containerOf } from '../keys/subject.ts';
import { cut, pad, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { READABLE } from '../screen/wrap.ts';
import { isListed, listKeys, viewLayout } from '../store/list-rows.ts';
import { listingOf, placed } from '../store/listing.ts';
import { foundCount } from '../store/parameters.ts';
import { processFault } from '../store/process-filter.ts';
import type { ManagerState } from '../store/state.ts';
import { SHORT_TABS, TABS, type Tab } from '../store/tabs.ts';
import { consoleLines } from './console-lines.ts';
import { overviewLines, titleLine } from './container-lines.ts';
import { eventLines } from './event-lines.ts';
import { inputLine } from './input-line.ts';
import { logLines } from './log-lines.ts';
import { networkLines } from './network-lines.ts';
import { parameterLines } from './parameter-lines.ts';
import { processLines } from './process-lines.ts';
import { ubcLines } from './ubc-lines.ts';
import { ends } from './words.ts';

/** Lines of what is below title and tabs. */
export type Content = (state: ManagerState, row: CtSample, cells: number, height: number, theme: Theme) => readonly string[];

const CONTENT: Readonly<Record<Tab, Content>> = {
  overview: overviewLines,
  processes: (state, _row, cells, height, theme) => processLines(state, cells, height, theme, false),
  console: consoleLines,
  log: logLines,
  parameters: parameterLines,
  events: eventLines,
  beans: ubcLines,
  network: networkLines,
};

export interface PlacedTab {
  readonly tab: Tab;
  /** The number that is its key; "" where there is no room for it. */
  readonly key: string;
  readonly label: string;
  readonly x: number;
  readonly width: number;
}

/**
 * Where each tab stands. With few columns the gaps go, then the numbers, then long names but that of the one that is shown give way to short ones;
 * at last these are cut.
 */
export function placeTabs(cells: number, shown: Tab): readonly PlacedTab[] {
  const place = (gap: number, numbered: boolean, nameOf: (tab: Tab) => string): readonly PlacedTab[] => {
    let x = 1;
    return TABS.map((tab, at) => {
      const label = tab === shown ? tab : nameOf(tab);
      const key = numbered ? String(at + 1) : '';
      const placed = { tab, key, label, x, width: label.length + key.length + (numbered ? 3 : 2) };
      x += placed.width + gap;
      return placed;
    });
  };
  const fits = (tabs: readonly PlacedTab[]): boolean => tabs.every(({ x, width: wide }) => x + wide <= cells);
  const most = Math.max(1, Math.floor((cells - 1 - shown.length - 2) / (TABS.length - 1)) - 2);
  const whole = (tab: Tab): string => tab;
  const short = (tab: Tab): string => SHORT_TABS[tab] ?? tab;
  const ways = [place(1, true, whole), place(0, true, whole), place(0, false, whole), place(0, true, short), place(0, false, short)];
  return ways.find(fits) ?? place(0, false, (tab) => short(tab).slice(0, most));
}

export function tabBar(shown: Tab, cells: number, theme: Theme): string {
  let line = '';
  for (const { tab, key, label, x } of placeTabs(cells, shown)) {
    const number = key === '' ? '' : `${theme.paint('key', key)} `;
    const text = ` ${number}${theme.paint(tab === shown ? 'title' : 'dim', label)} `;
    line = pad(line, x) + (tab === shown ? theme.under('selection', text) : text);
  }
  return line;
}

/** The line that is searched with, and what it has found. */
export function findLine(state: ManagerState, found: number, cells: number, theme: Theme): string {
  const { find, finding } = listingOf(state);
  const fault = processFault(state);
  const said =
    fault === ''
      ? theme.paint('dim', `${found} shown `)
      : theme.paint('warn', cut(`${theme.glyphs.alarm} ${fault} `, Math.max(0, cells - 12), theme.glyphs.ellipsis));
  return ends(` ${theme.paint('key', '/')}${inputLine(find, Math.max(4, cells - width(said) - 5), theme, finding)}`, said, cells);
}

/** " 19-36 of 200" at the end of a line, where not all rows are on the screen. */
export function partOf(state: ManagerState, theme: Theme): string {
  const keys = listKeys(state);
  const { list } = viewLayout(state);
  if (keys.length <= list) return '';
  const { top } = placed(listingOf(state), keys, list);
  return theme.paint('dim', `${top + 1}-${Math.min(keys.length, top + list)} of ${keys.length} `);
}

export function tabLines(state: ManagerState, ct: number, cells: number, height: number, theme: Theme): readonly string[] {
  const row = containerOf(state, ct);
  if (row === null) {
    const key = theme.paint('key', keyOf(state, 'back', theme.glyphs));
    return [` ${theme.paint('title', `${ct} is gone`)}`, '', `   ${key} ${theme.paint('dim', 'goes back to those that are there')}`];
  }
  const { head, find, titles, list, about } = viewLayout(state, height);
  const top = [titleLine(row, state.now, Math.min(cells, READABLE), theme), tabBar(state.tab, cells, theme), ''].slice(0, head);
  const part = isListed(state) ? partOf(state, theme) : '';
  const titled = top.map((line, i) => (i === 1 ? ends(line, part, Math.min(cells, READABLE)) : line));
  const search = find === 1 ? [findLine(state, state.tab === 'parameters' ? foundCount(state) : listKeys(state).length, cells, theme)] : [];
  return [...titled, ...search, ...CONTENT[state.tab](state, row, cells, list + titles + about, theme)];
}
