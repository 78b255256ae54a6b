// vzctl start: record, mount, birth, and a look at whether init lives on.
import { noteMaxPts } from '../account/held-pts.ts';
import { VzError } from '../errors.ts';
import type { StartedKeeper } from '../launcher/launcher.ts';
import { explainNetwork } from '../net/explain.ts';
import { takeDownRoot } from '../rootfs/tear-down.ts';
import { bornInPolicy } from '../rootfs/wall/apparmor.ts';
import type { Op } from '../spec/op.ts';
import { netifsOf } from '../spec/params/netif.ts';
import { writeGiven } from '../store/given.ts';
import { freeRanges, type IdRange } from '../store/lease.ts';
import { closeRecord, exitNote, liveInit, type Outcome, restartDue, type StartRecord, writeOutcome, writeRecord } from '../store/record.ts';
import { readCt, saveCt } from '../store/registry.ts';
import { within } from '../watch/timer.ts';
import { hostScripts, runInsideScript } from './action-scripts.ts';
import { checkAddresses } from './address-checks.ts';
import { offerKeeper } from './adopt.ts';
import { askTable } from './ask-table.ts';
import { explainBind } from './bind-mounts.ts';
import { waitBooted } from './booted.ts';
import { consoleTail } from './console-tail.ts';
import { counted, dropCounting, LEDGER, REFUSING } from './counted.ts';
import { takeDirect } from './direct-way.ts';
import { describeEnd } from './exit-status.ts';
import { explainBirth, rangeTaken } from './explain.ts';
import { namesWanted, settleNames } from './inside/settle.ts';
import { keeperParts } from './keeper-plan.ts';
import { type InitCommand, launchPlan } from './launch-plan.ts';
import { letThrough } from './live/guarantee.ts';
import { holdNodeShare } from './live/node-share.ts';
import { MOUNTED, mountStep, prepareMount } from './mount.ts';
import { beginNetwork, leaveNetwork } from './network.ts';
import { holdPacketFilter, loadTables, UNHELD } from './packet-filter.ts';
import { checkPlaces } from './places.ts';
import { checkCancelled, runVerb } from './run-verb.ts';
import type { CtSettings } from './settings.ts';
import { countSockets, isUncounted, ownSocketLimits } from './socket-programs.ts';
import { gifts, initTrouble, loadModules } from './start-gifts.ts';
import { endProcesses, markEnded, remains, tearDown, unmarkEnded } from './tear-down.ts';
import { umountStep } from './umount.ts';
import { Undo } from './undo.ts';
import type { VerbContext, VerbEvent } from './verb.ts';
import { runVethScript } from './veth-script.ts';
import { probeWire, type WireProbe } from './wire-probe.ts';

/** Milliseconds that init must outlive exec: a missing library or a broken inittab shows within them. */
const WATCH = 50;
/** Seconds that a start script may take; the lock is held meanwhile. */
const SCRIPT = 3600;

export interface StartRequest {
  readonly force?: boolean;
  /** Resolve when the boot inside is over, not when init runs. */
  readonly wait?: boolean;
  /** Instead of the container's own init, and without scripts or anything else that belongs to a start: what it is needed for is done by the caller. */
  readonly init?: InitCommand;
  /** Reboots in a row that led to this start. */
  readonly reboots?: number;
  /** When the last one was noted. Whoever has stopped, started or destroyed the container since then has decided otherwise. */
  readonly due?: number;
}

/** Lines that vzctl prints for limits that are configured. */
function settingLines({ limits }: CtSettings): string[] {
  const lines = [`Setting CPU units: ${limits.cpuunits}`];
  if (limits.cpulimit > 0) lines.unshift(`Setting CPU limit: ${limits.cpulimit}`);
  if (limits.cpus > 0) lines.push(`Setting CPUs: ${limits.cpus}`);
  return lines;
}

function recordOf({ host }: VerbContext, settings: CtSettings, range: IdRange, reboots: number): StartRecord {
  return {
    at: host.now(),
    mounts: [settings.rootMount.root],
    idBase: range.base,
    lease: range.lease,
    ttys: settings.ttys,
    reboots,
    values: { ...settings.born, VZDECK_IDBASE: String(range.base) },
  };
}

interface Birth extends StartRequest {
  readonly wire: WireProbe;
}

