// What the launcher says of an end or a failure, as the result or the error that the engine goes on with.
import { VzError } from '../errors.ts';
import type { EnterOutcome, LaunchFailure } from './launcher.ts';

export function launchFailed(failure: LaunchFailure): VzError {
  if (failure.errno === 'ECANCELED') return new VzError('cancelled', { what: failure.op });
  return new VzError('launch-failed', { ...failure });
}

/** Reads what `launcher enter` says of its end (HandBack.argv has the words). Throws VzError 'launch-failed' when the program was not executed. */
export function readEnd(text: string): EnterOutcome {
  const [how, first = '', index = '', op = '', syscall = '', ...rest] = text.split('\n');
  if (how === 'exit') return { code: Number(first), signal: null };
  if (how === 'signal') return { code: null, signal: Number(first) };
  throw launchFailed({ stage: first, index: Number(index), op, syscall, path: rest.slice(0, -1).join(' '), errno: rest.at(-1) ?? 'EIO' });
}
