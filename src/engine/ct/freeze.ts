// vzdeck freeze and thaw: all processes of a container stand still, and go on where they stood. Memory, addresses and files stay as they are;
// nothing is written to disk, so that a frozen container does not outlive the node.
import { VzError } from '../errors.ts';
import { untilFile } from '../watch/file.ts';
import { within } from '../watch/timer.ts';
import { offerKeeper } from './adopt.ts';
import { askTable } from './ask-table.ts';
import { checkCancelled, runVerb } from './run-verb.ts';
import type { CtSettings } from './settings.ts';
import type { Undo } from './undo.ts';
import type { VerbContext } from './verb.ts';

/** A process that waits for a disk or a server that does not answer cannot be stopped before it does. */
const FREEZE_SECONDS = 10;

async function turn({ host, cgroups }: VerbContext, id: number, on: boolean): Promise<void> {
  await host.launcher.ops({ ops: cgroups(id).freeze(on) });
}

/** Waits until no process of it moves any more. Throws VzError 'freeze-timeout'. */
async function standing({ host, cgroups, signal }: VerbContext, id: number): Promise<void> {
  const { standstill } = cgroups(id);
  if (standstill === null || host.planning) return;
  const { file, told, says } = standstill;
  const stands = await within(FREEZE_SECONDS * 1000, (over) =>
    untilFile(host.files, file, told, (text) => text.includes(says), AbortSignal.any([over, signal])),
  );
  if (!stands) throw new VzError('freeze-timeout', { ct: id, seconds: FREEZE_SECONDS });
}

export async function freeze(context: VerbContext, settings: CtSettings): Promise<void> {
  const { id } = settings;
  await runVerb(context, { verb: 'freeze', id }, async (undo) => {
    const { idle } = askTable(context, 'freeze', settings);
    await offerKeeper(context, settings);
    if (idle !== null) return context.report({ level: -1, text: idle });
    undo.push(() => turn(context, id, false));
    await turn(context, id, true);
    await standing(context, id);
    checkCancelled(context, 'Freeze');
    context.report({ level: 0, text: 'Container was frozen' });
  });
}

/** A part of verbs that let a container run on before they do something else with it: when they fail it stands still again. */
export async function thawStep(context: VerbContext, id: number, undo: Undo): Promise<void> {
  undo.push(() => turn(context, id, true));
  await turn(context, id, false);
}

export async function thaw(context: VerbContext, settings: CtSettings): Promise<void> {
  const { id } = settings;
  await runVerb(context, { verb: 'thaw', id }, async (undo) => {
    const { idle } = askTable(context, 'thaw', settings);
    await offerKeeper(context, settings);
    if (idle !== null) return context.report({ level: -1, text: idle });
    await thawStep(context, id, undo);
    context.report({ level: 0, text: 'Container goes on' });
  });
}
