// The keeper's hand-over: init has ended and nobody asked for it from outside. A reboot inside starts the container again,
// a halt is a clean stop, anything else is trouble that status, journal and manager show.

import { closeRecord, exitNote, liveInit, readRecord } from '../store/record.ts';
import { after } from '../watch/timer.ts';
import { consoleTail } from './console-tail.ts';
import { describeExit, initEnd } from './exit-status.ts';
import { runVerb } from './run-verb.ts';
import type { CtSettings } from './settings.ts';
import { start } from './start.ts';
import { endProcesses, removeCgroups } from './tear-down.ts';
import { umountStep } from './umount.ts';
import type { VerbContext } from './verb.ts';

const BACK_OFF_MAX = 60;
/** A container that ran this long before its reboot begins the back-off anew, seconds. */
const STEADY = 60;

export async function exited(context: VerbContext, settings: CtSettings): Promise<void> {
  const { host, node, signal } = context;
  const { id } = settings;
  const again = await runVerb(context, { verb: 'exited', id, status: 'stopping', wait: true }, async () => {
    const record = readRecord(host, node, id);
    // Somebody else has cleaned up or started it anew while we waited for the lock.
    if (!record || liveInit(host, node, id)) return null;
    const exit = exitNote(host, node, id);
    const end = initEnd(exit);
    const lines = consoleTail(host, node, id);
    await endProcesses(context, id);
    await umountStep(context, settings);
    await removeCgroups(context, id);
    const trouble = end === 'died' ? `Init ${describeExit(exit)}` : '';
    const reboots = host.now() - record.at > STEADY * 1000 ? 1 : record.reboots + 1;
    const at = host.now();
    closeRecord(host, node, id, end === 'halt' ? null : { at, trouble, lines, reboots });
    return end === 'reboot' ? { reboots, due: at } : null;
  });
  if (!again) return;
  // The first reboot is at once; a loop of them slows down: 1, 2, 4 … 60 seconds.
  if (again.reboots > 1) await after(1000 * Math.min(BACK_OFF_MAX, 2 ** (again.reboots - 2)), signal);
  if (!signal.aborted) await start(context, settings, again);
}
