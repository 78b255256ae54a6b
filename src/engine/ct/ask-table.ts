// What the table of states says to a verb, for the state that the container is in now.
import { VzError } from '../errors.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { type CtState, decide, type Verb, type Verdict } from '../spec/states.ts';
import type { CtSettings } from './settings.ts';
import { liveState, viewNode } from './state.ts';
import { isMarkedEnded } from './tear-down.ts';
import type { Reader, VerbContext } from './verb.ts';

export interface Asked {
  readonly state: CtState;
  /** Why there is nothing to do although that is no error; null when there is. */
  readonly idle: string | null;
}

type Allowed = Exclude<Verdict, { readonly refuse: unknown }>;

/** Throws the table's refusal, with `fields` for its text. */
export function allowed(verb: Verb, state: CtState, fields: VzError['fields'] = {}): Allowed {
  const verdict = decide(verb, state);
  if (!('refuse' in verdict)) return verdict;
  throw new VzError(verdict.refuse, { state, verb, instead: verdict.instead, ...fields });
}

/** Init of a container that somebody wants to go into, or to see the terminals of; no lock is needed for that. Throws the table's refusal. */
export function initToJoin(context: Reader, verb: 'enter' | 'exec' | 'console', id: number): ProcessId {
  const { host } = context;
  const { state, init } = liveState(context, viewNode(host), { id, exists: true, root: '' });
  allowed(verb, state, { ct: id });
  // During a birth what is noted as init may still stand on the node's files; its terminals are its own from the beginning.
  const unborn = state === 'starting' && verb !== 'console' && isMarkedEnded(context, id);
  if (!init || unborn) throw new VzError('not-running');
  return init;
}

/** The caller holds the container's lock. Throws the table's refusal. */
export function askTable(context: VerbContext, verb: Verb, { id, rootMount }: CtSettings): Asked {
  const { host } = context;
  const exists = host.files.stat(rootMount.private) !== null;
  const { state } = liveState(context, viewNode(host), { id, exists, root: rootMount.root, mine: true });
  const verdict = allowed(verb, state, { ct: id, path: rootMount.private });
  return { state, idle: 'idle' in verdict ? verdict.idle : null };
}
