// Who a key is for: what floats above the view, the line being typed into, or the view. Pure.
import { isAmount } from '../forms/parameter-form.ts';
import { listingOf } from '../store/listing.ts';
import type { ManagerState, Overlay, ViewName } from '../store/state.ts';
import type { Tab } from '../store/tabs.ts';

export const MODES = [
  'table',
  'filter',
  'container',
  'tasks',
  'trouble',
  'templates',
  'panes',
  'copy',
  'prompt',
  'create',
  'plan',
  'bulk',
  'made',
  'save',
  'help',
  'confirm',
  'template',
  'palette',
  'ask',
  'columns',
  'processes',
  'console',
  'log',
  'parameters',
  'events',
  'beans',
  'network',
  'node-processes',
  'node-beans',
  'node-network',
  'journal',
  'why',
  'task-log',
  'finding',
  'signal',
  'renice',
  'changes',
  'parameter',
  'amount',
  'items',
  'item',
  'samples',
  'sample-name',
] as const;
export type Mode =
  | ViewName
  | Overlay['kind']
  | Exclude<Tab, 'overview'>
  | 'filter'
  | 'plan'
  | 'copy'
  | 'prompt'
  | 'finding'
  | 'amount'
  | 'item';

/** The container view, by tab; its first tab is the view itself. */
const TAB_MODES: Readonly<Record<Tab, Mode>> = {
  overview: 'container',
  processes: 'processes',
  console: 'console',
  log: 'log',
  parameters: 'parameters',
  events: 'events',
  beans: 'beans',
  network: 'network',
};
export const OF_CT: readonly Mode[] = Object.values(TAB_MODES);
/** Lists with a cursor, and a line that narrows them. */
export const FOUND_IN: readonly Mode[] = [
  'processes',
  'node-processes',
  'console',
  'log',
  'parameters',
  'events',
  'beans',
  'node-beans',
  'network',
  'node-network',
  'journal',
  'task-log',
];

export const LISTS: readonly Mode[] = [
  'table',
  'filter',
  'container',
  ...FOUND_IN,
  'why',
  'finding',
  'signal',
  'tasks',
  'trouble',
  'templates',
  'template',
  'plan',
  'made',
  'panes',
  'help',
  'palette',
  'columns',
  'bulk',
  'changes',
  'samples',
];
export const ABOUT_CT: readonly Mode[] = ['table', 'trouble', ...OF_CT];
export const TYPED: readonly Mode[] = [
  'filter',
  'create',
  'save',
  'template',
  'palette',
  'ask',
  'columns',
  'prompt',
  'finding',
  'renice',
  'parameter',
  'amount',
  'item',
  'sample-name',
];
/** In these the signs of arithmetic are no text: no amount has one. */
export const SIGNS: ReadonlySet<string> = new Set(['+', '-', '*', '/', '=']);
/** Nothing is typed, nothing floats, and letters are not vi's. */
export const PLAIN: readonly Mode[] = MODES.filter(
  (mode) => !TYPED.includes(mode) && !['confirm', 'help', 'copy', 'signal', 'samples', 'items'].includes(mode),
);

/** In these a printable key is text. */
export const TEXT_MODES: ReadonlySet<Mode> = new Set(TYPED);

export function modeOf(state: ManagerState): Mode {
  const { overlay } = state;
  if (overlay?.kind === 'items') return overlay.form.filled === null ? 'items' : 'item';
  if (overlay !== null) return overlay.kind === 'parameter' && isAmount(overlay.form.param) ? 'amount' : overlay.kind;
  const view = topView(state).name;
  if (listingOf(state).finding) return 'finding';
  if (view === 'container') return TAB_MODES[state.tab];
  if (view === 'table' && state.filtering) return 'filter';
  if (view === 'panes') return paneMode(state);
  return view === 'create' && state.plan !== null ? 'plan' : view;
}

function paneMode({ prompt, panes, paneCursor }: ManagerState): Mode {
  if (prompt !== null) return 'prompt';
  return panes.some((pane) => pane.id === paneCursor && pane.copy !== null) ? 'copy' : 'panes';
}

export function topView(state: ManagerState): ManagerState['views'][number] {
  return state.views[state.views.length - 1] ?? state.views[0];
}
