// A container whose keeper was killed lives on, unattended; the next verb that leaves it running (console, set, a start of what runs) gives it
// a new keeper: new terminals over the dead ones, the history lost and said so. Whoever only looks changes nothing.
import { VzError } from '../errors.ts';
import { ttyPath } from '../rootfs/wall/devices.ts';
import { liveInit, liveKeeper, readRecord } from '../store/record.ts';
import { keeperParts, keeperPlan } from './keeper-plan.ts';
import type { CtSettings } from './settings.ts';
import type { VerbContext } from './verb.ts';

/** Does nothing when a keeper lives, or nothing runs. The caller holds the container's lock. */
export async function ensureKeeper(context: VerbContext, settings: CtSettings): Promise<void> {
  const { host, node, report } = context;
  const { id } = settings;
  const init = liveInit(host, node, id);
  if (!init || liveKeeper(host, node, id)) return;
  const record = readRecord(host, node, id);
  if (!record) return;
  // As it was started: the config may have changed since.
  const rootMount = { ...settings.rootMount, root: record.mounts[0] ?? settings.rootMount.root };
  const parts = keeperParts(context, { ...settings, rootMount, ttys: record.ttys }, record.idBase, record.lease);
  await host.launcher.adopt({
    ...keeperPlan(parts),
    pid: init.pid,
    startTime: init.startTime,
    prepare: parts.cgroups.joinKeeper(),
    inside: record.ttys.map((tty) => ({ op: 'ttyAt', tty, path: ttyPath(tty) })),
  });
  report({ level: 0, text: 'The keeper was gone: a new one holds the console, what was printed before is lost' });
}

/** The same on the way to something else, which goes on without. */
export async function offerKeeper(context: VerbContext, settings: CtSettings): Promise<void> {
  try {
    await ensureKeeper(context, settings);
  } catch (error) {
    if (!(error instanceof VzError)) throw error;
    context.report({ level: -1, text: `Warning: container ${settings.id} has no keeper and got none: ${error.message}` });
  }
}
