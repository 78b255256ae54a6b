// What the table of states says to a verb, for the state that the container is in now.
import { VzError } from '../errors.ts';
import { type CtState, decide, type Verb } from '../spec/states.ts';
import type { CtSettings } from './settings.ts';
import { liveState, viewNode } from './state.ts';
import type { VerbContext } from './verb.ts';

export interface Asked {
  readonly state: CtState;
  /** Why there is nothing to do although that is no error; null when there is. */
  readonly idle: string | null;
}

/** The caller holds the container's lock. Throws the table's refusal. */
export function askTable(context: VerbContext, verb: Verb, { id, rootMount }: CtSettings): Asked {
  const { host, node } = context;
  const exists = host.files.stat(rootMount.private) !== null;
  const { state } = liveState(host, node, viewNode(host), { id, exists, root: rootMount.root, mine: true });
  const verdict = decide(verb, state);
  if ('refuse' in verdict) {
    throw new VzError(verdict.refuse, { ct: id, state, verb, path: rootMount.private, instead: verdict.instead });
  }
  return { state, idle: 'idle' in verdict ? verdict.idle : null };
}
