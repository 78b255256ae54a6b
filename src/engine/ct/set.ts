// vzctl set: values into a running container, into its config, or both.
import { VzError } from '../errors.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { WHETHER } from '../net/kinds.ts';
import { strerror } from '../spec/errno.ts';
import { applyChanges, savesAnything, type Values } from '../spec/params/read.ts';
import { paramOf, sectionOf } from '../spec/params/table.ts';
import type { Param } from '../spec/params/types.ts';
import { isVswap } from '../spec/ubc.ts';
import { netNoteStamp } from '../store/net-note.ts';
import { liveInit } from '../store/record.ts';
import { type CtConfig, privateOf, readCt, rootOf, saveCt } from '../store/registry.ts';
import { assignName } from '../store/registry-names.ts';
import { sayAbsent } from './absent.ts';
import { checkAddresses, claiming, sayIdleRates, withFree } from './address-checks.ts';
import { offerKeeper } from './adopt.ts';
import { allowed } from './ask-table.ts';
import { sayUnbound } from './bind-mounts.ts';
import { passwordStep } from './inside/passwords.ts';
import type { Telling } from './journaled.ts';
import { applyLive, liveKeys, mergedLive, planLive, undoLive } from './live/apply.ts';
import type { LiveStep } from './live/part.ts';
import { PARTS } from './live/parts.ts';
import { checkNamespace, leaveNetwork, mendNetwork, networkValues } from './network.ts';
import { checkEmpty } from './no-network.ts';
import { renameHost } from './node-network.ts';
import { checkPlaces } from './places.ts';
import { restart } from './restart.ts';
import { checkCancelled, runVerb } from './run-verb.ts';
import { checkRequest, checkStopped, INSIDE_KEYS } from './set-checks.ts';
import { restartReasons, sayIdle, ubcLines } from './set-live.ts';
import { applyToNode } from './set-node.ts';
import type { SetRequest } from './set-request.ts';
import { sampleChanges } from './set-sample.ts';
import { readSettings, settingsFrom, treeOf } from './settings.ts';
import { type LiveState, liveState, viewNode } from './state.ts';
import type { Undo } from './undo.ts';
import type { VerbContext } from './verb.ts';
import { sayUnknown } from './veth-checks.ts';
import { probeWire, type WireProbe } from './wire-probe.ts';

export type { SetRequest } from './set-request.ts';

/** A refusal after which vzctl says that nothing was saved. */
function unsaved(error: unknown): unknown {
  if (!(error instanceof VzError)) return error;
  const after = 'Error: failed to apply some parameters, not saving configuration file!';
  return new VzError(error.code, { ...error.fields, after }, error);
}

function giveName({ host, node, report }: VerbContext, config: CtConfig, name: string, undo: Undo): void {
  const before = config.own.get('NAME');
  if (!assignName(host, node, config.id, name, before)) return;
  undo.push(() => void assignName(host, node, config.id, before ?? '', name));
  report({ level: 0, text: `Name ${name} assigned` });
}

/** Values to store, by everything that the call asks for. */
function wantedValues(context: VerbContext, config: CtConfig, request: SetRequest): Values {
  const { around } = context.node;
  const { values, refusal } = applyChanges(config.own, request.changes, config.id, around);
  if (refusal !== '') throw new VzError('netif-usage', { text: refusal });
  checkRequest(request, new Map([...config.values, ...values]));
  return values;
}

function withSample(context: VerbContext, config: CtConfig, request: SetRequest, values: Values): Values {
  if (request.applyConfig === undefined) return values;
  const sample = applyChanges(config.own, sampleChanges(context, request.applyConfig), config.id, context.node.around);
  return new Map([...values, ...sample.values]);
}

/** Passwords are files alone: they need no container that runs, and no --save. */
async function givePasswords(context: VerbContext, config: CtConfig, { passwords = [] }: SetRequest): Promise<void> {
  if (passwords.length === 0) return;
  const settings = treeOf(context.host, context.node, config);
  if (!context.host.files.stat(settings.rootMount.private)) throw new VzError('no-private', { path: settings.rootMount.private });
  checkPlaces(context, config);
  for (const given of passwords) await passwordStep(context, settings, given).apply();
}

/** Nothing but passwords is asked for. */
const onlyPasswords = ({ passwords = [], changes, save, applyConfig, mapName, force }: SetRequest): boolean =>
  passwords.length > 0 && changes.size === 0 && applyConfig === undefined && !save && !mapName && !force;

function applyStopped({ report }: VerbContext, config: CtConfig, request: SetRequest): void {
  if (request.resetUb) throw new VzError('not-running');
  checkStopped(request, isVswap(config.values));
  const inside = INSIDE_KEYS.some((key) => request.changes.has(key));
  if (inside) report({ level: 0, text: 'Unable to configure container: not running' });
  const gone = request.changes.get('NETIF')?.del;
  if (gone !== undefined && gone !== 'all') report({ level: -1, text: 'Unable to remove veth: container is not running' });
}