/** One try with one id range. */
async function birth(
  context: VerbContext,
  settings: CtSettings,
  range: IdRange,
  { reboots = 0, init, wire }: Birth,
  undo: Undo,
): Promise<StartedKeeper> {
  const { host, node, report } = context;
  const { id } = settings;
  undo.push(() => tearDown(context, settings));
  // what a crash has left of an earlier one; the record of this start takes its note away
  await leaveNetwork(context, id);
  writeRecord(host, node, id, recordOf(context, settings, range, reboots));
  noteMaxPts(host.files, node.runDir, id, settings.numpty);
  // what nobody closed: its groups go with the birth's first operations
  await counted(context, LEDGER, undefined, () => context.ledgers.settle(id));
  // The keeper's hand-over must not begin while we look: an init that dies at once is our failure, not a reboot.
  markEnded(context, id);
  const whole = init === undefined;
  const scripted = whole && hostScripts(context, id, 'mount').length > 0;
  // beside the container's files, of which it knows nothing; what takes all back finds it done, and no script runs for what is refused
  const network = whole ? beginNetwork(context, id, readCt(host, node, id).values) : Promise.resolve(null);
  const begun = network.then(
    () => {},
    () => {},
  );
  undo.push(() => begun);
  if (scripted || host.planning) await network;
  const mounts = await prepareMount(context, settings, range.base, undo, whole);
  // Otherwise the keeper-to-be mounts: one process less to wait for.
  const named = whole && namesWanted(context, settings);
  const apart = scripted || (named && settings.rootMount.layout === 'overlay');
  if (apart) await mountStep(context, settings, mounts);
  if (named) await settleNames(context, settings, range.base);
  checkCancelled(context, 'Start');
  await loadModules(context, settings.given['FEATURES'] ?? '');
  await loadTables(context, settings.netfilter);
  const given = await gifts(context, settings, range.base);
  // what refuses sockets of all families knows best
  const refusing = await counted(context, REFUSING, [], () => context.refusals.hold(id, settings.refusals));
  const counting = await countSockets(context, id, refusing.length > 0 ? ownSocketLimits(settings.sockets) : settings.sockets);
  const filtering = await counted(context, UNHELD, [], () => holdPacketFilter(context, id, settings.netfilter));
  const bear = (groups: readonly Op[]): Promise<StartedKeeper> => {
    const parts = keeperParts(context, settings, range.base, range.lease);
    return host.launcher.start(launchPlan(parts, apart ? [] : mounts, bornInPolicy(host, node.tag), { ...given, groups }, init, born));
  };
  wire.soFar();
  const born = (await network) ?? undefined;
  const started = await bear([...counting, ...refusing, ...filtering])
    .catch(async (error: unknown) => {
      if (!isUncounted(error)) throw error;
      report({ level: -1, text: `Warning: no program in the kernel counts for it: ${(error as Error).message}` });
      // what the birth has made up to there would be made twice, and programs on its group would count half
      await counted(context, REFUSING, undefined, () => context.refusals.forget(id));
      const root = apart ? [] : takeDownRoot(host, settings.rootMount, [settings.rootMount.root]);
      await host.launcher.ops({ ops: [...root, ...context.cgroups(id).remove()] });
      host.files.mkdir(settings.rootMount.scratch, 0o700);
      return bear([]);
    })
    .catch((error: unknown) => {
      throw explainNetwork(explainBind(explainBirth(host, error, settings.rootMount, apart ? [] : mounts), settings.binds));
    });
  await counted(context, LEDGER, undefined, () => context.ledgers.begin(id));
  writeGiven(host, node, id, given.given);
  if (!apart) report({ level: 0, text: MOUNTED });
  return started;
}

/** The first range becomes the config's wish; a wish that was taken (a copied config, a second prefix) is told once and kept. */
function recordRange(context: VerbContext, settings: CtSettings, base: number): void {
  const { host, node, report } = context;
  if (settings.idWish === null) saveCt(host, readCt(host, node, settings.id), new Map([['VZDECK_IDBASE', String(base)]]));
  else if (settings.idWish !== base)
    report({ level: -1, text: `Warning: id range ${settings.idWish} is taken, using ${base} for this run` });
}

async function birthInFreeRange(context: VerbContext, settings: CtSettings, request: Birth, undo: Undo): Promise<StartedKeeper> {
  for (const range of freeRanges(context.host, context.node.tag, settings.id, settings.idWish)) {
    const attempt = new Undo();
    let [taken, mounted] = [false, false];
    const report = (event: VerbEvent): void => {
      mounted ||= event.text === MOUNTED;
      // what was never told to be mounted is not told to be unmounted where the next range is tried
      if (!taken || mounted) context.report(event);
    };
    undo.push(async () => {
      const [failure] = await attempt.run();
      if (failure) throw failure;
    });
    try {
      const started = await birth({ ...context, report }, settings, range, request, attempt);
      recordRange(context, settings, range.base);
      return started;
    } catch (error) {
      taken = rangeTaken(error);
      if (!taken) throw error;
      await attempt.run();
    }
  }
  throw new VzError('no-ids');
}

