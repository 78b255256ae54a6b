// Changes of parameters that were made in the form and are not saved yet, by container and config key. Pure.
import type { Change } from '../../engine/index.ts';
import type { ManagerState } from './state.ts';
import type { Draft, DraftEntry } from './view-state.ts';

const NOTHING: Draft = new Map();

export const draftOf = ({ drafts }: Pick<ManagerState, 'drafts'>, ct: number): Draft => drafts.get(ct) ?? NOTHING;

type StateChange = Partial<ManagerState>;

/** `entry` null: the parameter is left as it is. */
export function withEntry({ drafts }: ManagerState, ct: number, key: string, entry: DraftEntry | null): StateChange {
  const draft = new Map(drafts.get(ct));
  if (entry === null) draft.delete(key);
  else draft.set(key, entry);
  const all = new Map(drafts);
  if (draft.size === 0) all.delete(ct);
  else all.set(ct, draft);
  return { drafts: all };
}

/** Without the parameters that have just been saved so; what was changed anew meanwhile stays. */
export function withoutSaved(state: ManagerState, ct: number, saved: Draft): StateChange {
  const left = new Map([...draftOf(state, ct)].filter(([key, entry]) => saved.get(key) !== entry));
  const all = new Map(state.drafts);
  if (left.size === 0) all.delete(ct);
  else all.set(ct, left);
  return { drafts: all };
}

export const changesIn = (draft: Draft): ReadonlyMap<string, Change> => new Map([...draft].map(([key, { change }]) => [key, change]));

/** Parameters that are changed and not saved, of all containers. */
export const unsaved = ({ drafts }: Pick<ManagerState, 'drafts'>): number => [...drafts.values()].reduce((sum, { size }) => sum + size, 0);
