// vzctl mount: the root file system at VE_ROOT for the node's administrator, ids as they are on disk; and the mount step of start.
import { VzError } from '../errors.ts';
import { above } from '../host/paths.ts';
import { mountRoot } from '../rootfs/root-mount.ts';
import { takeDownRoot } from '../rootfs/tear-down.ts';
import type { Op } from '../spec/op.ts';
import { readCt } from '../store/registry.ts';
import { runHostScripts } from './action-scripts.ts';
import { askTable } from './ask-table.ts';
import { explainMount } from './explain.ts';
import { checkPlaces } from './places.ts';
import { runVerb } from './run-verb.ts';
import type { CtSettings } from './settings.ts';
import { shut, shutArea } from './shut.ts';
import type { Undo } from './undo.ts';
import type { VerbContext } from './verb.ts';

export const MOUNTED = 'Container is mounted';

/** What comes before a mount, and the operations that make it. idBase: see mountRoot. Pushes the unmount to `undo`. */
export async function prepareMount(
  context: VerbContext,
  settings: CtSettings,
  idBase: number | null,
  undo: Undo,
  scripts = true,
): Promise<readonly Op[]> {
  const { host, report } = context;
  const { id, rootMount } = settings;
  if (scripts) await runHostScripts(context, id, 'premount');
  if (!host.files.stat(rootMount.private)) throw new VzError('no-private', { path: rootMount.private });
  await shutArea(context, rootMount.private);
  if (rootMount.layout === 'overlay') await shut(context, above(rootMount.lower));
  undo.push(async () => {
    await host.launcher.ops({ ops: takeDownRoot(host, rootMount, [rootMount.root]) });
    report({ level: 0, text: 'Container is unmounted' });
  });
  host.files.mkdir(rootMount.scratch, 0o700);
  return mountRoot(rootMount, idBase);
}

/** Mounts at once, with the scripts that want to find it mounted. */
export async function mountStep(context: VerbContext, settings: CtSettings, ops: readonly Op[]): Promise<void> {
  const { host, report } = context;
  await host.launcher.ops({ ops }).catch((error: unknown) => {
    throw explainMount(host, error, settings.rootMount, ops);
  });
  await runHostScripts(context, settings.id, 'mount');
  report({ level: 0, text: MOUNTED });
}

export async function mount(context: VerbContext, settings: CtSettings): Promise<void> {
  const { report } = context;
  await runVerb(context, { verb: 'mount', id: settings.id }, async (undo) => {
    const { idle } = askTable(context, 'mount', settings);
    // A success with a line on stderr: scripts of users rely on both.
    if (idle !== null) report({ level: -1, text: idle });
    else {
      checkPlaces(context, readCt(context.host, context.node, settings.id));
      await mountStep(context, settings, await prepareMount(context, settings, null, undo));
    }
  });
}
