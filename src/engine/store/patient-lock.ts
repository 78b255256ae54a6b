// Locks that everybody holds for moments, so that nobody gives up at once: waited for, but not for ever. Whoever holds one longer is stopped or stuck.
import { VzError } from '../errors.ts';
import type { FileInfo, Host } from '../host/port.ts';
import type { Lock } from '../launcher/launcher.ts';

/** A signal that comes after so many milliseconds. */
export type Patience = (ms: number) => AbortSignal;

/** Milliseconds: longer than the longest work behind such a lock takes on the slowest machine, for all that stand in the queue. */
const LIMIT = 10_000;

type Waiting = Pick<Host, 'files' | 'launcher' | 'proc'>;

const sameFile = (one: FileInfo | null, other: FileInfo | null): boolean => one?.ino === other?.ino && one?.dev === other?.dev;

/** Who has the lock now: the launcher's engine. /proc/locks knows no process of such locks, but each open file says which ones are its own. */
function holderOf({ files, proc }: Waiting, path: string): { readonly pid: number; readonly cmdline: string } | null {
  const stat = files.stat(path);
  const held = (pid: string): boolean =>
    (files.list(`${proc}/${pid}/fdinfo`) ?? []).some(
      (fd) => sameFile(files.stat(`${proc}/${pid}/fd/${fd}`), stat) && files.read(`${proc}/${pid}/fdinfo/${fd}`)?.includes('OFDLCK'),
    );
  const found = (files.list(proc) ?? []).find((pid) => {
    try {
      return /^\d+$/.test(pid) && held(pid);
    } catch {
      // it has ended meanwhile
      return false;
    }
  });
  if (stat === null || found === undefined) return null;
  const parent = Number(/^PPid:\t(\d+)$/m.exec(files.read(`${proc}/${found}/status`) ?? '')?.[1] ?? 0);
  const pid = parent > 1 ? parent : Number(found);
  return { pid, cmdline: (files.read(`${proc}/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim() };
}

/** Makes the directory of the lock's file. `limit`: milliseconds. Throws VzError 'lock-stuck' with its holder. */
export async function patientLock(host: Waiting, path: string, patience: Patience, limit = LIMIT): Promise<Lock> {
  host.files.mkdir(path.slice(0, path.lastIndexOf('/')), 0o700);
  const signal = patience(limit);
  try {
    return (await host.launcher.lock(path, { wait: true, signal })) ?? { release: async () => {} };
  } catch (error) {
    throw signal.aborted ? new VzError('lock-stuck', { path, seconds: limit / 1000, ...holderOf(host, path) }, error) : error;
  }
}
