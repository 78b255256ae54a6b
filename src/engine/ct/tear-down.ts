// The end of a start, however it came: processes, keeper, mounts, cgroups. Works from what is on disk and in the kernel alone,
// after kill -9 of anything at any moment; running it twice is harmless.

import { ifRoom } from '../host/room.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { takeDownRoot } from '../rootfs/tear-down.ts';
import { dropLease } from '../store/lease.ts';
import { liveInit, liveKeeper, readRecord, runDirOf } from '../store/record.ts';
import { readCt } from '../store/registry.ts';
import { within } from '../watch/timer.ts';
import { counted, DENYING, LEDGER, REFUSING } from './counted.ts';
import { ENDED } from './keeper-plan.ts';
import { leaveNetwork } from './network.ts';
import { checkRoot } from './places.ts';
import type { CtSettings } from './settings.ts';
import { viewNode } from './state.ts';
import type { VerbContext } from './verb.ts';

const SIGKILL = 9;
/** A keeper has only to see init's end and write its notes; one that takes longer is stuck in a hand-over that waits for us. */
const KEEPER_MS = 1000;

/** Tells the keeper that the end is on purpose: it hands over to nobody. Without room for it the hand-over finds out when it gets the lock. */
export function markEnded(context: VerbContext, id: number): void {
  const dir = runDirOf(context.node, id);
  if (context.host.files.stat(dir)) ifRoom(() => context.host.files.write(`${dir}/${ENDED}`, '', 0o600, 'boot'));
}

export function unmarkEnded(context: VerbContext, id: number): void {
  context.host.files.unlink(`${runDirOf(context.node, id)}/${ENDED}`);
}

/** From before the birth until init has been seen to live on, and from the beginning of its end. */
export function isMarkedEnded({ host, node }: Pick<VerbContext, 'host' | 'node'>, id: number): boolean {
  return host.files.stat(`${runDirOf(node, id)}/${ENDED}`) !== null;
}

/** Kills what still runs and waits for init's and the keeper's end; their id range is free then. `known`: the keeper, whose note goes before it has looked for our mark. */
export async function endProcesses(context: VerbContext, id: number, known: ProcessId | null = null): Promise<void> {
  const { host, node, cgroups } = context;
  const { launcher } = host;
  const init = liveInit(host, node, id);
  const keeper = known ?? liveKeeper(host, node, id);
  markEnded(context, id);
  await launcher.ops({ ops: cgroups(id).kill() });
  if (init) await launcher.ended(init);
  if (keeper && !(await within(KEEPER_MS, (signal) => launcher.ended(keeper, signal)))) {
    await launcher.kill(keeper, SIGKILL);
    await launcher.ended(keeper);
  }
  await dropLease(host, readRecord(host, node, id)?.lease ?? '');
}

async function closeCounts(context: VerbContext, id: number): Promise<void> {
  await counted(context, LEDGER, undefined, () => context.ledgers.close(id));
  await counted(context, REFUSING, undefined, () => context.refusals.forget(id));
  await counted(context, DENYING, undefined, () => context.forgetDenials(id));
}

/** Counters go with the groups: what they say last is kept. */
export async function removeCgroups(context: VerbContext, id: number): Promise<void> {
  const { host, cgroups } = context;
  await closeCounts(context, id);
  await host.launcher.ops({ ops: cgroups(id).remove() });
}

/** Does anything stand of what a start makes? */
export function remains({ host, node, cgroups }: VerbContext, { id, rootMount }: CtSettings): boolean {
  const groups = cgroups(id).directories.some((dir) => host.files.stat(dir) !== null);
  return groups || liveInit(host, node, id) !== null || viewNode(host).mounted.has(rootMount.root);
}

/** Mount points to take down: those on record; a mount without a start has none, then VE_ROOT. Throws VzError 'place-refused'. */
export function ownMounts(context: Pick<VerbContext, 'host' | 'node' | 'configs'>, { id, rootMount }: CtSettings): readonly string[] {
  const { host, node } = context;
  const record = readRecord(host, node, id);
  if (record === null) checkRoot(context, readCt(host, node, id));
  return record?.mounts ?? [rootMount.root];
}

/** Everything but the record and its outcome. */
export async function tearDown(context: VerbContext, settings: CtSettings): Promise<void> {
  const { host, cgroups } = context;
  const { id, rootMount } = settings;
  await endProcesses(context, id);
  await leaveNetwork(context, id);
  await closeCounts(context, id);
  await host.launcher.ops({ ops: [...takeDownRoot(host, rootMount, ownMounts(context, settings)), ...cgroups(id).remove()] });
}
