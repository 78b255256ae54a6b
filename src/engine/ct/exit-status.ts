// How init ended, from its wait status (waitpid(2)). In a pid namespace of its own reboot(2) ends init with a signal:
// SIGHUP for restart, SIGINT for halt and power-off.

export interface ExitNote {
  readonly status: number;
}

export type InitEnd = 'reboot' | 'halt' | 'died';

const SIGHUP = 1;
const SIGINT = 2;

export function initEnd(note: ExitNote | null): InitEnd {
  const signal = (note?.status ?? 0xff00) & 0x7f;
  if (note && signal === SIGHUP) return 'reboot';
  if (note && signal === SIGINT) return 'halt';
  return 'died';
}

const SIGKILL = 9;

/** The same where the kernel may have killed it: `oomKills` is the count of the container. */
export function describeEnd(note: ExitNote | null, oomKills: number): string {
  const oom = oomKills > 0 && ((note?.status ?? 0) & 0x7f) === SIGKILL;
  return oom ? 'was killed for lack of memory (physpages)' : describeExit(note);
}

/** "exited with 127", "was ended by signal 9", "ended (nobody saw how)". */
export function describeExit(note: ExitNote | null): string {
  if (!note) return 'ended (nobody saw how)';
  const signal = note.status & 0x7f;
  return signal === 0 ? `exited with ${(note.status >> 8) & 0xff}` : `was ended by signal ${signal}`;
}
