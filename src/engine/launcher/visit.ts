// One `launcher enter`: a program in a running container, and what is said of it on descriptor 3.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { VzError } from '../errors.ts';
import type { EnterPlan } from '../spec/op.ts';
import type { EnterOutcome } from './launcher.ts';
import { launchFailed, readEnd } from './outcome.ts';
import { enterFile, Unframer } from './protocol.ts';

export interface VisitEvents {
  /** The program runs. */
  executed(): void;
  ended(outcome: EnterOutcome): void;
  /** It did not come to run (VzError 'launch-failed', 'cancelled'), or whoever waited for it is gone. Nothing but this is told then. */
  failed(error: unknown): void;
}

export interface Visit {
  readonly child: ChildProcess;
  /** Our end of descriptor 3: sizes of a pane go in. */
  readonly socket: Socket;
}

/** `stdio`: descriptors 0, 1, 2 of the program, or ways to its terminal. Throws VzError 'launch-failed' where not even the launcher can be started. */
export function visit(binary: string, plan: EnterPlan, stdio: readonly (number | 'ignore' | 'pipe')[], events: VisitEvents): Visit {
  const request = enterFile(plan);
  const child: ChildProcess = spawn(binary, ['enter'], { stdio: [...stdio, 'pipe'], env: {}, cwd: '/' });
  const unframer = new Unframer();
  let over = false;
  const settle = (tell: () => void): void => {
    if (!over) tell();
    over = true;
  };
  const lost = (errno: string): VzError => launchFailed({ stage: 'launcher', index: 0, op: 'enter', syscall: 'read', path: binary, errno });
  const broken = (errno: string): void => settle(() => events.failed(lost(errno)));
  child.on('error', (error: NodeJS.ErrnoException) => broken(error.code ?? 'EIO'));
  // Who joins may be frozen and holds the socket, too.
  child.on('exit', (_, signal) => signal && broken('EPIPE'));
  // Node has no pipes to show when it has found no free descriptors.
  if (!child.stdio) throw lost('EMFILE');
  const socket = child.stdio[3] as Socket;
  socket.on('error', () => broken('EPIPE'));
  socket.on('close', () => broken('EPIPE'));
  socket.on('data', (chunk: Buffer) => {
    for (const { payload } of unframer.push(chunk)) {
      if (payload.length === 0) events.executed();
      else settle(() => tellEnd(Buffer.from(payload).toString(), events));
    }
  });
  socket.write(request);
  return { child, socket };
}

function tellEnd(words: string, events: VisitEvents): void {
  let outcome: EnterOutcome;
  try {
    outcome = readEnd(words);
  } catch (error) {
    events.failed(error);
    return;
  }
  events.ended(outcome);
}
