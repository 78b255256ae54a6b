// vzctl umount, and the unmount step of stop and start.
import { VzError } from '../errors.ts';
import { umountAll } from '../rootfs/tear-down.ts';
import { runHostScripts } from './action-scripts.ts';
import { runVerb } from './run-verb.ts';
import type { CtSettings } from './settings.ts';
import { liveState, viewNode } from './state.ts';
import type { VerbContext } from './verb.ts';

/** Scripts, then everything at and below VE_ROOT. */
export async function umountStep(context: VerbContext, settings: CtSettings): Promise<void> {
  const { host, report } = context;
  const { id, rootMount } = settings;
  await runHostScripts(context, id, 'umount');
  await host.launcher.ops({ ops: umountAll(host, [rootMount.root, `${rootMount.scratch}/lower`, `${rootMount.scratch}/upper`]) });
  report({ level: 0, text: 'Container is unmounted' });
  await runHostScripts(context, id, 'postumount');
}

export async function umount(context: VerbContext, settings: CtSettings): Promise<void> {
  const { host, node } = context;
  await runVerb(context, { verb: 'umount', id: settings.id }, async () => {
    const { state } = liveState(host, node, viewNode(host), { id: settings.id, exists: true, root: settings.rootMount.root });
    if (state === 'running' || state === 'frozen') throw new VzError('umount-running');
    if (state !== 'mounted') throw new VzError('not-mounted');
    await umountStep(context, settings);
  });
}
