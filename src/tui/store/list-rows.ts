// Which list the view on top has, and how many lines of the screen it gets. Pure; one place, so that scrolling and drawing never disagree.
import { eventRows } from './events.ts';
import { journalRows } from './journal-rows.ts';
import { layoutOf } from './layout.ts';
import { listingOf } from './listing.ts';
import { logRows } from './log.ts';
import { netRows, networkHead, talkerRows } from './network.ts';
import { formRows } from './parameters.ts';
import { processRows } from './processes.ts';
import type { ManagerState } from './state.ts';
import type { Tab } from './tabs.ts';
import { taskLogRows } from './task-log.ts';
import { beanRows } from './ubc.ts';
import { gridLines, promisesBelow } from './ubc-grid.ts';
import { panelNeeds } from './ubc-panel.ts';
import type { Listing } from './view-state.ts';
import { watchedPane } from './watched.ts';
import { whyRows } from './why.ts';

type Rows = (state: ManagerState) => readonly { readonly key: string }[];

const OF_TAB: Partial<Record<Tab, Rows>> = {
  processes: processRows,
  console: logRows,
  log: logRows,
  parameters: formRows,
  events: eventRows,
  beans: beanRows,
  network: talkerRows,
};

function rowsOf(state: ManagerState): Rows | undefined {
  const view = state.views[state.views.length - 1];
  if (view?.name === 'node-processes') return processRows;
  if (view?.name === 'journal') return journalRows;
  if (view?.name === 'why') return whyRows;
  if (view?.name === 'node-beans') return gridLines;
  if (view?.name === 'node-network') return netRows;
  if (view?.name === 'task-log') return taskLogRows;
  return view?.name !== 'container' || watchedPane(state) !== null ? undefined : OF_TAB[state.tab];
}

export const isListed = (state: ManagerState): boolean => rowsOf(state) !== undefined;

export const listKeys = (state: ManagerState): readonly string[] => rowsOf(state)?.(state).map(({ key }) => key) ?? [];

/** Below this the gap gives way, below the other all but the list. */
const ROOMY = 12;
const TINY = 5;

export interface ViewLayout {
  /** Lines of title and tabs, and the gap below. */
  readonly head: number;
  /** The line that is searched with. */
  readonly find: 0 | 1;
  /** The line of titles of columns. */
  readonly titles: 0 | 1;
  readonly about: number;
  /** The rows of the list, or the lines of what is no list. */
  readonly list: number;
}

export function viewLayout(state: ManagerState, body: number = layoutOf(state).body): ViewLayout {
  const listing = listingOf(state);
  const { find, finding } = listing;
  const name = state.views[state.views.length - 1]?.name;
  const tabbed = name === 'container';
  const live = watchedPane(state) !== null;
  const tabs = tabbed ? 2 : 1;
  const head = body < TINY ? 0 : body < ROOMY ? tabs : tabs + 1;
  const search = !live && (finding || find.text !== '') ? 1 : 0;
  const titles = body >= TINY && !live && (tabbed ? TITLED.has(state.tab) : name !== 'task-log' && name !== 'why') ? 1 : 0;
  const room = body - head - search - titles;
  const about = live ? 0 : aboutOf(state, listing, room);
  return { head, find: search, titles, about, list: Math.max(1, room - about) };
}
const TITLED: ReadonlySet<string> = new Set(['processes', 'console', 'log', 'parameters', 'beans', 'network']);

/** What a sentence is told by, with the whole of it. */
const WHY = 14;

/** The cell under the cursor in words, and what was promised, where rows stay beside them. */
const gridAbout = (state: ManagerState, room: number): number => (promisesBelow(state) ? 9 : room >= 6 ? 2 : 0);

/** Who the container under the cursor talks to, where rows stay above. */
const talksAbout = (room: number): number => (room >= 9 ? Math.min(14, Math.floor(room / 2)) : 0);

/** Connections that stay below what is said of links. */
const FEWEST_TALKERS = 2;

/** Lines that say more of the row under the cursor, where there is room for them. */
const ABOUT = 4;
const ROOM_FOR_ABOUT = 15;

/** Parameters have more to say, where a list stays that is worth its name. */
const LONG_ABOUT = 6;
const ROOM_FOR_LONG = 26;

/** Beancounters that stay above what is said of one. */
const FEWEST_BEANS = 4;

function aboutOf(state: ManagerState, listing: Listing, room: number): number {
  const name = state.views[state.views.length - 1]?.name;
  if (name === 'container') return aboutLines(state, listing, room);
  if (name === 'why') return Math.max(0, Math.min(WHY, Math.floor((room * 2) / 3)));
  if (name === 'node-beans') return gridAbout(state, room);
  if (name === 'node-network') return talksAbout(room);
  const wide = name === 'journal' || (name === 'task-log' && listing.key !== null);
  return wide && room >= ROOM_FOR_ABOUT - ABOUT ? ABOUT + 1 : 0;
}

function aboutLines(state: ManagerState, { key }: Listing, room: number): number {
  const { tab, logWrap } = state;
  if (tab === 'beans') return Math.max(0, Math.min(panelNeeds(state), room - FEWEST_BEANS));
  if (tab === 'network') return Math.max(0, Math.min(networkHead(state), room - FEWEST_TALKERS));
  if (tab === 'parameters' && room >= ROOM_FOR_LONG) return LONG_ABOUT;
  const wanted = tab === 'parameters' || tab === 'events' || ((tab === 'log' || tab === 'console') && key !== null && !logWrap);
  return wanted && room >= ROOM_FOR_ABOUT - ABOUT ? ABOUT : 0;
}

export const listHeight = (state: ManagerState): number => viewLayout(state).list;
