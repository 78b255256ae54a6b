// From a key to what is to be done about it: the only place where read-only mode, busy states and questions are checked. Pure.
import type { ManagerState, Question } from '../store/state.ts';
import { keysFor } from './action.ts';
import { type Mode, modeOf, SIGNS, TEXT_MODES } from './mode.ts';
import { subjectOf } from './subject.ts';
import { actionOf, type KeyTable, tableOf, whyNot } from './table.ts';

/** `action` is a name in the table of keys. */
export type Verdict =
  | { readonly kind: 'do'; readonly action: string }
  | { readonly kind: 'ask'; readonly action: string; readonly question: Question }
  | { readonly kind: 'refuse'; readonly action: string; readonly reason: string };

const isPrintable = (key: string): boolean => key === 'space' || [...key].length === 1;

/** In text modes printable keys are text. */
export const worksIn = (key: string, mode: Mode): boolean =>
  !(TEXT_MODES.has(mode) && isPrintable(key)) || (mode === 'amount' && SIGNS.has(key));

/** Key → action for each mode. */
const KEYMAPS = new WeakMap<KeyTable, Map<Mode, ReadonlyMap<string, string>>>();

function keymapOf(table: KeyTable, mode: Mode): ReadonlyMap<string, string> {
  const maps = KEYMAPS.get(table) ?? new Map<Mode, ReadonlyMap<string, string>>();
  KEYMAPS.set(table, maps);
  const known = maps.get(mode);
  if (known !== undefined) return known;
  const pairs = Object.entries(table.rows).flatMap(([id, row]) =>
    row.when.includes(mode)
      ? keysFor(row, mode)
          .filter((key) => worksIn(key, mode))
          .map((key) => [key, id] as const)
      : [],
  );
  const map = new Map(pairs);
  maps.set(mode, map);
  return map;
}

export function actionFor(state: ManagerState, key: string): string | null {
  return keymapOf(tableOf(state), modeOf(state)).get(key) ?? null;
}

/** What happens when an action is asked for. */
export function judge(state: ManagerState, action: string): Verdict {
  const row = actionOf(state, action);
  if (row === null) return { kind: 'refuse', action, reason: `There is no action ${action}` };
  const reason = whyNot(row, state);
  if (reason !== null) return { kind: 'refuse', action, reason };
  const question = row.danger?.(state) ?? null;
  return question === null ? { kind: 'do', action } : { kind: 'ask', action, question };
}

/** What the answer to a question leads to: the state may have changed while it stood there, and another container be under the cursor. */
export function judgeAnswer(state: ManagerState, action: string, question: Question): Verdict {
  if (question.ct !== null && subjectOf(state)?.id !== question.ct) return { kind: 'refuse', action, reason: `${question.ct} is gone` };
  const { cts } = question;
  if (cts !== undefined && !cts.every((ct) => state.marks.has(ct)))
    return { kind: 'refuse', action, reason: 'What was marked has changed meanwhile; ask again' };
  const verdict = judge(state, action);
  return verdict.kind === 'ask' ? { kind: 'do', action } : verdict;
}
