// Notes that launcher and keeper leave of a process, "PID STARTTIME\n": who it was, if it still lives.
import type { Host } from '../host/port.ts';
import type { ProcessId } from '../launcher/launcher.ts';

/** null: nothing is noted there, or that process has ended. */
export function liveProcess(host: Host, path: string): ProcessId | null {
  const match = /^(\d+) (\d+)\n/.exec(host.files.read(path) ?? '');
  if (!match) return null;
  const process = { pid: Number(match[1]), startTime: BigInt(match[2] ?? 0) };
  return host.startTime(process.pid) === process.startTime ? process : null;
}
