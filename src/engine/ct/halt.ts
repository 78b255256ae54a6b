// Asking init to end: which init wants to be asked how.
import type { ProcessId } from '../launcher/launcher.ts';
import { type JoinRequest, joinContainer } from './enter.ts';
import type { VerbContext } from './verb.ts';

/** systemd(1): SIGRTMIN+3 halts. SIGRTMIN is 34 for programs linked with glibc. */
const SYSTEMD_HALT = 34 + 3;
const SIGPWR = 30;

/** systemd takes a signal; every other init is asked by its own `halt`, as vzctl always did, until `over` says that it was asked long enough. */
export async function runHalt(context: VerbContext, id: number, init: ProcessId, over: AbortSignal): Promise<void> {
  const { host } = context;
  const program = host.files.readLink(`${host.proc}/${init.pid}/exe`) ?? '';
  if (program.endsWith('/systemd')) {
    await host.launcher.kill(init, SYSTEMD_HALT);
    return;
  }
  const request: JoinRequest = { argv: ['halt'], stdio: ['ignore', 'ignore', 'ignore'], signal: over };
  const halted = await joinContainer(context, id, init, request).catch(() => null);
  // No halt inside: SIGPWR is what init(8) of sysvinit and busybox take for a failing power supply.
  if (halted?.code !== 0 && !over.aborted) await host.launcher.kill(init, SIGPWR);
}
