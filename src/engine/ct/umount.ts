// vzctl umount, and the unmount step of stop and start.
import { takeDownRoot } from '../rootfs/tear-down.ts';
import { runDirOf } from '../store/record.ts';
import { runHostScripts } from './action-scripts.ts';
import { askTable } from './ask-table.ts';
import { explainUmount } from './explain.ts';
import { runVerb } from './run-verb.ts';
import type { CtSettings } from './settings.ts';
import { ownMounts } from './tear-down.ts';
import type { VerbContext } from './verb.ts';

/** Scripts, then everything at and below what is the container's own. Throws VzError 'place-refused'. */
export async function umountStep(context: VerbContext, settings: CtSettings, scripts = true): Promise<void> {
  const { host, report } = context;
  const { id, rootMount } = settings;
  const own = ownMounts(context, settings);
  if (scripts) await runHostScripts(context, id, 'umount');
  await host.launcher.ops({ ops: takeDownRoot(host, rootMount, own) }).catch((error: unknown) => {
    throw explainUmount(error, rootMount);
  });
  report({ level: 0, text: 'Container is unmounted' });
  if (scripts) await runHostScripts(context, id, 'postumount');
}

export async function umount(context: VerbContext, settings: CtSettings): Promise<void> {
  await runVerb(context, { verb: 'umount', id: settings.id }, async () => {
    askTable(context, 'umount', settings);
    await umountStep(context, settings);
    // A mount without a start has no record, only the place for its layers.
    const dir = runDirOf(context.node, settings.id);
    if (context.host.files.list(dir)?.length === 0) context.host.files.rmdir(dir);
  });
}
