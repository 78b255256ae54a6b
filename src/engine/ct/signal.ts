// Signals to processes of a container, and their place in the queue for the CPU. A process is its pid and its start: one that has taken a pid
// over is never meant.
import { VzError } from '../errors.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { liveInit } from '../store/record.ts';
import { type JournalContext, noted } from './journaled.ts';
import type { VerbContext } from './verb.ts';

type Context = JournalContext & Pick<VerbContext, 'members'>;

/** Throws VzError 'no-process' for one that has ended, or that is none of the container's. */
function checkInside(context: Context, id: number, { pid, startTime }: ProcessId): void {
  const { host, node } = context;
  if (!liveInit(host, node, id)) throw new VzError('not-running');
  if (context.members(id).includes(pid) && host.startTime(pid) === startTime) return;
  throw new VzError('no-process', { ct: id, pid });
}

/** By pidfd, opened and compared with the start by the launcher: between our look and the signal no other process can come to it. */
export async function signalProcess(context: Context, id: number, process: ProcessId, signal: number): Promise<void> {
  checkInside(context, id, process);
  if (!(await context.host.launcher.kill(process, signal))) throw new VzError('no-process', { ct: id, pid: process.pid });
  noted(context, { verb: 'signal', id }, `signal ${signal} to process ${process.pid}`);
}

/**
 * All threads of a process. The kernel takes no pidfd for it, so the start is asked right before: a process that ends in these microseconds,
 * and whose pid is given anew in them, would be meant instead.
 */
export function reniceProcess(context: Context, id: number, process: ProcessId, nice: number): void {
  const { host } = context;
  if (!Number.isInteger(nice) || nice < -20 || nice > 19) throw new VzError('bad-value', { key: 'nice', value: nice, hint: '-20 to 19' });
  for (const thread of host.files.list(`${host.proc}/${process.pid}/task`) ?? []) {
    checkInside(context, id, process);
    host.setNice(Number(thread), nice);
  }
  checkInside(context, id, process);
  noted(context, { verb: 'renice', id }, `nice ${nice} for process ${process.pid}`);
}
