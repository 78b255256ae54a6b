// Locks that everybody holds for moments, so that nobody gives up at once: waited for, but not for ever. Whoever holds one longer is stopped or stuck.
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import type { Lock } from '../launcher/launcher.ts';

/** A signal that comes after so many milliseconds. */
export type Patience = (ms: number) => AbortSignal;

/** Longer than the longest work behind such a lock takes on the slowest machine, for all that stand in the queue. */
const LIMIT = 10_000;

/** Makes the directory of the lock's file. Throws VzError 'lock-stuck'. */
export async function patientLock({ files, launcher }: Pick<Host, 'files' | 'launcher'>, path: string, patience: Patience): Promise<Lock> {
  files.mkdir(path.slice(0, path.lastIndexOf('/')), 0o700);
  const signal = patience(LIMIT);
  try {
    return (await launcher.lock(path, { wait: true, signal })) ?? { release: async () => {} };
  } catch (error) {
    throw signal.aborted ? new VzError('lock-stuck', { path, seconds: LIMIT / 1000 }, error) : error;
  }
}
