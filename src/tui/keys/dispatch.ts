// From a key to what is to be done about it: the only place where read-only mode, busy states and questions are checked. Pure.
import type { ManagerState, Question } from '../store/state.ts';
import { type Mode, modeOf, TEXT_MODES } from './mode.ts';
import { subjectOf } from './subject.ts';
import { ACTION_IDS, type ActionId, isActionId, KEYS, whyNot } from './table.ts';

export type Verdict =
  | { readonly kind: 'do'; readonly action: ActionId }
  | { readonly kind: 'ask'; readonly action: ActionId; readonly question: Question }
  | { readonly kind: 'refuse'; readonly action: ActionId; readonly reason: string };

const isPrintable = (key: string): boolean => key === 'space' || [...key].length === 1;

/** In text modes printable keys are text. */
export const worksIn = (key: string, mode: Mode): boolean => !(TEXT_MODES.has(mode) && isPrintable(key));

/** Key → action for each mode. */
const KEYMAPS = new Map<Mode, ReadonlyMap<string, ActionId>>();

function keymapOf(mode: Mode): ReadonlyMap<string, ActionId> {
  const known = KEYMAPS.get(mode);
  if (known !== undefined) return known;
  const actions = ACTION_IDS.filter((id) => KEYS[id].when.includes(mode));
  const map = new Map(actions.flatMap((id) => KEYS[id].keys.filter((key) => worksIn(key, mode)).map((key) => [key, id] as const)));
  KEYMAPS.set(mode, map);
  return map;
}

export function actionFor(state: ManagerState, key: string): ActionId | null {
  return keymapOf(modeOf(state)).get(key) ?? null;
}

/** What happens when an action is asked for. */
export function judge(state: ManagerState, action: ActionId): Verdict {
  const reason = whyNot(KEYS[action], state);
  if (reason !== null) return { kind: 'refuse', action, reason };
  const question = KEYS[action].danger?.(state) ?? null;
  return question === null ? { kind: 'do', action } : { kind: 'ask', action, question };
}

/** What the answer to a question leads to: the state may have changed while it stood there, and another container be under the cursor. */
export function judgeAnswer(state: ManagerState, action: string, question: Question): Verdict {
  if (!isActionId(action)) throw new Error(`No action ${action}`);
  if (question.ct !== null && subjectOf(state)?.id !== question.ct) return { kind: 'refuse', action, reason: `${question.ct} is gone` };
  const reason = whyNot(KEYS[action], state);
  return reason === null ? { kind: 'do', action } : { kind: 'refuse', action, reason };
}
