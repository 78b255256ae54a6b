// Who a key is for: what floats above the view, the line being typed into, or the view. Pure.
import type { ManagerState, Overlay, ViewName } from '../store/state.ts';

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
  'help',
  'confirm',
  'template',
  'palette',
  'columns',
] as const;
export type Mode = ViewName | Overlay['kind'] | 'filter' | 'plan' | 'copy' | 'prompt';

export const LISTS: readonly Mode[] = [
  'table',
  'filter',
  'container',
  'tasks',
  'trouble',
  'templates',
  'template',
  'plan',
  'panes',
  'help',
  'palette',
  'columns',
];
export const ABOUT_CT: readonly Mode[] = ['table', 'container', 'trouble'];
export const TYPED: readonly Mode[] = ['filter', 'create', 'template', 'palette', 'columns', 'prompt'];
/** Nothing is typed, nothing floats, and letters are not vi's. */
export const PLAIN: readonly Mode[] = MODES.filter((mode) => !TYPED.includes(mode) && !['confirm', 'help', 'copy'].includes(mode));

/** In these a printable key is text. */
export const TEXT_MODES: ReadonlySet<Mode> = new Set(TYPED);

export function modeOf(state: ManagerState): Mode {
  if (state.overlay !== null) return state.overlay.kind;
  const view = topView(state).name;
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
