// Notes that launcher and keeper leave of a process, "PID STARTTIME\n": who it was, if it still lives.
import type { Host, Origin } from '../host/port.ts';
import type { ProcessId } from '../launcher/launcher.ts';

/** `parent`: pid of whose child it was when it was looked at. */
export type LiveProcess = ProcessId & Origin;

/** null: nothing is noted there, or that process has ended. */
export function liveProcess(host: Host, path: string): LiveProcess | null {
  const match = /^(\d+) (\d+)\n/.exec(host.files.readTrusted(path) ?? '');
  if (!match) return null;
  const pid = Number(match[1]);
  const origin = host.origin(pid);
  return origin !== null && origin.startTime === BigInt(match[2] ?? 0) ? { pid, ...origin } : null;
}