/** Throws VzError 'init-died' with how it ended and the console's last lines, when init ends within the watch. */
async function watchInit(context: VerbContext, id: number, started: StartedKeeper): Promise<void> {
  const { host, node } = context;
  const died = await within(WATCH, (signal) => host.launcher.ended(started.init, signal));
  if (!died) unmarkEnded(context, id);
  // Between the watch's end and the mark's removal the keeper would still have kept quiet, so init is looked at once more.
  if (!died && liveInit(host, node, id)) return;
  await endProcesses(context, id);
  const lines = consoleTail(host, node, id);
  throw new VzError('init-died', { ct: id, how: describeEnd(exitNote(host, node, id), context.oomKills(id)), lines: lines.join('\n') });
}

export async function start(context: VerbContext, settings: CtSettings, request: StartRequest = {}): Promise<void> {
  const { host, node, report } = context;
  const { id } = settings;
  // A reboot is nobody's who could try again: its start waits for whoever has the container now.
  const wait = request.due !== undefined;
  await runVerb(context, { verb: 'start', id, status: 'starting', wait }, async (undo) => {
    if (wait && restartDue(host, node, id) !== request.due)
      throw new VzError('cancelled', { what: `The start of container ${id} after its reboot` });
    if (settings.disabled && !request.force) throw new VzError('start-disabled');
    await offerKeeper(context, settings);
    const { state } = askTable(context, 'start', settings);
    const config = readCt(host, node, id);
    checkPlaces(context, config);
    await checkAddresses(context, config, config.values);
    const wire = probeWire(context, id, request.init ? new Map() : config.values, 'start', { lenient: wait });
    await context.ready();
    report({ level: 0, text: 'Starting container...' });
    if (settings.remark !== '') report({ level: -1, text: `Warning: ${settings.remark}` });
    if (state === 'mounted') await umountStep(context, settings, request.init === undefined);
    let trouble: unknown;
    undo.push(async () => {
      // What could not be taken down stays on record: the next verb goes on from there.
      if (remains(context, settings)) return writeOutcome(host, node, id, outcomeOf(context, trouble));
      closeRecord(host, node, id, outcomeOf(context, trouble));
      await dropCounting(context);
    });
    try {
      const started = await birthInFreeRange(context, settings, { ...request, wire }, undo);
      const own = request.init === undefined;
      await holdNodeShare(context);
      if (settings.limits.guarantee > 0) await letThrough(context, id, settings.limits.guarantee);
      const addresses = config.values.get('VZDECK_NETWORK') === 'empty' ? '' : (config.values.get('IP_ADDRESS') ?? '');
      if (own && addresses !== '') report({ level: 0, text: `Adding IP address(es): ${addresses}` });
      for (const line of own ? settingLines(settings) : []) report({ level: 0, text: line });
      const veths = own ? netifsOf(config.values.get('NETIF'), id, node.around) : [];
      if (veths.length > 0) report({ level: 0, text: `Configure veth devices: ${veths.map(({ hostName }) => `${hostName} `).join('')}` });
      await runVethScript(context, id, veths);
      // in time that passes anyway
      const counting = counted(context, 'What no control group counts is counted in dearer ways', undefined, () => context.counting());
      const direct = takeDirect(context, id);
      undo.push(() => direct);
      await watchInit(context, id, started);
      await direct;
      await wire.over();
      await counting;
      const unable = initTrouble(context, started.init, settings);
      if (unable !== null) report({ level: -1, text: unable });
      if (own && !(await runInsideScript(context, id, started.init, 'start', SCRIPT)))
        throw new VzError('action-script', { moment: 'start', file: `${node.confDir}/${id}.start, which does not end` });
    } catch (error) {
      trouble = error;
      throw error;
    }
    if (request.init) return;
    if (!request.wait) {
      report({ level: 0, text: 'Container start in progress...' });
      return;
    }
    report({ level: 0, text: 'Container start in progress, waiting ...' });
    await waitBooted(context, id);
    report({ level: 0, text: 'Container started successfully' });
  });
}

function outcomeOf({ host }: VerbContext, error: unknown): Outcome {
  const trouble = error instanceof Error ? error.message : String(error);
  const lines = error instanceof VzError ? String(error.fields['lines'] ?? '').split('\n') : [];
  const failure = error instanceof VzError ? { failure: { code: error.code, fields: error.fields } } : {};
  return { at: host.now(), trouble, lines: lines.filter((line) => line !== ''), reboots: 0, ...failure };
}