const RESTART_WARNING = [
  'WARNING: Some of the parameters could not be applied to a running container.',
  '\tPlease consider using --setmode option',
];

/** true: the container has to be restarted after the values are saved. */
function sayRestart({ report }: VerbContext, reasons: readonly string[], setmode: SetRequest['setmode']): boolean {
  if (reasons.length === 0) return false;
  if (setmode === 'ignore') throw new VzError('needs-restart', { text: reasons.join('\n') });
  if (setmode === 'restart') return true;
  for (const text of [...reasons, ...RESTART_WARNING]) report({ level: -1, text });
  return false;
}

function save({ host, node, report }: VerbContext, config: CtConfig, values: Values): void {
  if (!savesAnything(config.own, values)) {
    report({ level: 0, text: 'No changes in CT configuration, not saving' });
    return;
  }
  try {
    host.files.mkdir(node.confDir);
    saveCt(host, config, values);
  } catch (error) {
    throw new VzError('config-not-saved', { path: config.file, cause: strerror(error) }, error);
  }
  report({ level: 0, text: `CT configuration saved to ${config.file}` });
}

/** Of a container that takes values at once; null where they only go into the config. Throws VzError 'bad-state'. */
function running(context: VerbContext, config: CtConfig): Pick<LiveState, 'init' | 'keeper'> | null {
  const { host, node } = context;
  const { id, exists } = config;
  const live = liveState(context, viewNode(host), { id, exists, root: rootOf(node, config) ?? '' });
  const verdict = allowed('set', live.state, { ct: id });
  return 'steps' in verdict && verdict.steps.includes('apply') ? live : null;
}

/** vzdeck does not do half of what was asked: what acts now and what waits for a restart are two calls, unless both are wanted so. */
function checkMix(config: CtConfig, values: Values, { mix, setmode }: SetRequest): void {
  if (mix !== 'refused' || setmode) return;
  const live = liveKeys();
  const differing = [...values.keys()].filter((key) => values.get(key) !== config.values.get(key));
  const now = differing.filter((key) => live.has(key));
  const later = differing.filter((key) => !live.has(key) && actsAtStart(paramOf(key)));
  if (now.length > 0 && later.length > 0) throw new VzError('mixed-set', { now: now.join(', '), later: later.join(', ') });
}

const actsAtStart = (param: Param | undefined): boolean =>
  param?.acts === 'restart' || (param?.acts === 'live' && param.effect === 'start');

/** Values of the config's beancounters, for --reset_ub. */
const ownUbc = ({ values }: CtConfig): Values => new Map([...values].filter(([key]) => sectionOf(paramOf(key)!) === 'beancounters'));

/** --reset_ub also begins fail counts and the highest use anew. */
async function resetCounts({ host, cgroups, ledgers, report }: VerbContext, id: number): Promise<void> {
  const { ops, kept } = cgroups(id).resetPeaks();
  await host.launcher.ops({ ops });
  await ledgers.reset(id);
  report({ level: 1, text: `Fail counts of container ${id} begin at 0` });
  if (kept.length > 0)
    report({ level: 1, text: `The kernel keeps the highest use of ${kept.join(' and ')} as long as the container runs` });
}

function keepForUndo(steps: readonly LiveStep[], undo: Undo): void {
  undo.push(async () => {
    for (const [step, why] of await undoLive(steps)) throw new VzError('system', { what: `Taking ${step.what} back`, cause: why });
  });
}

/** Into the running container: all of it or nothing. What comes after may still fail, and takes it back. */
async function applyRunning(
  context: VerbContext,
  config: CtConfig,
  init: ProcessId,
  values: Values,
  { changes, passwords = [], resetUb = false, wire }: SetRequest & { readonly wire: WireProbe },
  undo: Undo,
  known: (before: Values) => void,
): Promise<void> {
  const first = passwords.map((given) => passwordStep(context, treeOf(context.host, context.node, config), given));
  const steps = [...first, ...(await planLive({ context, config, init }, values, PARTS, changes, known))];
  wire.soFar();
  const lines = await applyLive(steps, () => checkCancelled(context, 'Set'));
  keepForUndo(steps, undo);
  await wire.over();
  for (const text of [...ubcLines(new Map([...config.values, ...values]), values), ...lines]) context.report({ level: 0, text });
  if (!resetUb) sayIdle(context, values);
}

