// Who a key is for: what floats above the view, the line being typed into, or the view. Pure.
import type { ManagerState, Overlay, ViewName } from '../store/state.ts';

export const MODES = [
  'table',
  'filter',
  'container',
  'tasks',
  'trouble',
  'panes',
  'create',
  'plan',
  'help',
  'confirm',
  'template',
  'palette',
] as const;
export type Mode = ViewName | Overlay['kind'] | 'filter' | 'plan';

export const LISTS: readonly Mode[] = ['table', 'filter', 'container', 'tasks', 'trouble', 'plan', 'panes', 'help', 'palette'];
export const ABOUT_CT: readonly Mode[] = ['table', 'container', 'trouble'];
export const TYPED: readonly Mode[] = ['filter', 'create', 'template', 'palette'];
/** Nothing is typed and nothing floats. */
export const PLAIN: readonly Mode[] = MODES.filter((mode) => !TYPED.includes(mode) && mode !== 'confirm' && mode !== 'help');

/** In these a printable key is text. */
export const TEXT_MODES: ReadonlySet<Mode> = new Set(TYPED);

export function modeOf(state: ManagerState): Mode {
  if (state.overlay !== null) return state.overlay.kind;
  const view = topView(state).name;
  if (view === 'table' && state.filtering) return 'filter';
  return view === 'create' && state.plan !== null ? 'plan' : view;
}

export function topView(state: ManagerState): ManagerState['views'][number] {
  return state.views[state.views.length - 1] ?? state.views[0];
}
