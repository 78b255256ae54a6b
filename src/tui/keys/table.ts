// THE table of keys: what each does, where, when not, and what is asked before. Footer, help, dispatcher and tests are made from it.
import type { ManagerState } from '../store/state.ts';
import type { Action } from './action.ts';
import type { Bindings } from './bindings.ts';
import { COLUMN_KEYS } from './column-keys.ts';
import { CONTAINER_KEYS } from './container-keys.ts';
import { COPY_KEYS } from './copy-keys.ts';
import { FORM_KEYS } from './form-keys.ts';
import { GRID_KEYS } from './grid-keys.ts';
import { ITEM_KEYS } from './item-keys.ts';
import { JOURNAL_KEYS } from './journal-keys.ts';
import { LIST_KEYS } from './list-keys.ts';
import { MADE_KEYS } from './made-keys.ts';
import { MARK_KEYS } from './mark-keys.ts';
import { NETWORK_KEYS } from './network-keys.ts';
import { ownAction } from './own-keys.ts';
import { PALETTE_KEYS } from './palette-keys.ts';
import { PANE_KEYS } from './pane-keys.ts';
import { PARAMETER_KEYS } from './parameter-keys.ts';
import { SCREEN_KEYS } from './screen-keys.ts';
import { TABLE_KEYS } from './table-keys.ts';
import { TASK_KEYS } from './task-keys.ts';
import { TEMPLATE_KEYS } from './template-keys.ts';
import { TOUR_KEYS } from './tour-keys.ts';
import { UBC_KEYS } from './ubc-keys.ts';
import { VIEW_KEYS } from './view-keys.ts';
import { WHY_KEYS } from './why-keys.ts';

const ROWS = {
  ...LIST_KEYS,
  ...TABLE_KEYS,
  ...COLUMN_KEYS,
  ...CONTAINER_KEYS,
  ...MARK_KEYS,
  ...FORM_KEYS,
  ...MADE_KEYS,
  ...TASK_KEYS,
  ...TEMPLATE_KEYS,
  ...PANE_KEYS,
  ...JOURNAL_KEYS,
  ...PALETTE_KEYS,
  ...COPY_KEYS,
  ...VIEW_KEYS,
  ...PARAMETER_KEYS,
  ...ITEM_KEYS,
  ...UBC_KEYS,
  ...GRID_KEYS,
  ...NETWORK_KEYS,
  ...WHY_KEYS,
  ...TOUR_KEYS,
  ...SCREEN_KEYS,
};

/** What a person can ask for, by name. */
export type ActionId = keyof typeof ROWS;
export const KEYS: Readonly<Record<ActionId, Action>> = ROWS;
export const isActionId = (name: string): name is ActionId => Object.hasOwn(ROWS, name);
/** In the order of help. */
export const ACTION_IDS = Object.keys(ROWS) as readonly ActionId[];

/** The table with what a person has changed about it. */
export interface KeyTable {
  readonly rows: Readonly<Record<string, Action>>;
  /** In the order of help. */
  readonly ids: readonly string[];
}

const TABLES = new WeakMap<Bindings, KeyTable>();

export const ownId = (name: string): string => `own:${name}`;

export function tableOf({ bindings }: { readonly bindings: Bindings }): KeyTable {
  const known = TABLES.get(bindings);
  if (known !== undefined) return known;
  const { keys, own } = bindings;
  // whoever gives an action other keys means them everywhere
  const built = ACTION_IDS.map((id) => {
    const given = keys.get(id);
    return [id, given === undefined ? KEYS[id] : { ...KEYS[id], keys: given, keysIn: {} }] as const;
  });
  const rows = Object.fromEntries([...built, ...own.map((command, place) => [ownId(command.name), ownAction(command, place)] as const)]);
  const table = { rows, ids: Object.keys(rows) };
  TABLES.set(bindings, table);
  return table;
}

/** The row of an action; null for a name that is none (any more). */
export const actionOf = (state: { readonly bindings: Bindings }, id: string): Action | null => tableOf(state).rows[id] ?? null;

/** Texts that a refusal in read-only mode says. */
export const READ_ONLY = 'Read-only: the manager was started to look only';
const READ_ONLY_NOW = 'Read-only: Ctrl-R ends that';

export function whyNot(action: Action, state: ManagerState): string | null {
  if (action.changes && state.readOnly) return state.readOnlyFixed ? READ_ONLY : READ_ONLY_NOW;
  return action.whyNot?.(state) ?? null;
}