/** Returns true when a restart is due. */
async function change(context: VerbContext, config: CtConfig, asked: SetRequest, undo: Undo, telling: Telling): Promise<boolean> {
  const { report } = context;
  const request = { ...asked, changes: withFree(context, config, asked.changes) };
  const network = netNoteStamp(context.host, context.node, config.id);
  const { init, keeper } = (config.id === 0 ? null : running(context, config)) ?? { init: null, keeper: null };
  if (init) {
    if (!keeper) await offerKeeper(context, settingsFrom(context.host, context.node, config));
    checkNamespace(context, config.id);
    sayUnknown(context, config, request.changes.get('NETIF')?.del);
  } else if (config.id !== 0 && liveInit(context.host, context.node, config.id) === null) {
    // a stop that was killed has left it
    await leaveNetwork(context, config.id);
  }
  sayUnbound(context, config, request.changes.get('BINDMOUNT')?.del);
  sayAbsent(context, config, request);
  let values = wantedValues(context, config, request);
  const mapped = config.own.get('NAME');
  if (request.mapName && mapped) giveName(context, config, mapped, undo);
  const name = values.get('NAME');
  if (name !== undefined) giveName(context, config, name, undo);
  for (const key of init ? ['VE_PRIVATE', 'VE_ROOT'] : []) if (values.has(key)) throw new VzError('path-running', { key });
  values = withSample(context, config, request, values);
  if (request.offlineResize) report({ level: 0, text: 'Warning: option --offline-resize only makes sense for a ploop CT' });
  if (init) checkMix(config, values, request);
  const due = init !== null && sayRestart(context, restartReasons(config.values, values), request.setmode);
  if (config.id !== 0) {
    const whether =
      values.get(WHETHER) ?? (init ? networkValues(context, config.id).get(WHETHER) : undefined) ?? config.values.get(WHETHER);
    checkEmpty(context, config.id, whether, request.changes);
    await checkAddresses(context, config, values, config.values);
    sayIdleRates(context, config, values);
    // beside what runs, which may be more than the config says
    const merged = init ? mergedLive({ context, config }, networkValues(context, config.id), request.changes) : new Map();
    if ([...merged].some(([key, value]) => values.get(key) !== value))
      await checkAddresses({ ...context, report: () => {} }, config, new Map([...values, ...merged]), config.values);
  }
  sayMeaning(context, config, values, request);
  telling.changed(config.values, values);
  // what holds may be neither what the config says nor what it says from now on
  const known = (before: Values): void => telling.changed(new Map([...config.values, ...before]), values);
  if (init && !due) {
    const wire = probeWire(context, config.id, values, 'live', { skip: request.skipArpDetect ?? false });
    await applyRunning(context, config, init, request.resetUb ? ownUbc(config) : values, { ...request, wire }, undo, known);
  }
  // a change of the network has mended it already
  if (init && netNoteStamp(context.host, context.node, config.id) === network) await mendNetwork(context, config.id, init);
  if (init && request.resetUb) await resetCounts(context, config.id);
  if (!init) await givePasswords(context, config, request);
  if (onlyPasswords(request)) return due;
  if (config.id === 0) keepForUndo(await applyToNode(context, request.resetUb ? ownUbc(config) : values, request), undo);
  else if (!init && !request.save) applyStopped(context, config, request);
  if (init && ['NAME', 'HOSTNAME'].some((key) => values.has(key))) await renameHost(context, config.id, values);
  if (request.save) save(context, config, values);
  else if (!request.resetUb) report({ level: 0, text: init || config.id === 0 ? LOST_AT_RESTART : NOT_SAVED });
  return due;
}

/** What a choice comes to. The original says nothing of it, so vzctl does when it is to tell all. */
function sayMeaning({ report }: VerbContext, { values: before }: CtConfig, values: Values, { mix }: SetRequest): void {
  for (const [key, value] of values) {
    const what = paramOf(key)?.means?.[value];
    if (what !== undefined && value !== before.get(key)) report({ level: mix === 'refused' ? -1 : 1, text: `${key} ${value}: ${what}` });
  }
}

const LOST_AT_RESTART = 'WARNING: Settings were not saved to config and will be lost after CT restart (use --save flag)';
const NOT_SAVED = 'WARNING: Settings were not saved to config (use --save flag)';

/**
 * Throws VzError for options that contradict each other, values that cannot be applied, names that are taken. The lines that it reports,
 * and their order, are vzctl's.
 */
export async function set(context: VerbContext, id: number, request: SetRequest): Promise<void> {
  const { host, node, report } = context;
  const due = await runVerb(context, { verb: 'set', id, behind: ['set', 'config'] }, async (undo, telling) => {
    const config = readCt(host, node, id);
    const area = privateOf(node, config);
    if (request.existing && id !== 0 && !config.exists && (area === null || !host.files.stat(area))) throw new VzError('no-config');
    if (!config.exists) report({ level: -1, text: `WARNING: ${config.file} not found: No such file or directory` });
    try {
      return await claiming(context, request.changes.keys(), () => change(context, config, request, undo, telling));
    } catch (error) {
      throw request.save ? unsaved(error) : error;
    }
  });
  if (due) await restart(context, readSettings(host, node, id));
}
