// The node comes up and goes down: containers are started and stopped in the order that their configs give them, those of one order side by side.
// One that fails holds up nobody. Who is running when it goes down is marked, as OpenVZ's init script does.
import { VzError } from '../errors.ts';
import { liveInit, liveKeeper, restartDue } from '../store/record.ts';
import { ensureKeeper } from './adopt.ts';
import { bootGroups, startsAtBoot } from './boot-order.ts';
import { type CtEntry, clean, listEntries } from './list.ts';
import { runVerb } from './run-verb.ts';
import { readSettings } from './settings.ts';
import { start } from './start.ts';
import { stop } from './stop.ts';
import { umount } from './umount.ts';
import type { VerbContext } from './verb.ts';

export interface BootOutcome {
  readonly id: number;
  readonly name: string;
  readonly verb: 'start' | 'stop' | 'adopt' | 'umount';
  readonly seconds: number;
  /** null when it went well. */
  readonly error: unknown;
}

/** Called with each outcome as it comes. */
export type BootListener = (outcome: BootOutcome) => void;

const marksOf = ({ node }: Pick<VerbContext, 'node'>): string => node.shown('/var/lib/vzctl/vzreboot');

function takeMarks(context: VerbContext): ReadonlySet<number> {
  const { files } = context.host;
  const dir = marksOf(context);
  const names = (files.list(dir) ?? []).filter((name) => /^\d+$/.test(name));
  for (const name of names) files.unlink(`${dir}/${name}`);
  return new Set(names.map(Number));
}

function mark(context: VerbContext, ids: readonly number[]): void {
  if (ids.length === 0) return;
  const { files } = context.host;
  const dir = marksOf(context);
  files.mkdir(dir);
  for (const id of ids) files.write(`${dir}/${id}`, '');
}

/** VE_PARALLEL of vz.conf, otherwise four for each CPU. */
function atOnce({ node }: VerbContext): number {
  const given = Number(node.values.get('VE_PARALLEL') ?? 0);
  return Number.isInteger(given) && given > 0 ? given : 4 * Math.max(1, node.around.cpus);
}

/** Group after group, within a group side by side; nothing further is begun after a cancel. */
async function inGroups(
  context: VerbContext,
  groups: readonly (readonly CtEntry[])[],
  verb: BootOutcome['verb'],
  act: (id: number) => Promise<unknown>,
  ended: BootListener,
): Promise<readonly BootOutcome[]> {
  const outcomes: BootOutcome[] = [];
  for (const group of groups) {
    const rest = [...group];
    const worker = async (): Promise<void> => {
      for (let ct = rest.shift(); ct !== undefined && !context.signal.aborted; ct = rest.shift()) {
        const begun = context.host.uptime();
        const error = await act(ct.id).then(
          () => null,
          (thrown: unknown) => thrown,
        );
        const seconds = Math.round(context.host.uptime() - begun) / 1000;
        const outcome: BootOutcome = { id: ct.id, name: clean(ct.name), verb, seconds, error };
        outcomes.push(outcome);
        ended(outcome);
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce(context), group.length) }, worker));
  }
  return outcomes;
}

/** A running container that nobody holds any more gets a keeper. */
async function adopt(context: VerbContext, id: number): Promise<void> {
  await runVerb(context, { verb: 'adopt', id }, () => ensureKeeper(context, readSettings(context.host, context.node, id)));
}

/**
 * What runs already is kept, and gets a keeper where it lost it; the others are started as their configs say. Outcomes in the order in which
 * they came. Throws VzError 'node-unfit' where nothing could be started.
 */
export async function nodeStart(context: VerbContext, ended: BootListener = () => {}): Promise<readonly BootOutcome[]> {
  const { host, node } = context;
  const all = listEntries(context);
  const lost = all.filter(({ id }) => liveInit(host, node, id) !== null && liveKeeper(host, node, id) === null);
  const adopted = await inGroups(context, [lost], 'adopt', (id) => adopt(context, id), ended);
  const wasUp = takeMarks(context);
  const wanted = all.filter((ct) => ct.exists && ct.init === null && startsAtBoot(ct, wasUp));
  if (wanted.length > 0) await context.ready();
  const started = await inGroups(context, bootGroups(wanted), 'start', (id) => start(context, readSettings(host, node, id)), ended);
  return [...adopted, ...started];
}

/** One that does not stop as it should is killed: the node goes down in any case. */
async function stopSurely(context: VerbContext, id: number): Promise<void> {
  const settings = readSettings(context.host, context.node, id);
  try {
    await stop(context, settings);
  } catch (error) {
    if (!(error instanceof VzError) || error.code === 'cancelled') throw error;
    context.report({ level: -1, text: `Warning: container ${id} is killed: ${error.message}` });
    // nobody's lock keeps the node from going down
    await stop({ ...context, skipLock: true }, settings, { fast: true });
  }
}

/** In the reverse order of the start, each with its own STOP_TIMEOUT; what is only mounted is unmounted. */
export async function nodeStop(context: VerbContext, ended: BootListener = () => {}): Promise<readonly BootOutcome[]> {
  const { host, node } = context;
  const all = listEntries(context);
  const up = all.filter(({ id, init }) => init !== null || restartDue(host, node, id) !== null);
  mark(
    context,
    up.map(({ id }) => id),
  );
  const stopped = await inGroups(context, bootGroups(up).toReversed(), 'stop', (id) => stopSurely(context, id), ended);
  const mounted = listEntries(context).filter(({ state }) => state === 'mounted');
  const unmounted = await inGroups(context, [mounted], 'umount', (id) => umount(context, readSettings(host, node, id)), ended);
  return [...stopped, ...unmounted];
}
