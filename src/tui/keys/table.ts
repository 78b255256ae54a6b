// THE table of keys: what each does, where, when not, and what is asked before. Footer, help, dispatcher and tests are made from it.
import type { ManagerState } from '../store/state.ts';
import type { Action } from './action.ts';
import { CONTAINER_KEYS } from './container-keys.ts';
import { FORM_KEYS } from './form-keys.ts';
import { LIST_KEYS } from './list-keys.ts';
import { PANE_KEYS } from './pane-keys.ts';
import { SCREEN_KEYS } from './screen-keys.ts';
import { TABLE_KEYS } from './table-keys.ts';
import { TASK_KEYS } from './task-keys.ts';

const ROWS = {
  ...LIST_KEYS,
  ...TABLE_KEYS,
  ...CONTAINER_KEYS,
  ...FORM_KEYS,
  ...TASK_KEYS,
  ...PANE_KEYS,
  ...SCREEN_KEYS,
};

/** What a person can ask for, by name. */
export type ActionId = keyof typeof ROWS;
export const KEYS: Readonly<Record<ActionId, Action>> = ROWS;
export const isActionId = (name: string): name is ActionId => Object.hasOwn(ROWS, name);
/** In the order of help. */
export const ACTION_IDS = Object.keys(ROWS) as readonly ActionId[];

/** Text that a refusal in read-only mode says. */
export const READ_ONLY = 'Read-only: the manager was started to look only';

export function whyNot(action: Action, state: ManagerState): string | null {
  if (action.changes && state.readOnly) return READ_ONLY;
  return action.whyNot?.(state) ?? null;
}
