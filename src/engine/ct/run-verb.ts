// The frame of every verb that changes a container: take the lock, do the steps with an undo stack, write the journal, release.
import { VzError } from '../errors.ts';
import { type HeldLock, takeLock } from '../store/lock.ts';
import { patience } from '../watch/timer.ts';
import { journaled, type Telling } from './journaled.ts';
import { Undo } from './undo.ts';
import type { VerbContext } from './verb.ts';

export interface VerbFrame {
  readonly verb: string;
  readonly id: number;
  /** Word in the lock file while it runs: starting, stopping or "". */
  readonly status?: 'starting' | 'stopping';
  /** Wait for the lock instead of refusing (the keeper's hand-over, which nobody can repeat). */
  readonly wait?: boolean;
  /** Verbs that are waited for, since they are soon done. */
  readonly behind?: readonly string[];
}

const FREE: HeldLock = { release: async () => {} };

/** What was waited for when it came is no news to who cancelled the verb. */
const cancelledVerb = (verb: string, cause: VzError): VzError =>
  new VzError('cancelled', { what: `${verb.charAt(0).toUpperCase()}${verb.slice(1)}` }, cause);

type Steps<T> = (undo: Undo, telling: Telling) => Promise<T>;

export function runVerb<T>(context: VerbContext, frame: VerbFrame, steps: Steps<T>): Promise<T> {
  return journaled(context, frame, (telling) => locked(context, frame, steps, telling));
}

async function locked<T>(context: VerbContext, frame: VerbFrame, steps: Steps<T>, telling: Telling): Promise<T> {
  const { host, node, signal, report, skipLock } = context;
  const { verb, id, status = '', wait = false, behind = [] } = frame;
  const stale = (path: string): void => report({ level: 0, text: `Removing stale lock file ${path}` });
  const lock = skipLock ? FREE : await takeLock(host, node, { id, verb, status, wait, behind, signal, stale, patience });
  const undo = new Undo();
  try {
    const result = await steps(undo, telling);
    undo.drop();
    return result;
  } catch (error) {
    for (const left of await undo.run()) telling.also(`undo: ${left instanceof Error ? left.message : String(left)}`);
    throw error instanceof VzError && error.code === 'cancelled' ? cancelledVerb(verb, error) : error;
  } finally {
    await lock.release();
  }
}

/** Throws VzError 'cancelled' when the caller has cancelled; asked between the steps of a verb. */
export function checkCancelled(context: VerbContext, what: string): void {
  if (context.signal.aborted) throw new VzError('cancelled', { what });
}
