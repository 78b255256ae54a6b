// The keeper's hand-over: init has ended and nobody asked for it from outside. A reboot inside starts the container again,
// a halt is a clean stop, anything else is trouble that status, journal and manager show.

import { VzError } from '../errors.ts';
import { backOff, closeRecord, exitNote, liveInit, readRecord } from '../store/record.ts';
import { after } from '../watch/timer.ts';
import { consoleTail } from './console-tail.ts';
import { dropCounting } from './counted.ts';
import { describeEnd, initEnd } from './exit-status.ts';
import { leaveNetwork } from './network.ts';
import { runVerb } from './run-verb.ts';
import type { CtSettings } from './settings.ts';
import { start } from './start.ts';
import { endProcesses, removeCgroups } from './tear-down.ts';
import { umountStep } from './umount.ts';
import type { VerbContext } from './verb.ts';

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
    const oomKills = context.oomKills(id);
    await endProcesses(context, id);
    await leaveNetwork(context, id);
    // a script that refuses is told in the journal, and keeps nobody from ending or from coming again
    const umounted = await umountStep(context, settings).catch((error: unknown) => error);
    await removeCgroups(context, id);
    const trouble = end === 'died' ? `Init ${describeEnd(exit, oomKills)}` : umounted instanceof Error ? umounted.message : '';
    const reboots = host.now() - record.at > STEADY * 1000 ? 1 : record.reboots + 1;
    const at = host.now();
    closeRecord(host, node, id, end === 'halt' && trouble === '' ? null : { at, trouble, lines, reboots });
    if (end !== 'reboot') await dropCounting(context);
    return end === 'reboot' ? { reboots, due: at } : null;
  });
  if (!again) return;
  if (again.reboots > 1) await after(backOff(again.reboots), signal);
  if (signal.aborted) return;
  await start(context, settings, again).catch((error: unknown) => {
    if (!(error instanceof VzError && error.code === 'cancelled')) throw error;
  });
}
