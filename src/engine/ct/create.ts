// vzctl create: a private area from a template, and a config from a sample.
import { VzError } from '../errors.ts';
import { parseMountinfo } from '../host/mountinfo.ts';
import { above } from '../host/paths.ts';
import { removeTree } from '../host/remove-tree.ts';
import { WHETHER } from '../net/kinds.ts';
import { HEAD, is32Bit } from '../rootfs/wall/userland.ts';
import { RESERVED_CTID } from '../spec/ctid.ts';
import { applyChanges, type Changes, type Values } from '../spec/params/read.ts';
import { decide } from '../spec/states.ts';
import { type CtConfig, privateOf, readCt, rootOf, saveCt, shownPath } from '../store/registry.ts';
import { assignName } from '../store/registry-names.ts';
import { sharedTree } from '../template/cache.ts';
import { runHostScript } from './action-scripts.ts';
import { checkAddresses, claiming, withFree } from './address-checks.ts';
import { chooseSample, type Sample } from './create-sample.ts';
import { archiveOf, fillFromTemplate, shareTemplate } from './create-tree.ts';
import { checkEmpty } from './no-network.ts';
import { hashPassword, writePassword } from './password.ts';
import { checkPlaces } from './places.ts';
import { checkCancelled, runVerb } from './run-verb.ts';
import { shutArea } from './shut.ts';
import type { Undo } from './undo.ts';
import type { VerbContext } from './verb.ts';

export interface CreateRequest {
  /** By config key; VE_LAYOUT is --layout. */
  readonly changes: Changes;
  /** --config: name of a sample. */
  readonly config?: string;
  /** Of root inside. */
  readonly password?: string;
}

/** A refusal after which vzctl says that nothing was made. */
function uncreated(error: unknown): unknown {
  if (!(error instanceof VzError)) return error;
  const before = error.fields['after'];
  const after = `${before ? `${before}\n` : ''}Creation of container private area failed`;
  return new VzError(error.code, { ...error.fields, after }, error);
}

/** Absent, or a directory without content. */
function isFree({ host }: VerbContext, area: string): boolean {
  const there = host.files.lstat(area);
  if (!there) return true;
  return there.type === 'dir' && (host.files.list(area) ?? []).length === 0;
}

interface Place {
  readonly area: string;
  readonly layout: 'simfs' | 'overlay';
  readonly template: string;
}

/** Everything that can be refused before anything is made, in vzctl's order. */
function checkPlace(context: VerbContext, config: CtConfig): Omit<Place, 'template'> {
  const { host, node } = context;
  if (!node.values.get('TEMPLATE')) throw new VzError('template-not-set');
  const area = privateOf(node, config);
  if (area === null) throw new VzError('private-not-set');
  if (rootOf(node, config) === null) throw new VzError('root-not-set');
  const verdict = decide('create', isFree(context, area) ? 'absent' : 'stopped');
  if ('refuse' in verdict) throw new VzError(verdict.refuse, { path: shownPath(node, config, 'VE_PRIVATE') });
  const layout = config.values.get('VE_LAYOUT') ?? node.defaults.get('VE_LAYOUT') ?? 'simfs';
  if (layout !== 'simfs' && layout !== 'overlay') throw new VzError('no-ploop', { after: ALTERNATIVE });
  if (parseMountinfo(host.files.read(`${host.proc}/self/mountinfo`) ?? '').some((m) => m.path === area)) {
    throw new VzError('mount-point', { path: area });
  }
  return { area, layout };
}

const ALTERNATIVE =
  "Alternatively, if you can't or don't want to use ploop, please\nadd --layout simfs option, or set VE_LAYOUT=simfs in /etc/vz/vz.conf";

/** Where a private area grows before it is renamed into its place, so that one is whole or empty. */
export const growingOf = (area: string): string => `${area}.tmp`;

/** Makes the tree beside its place. */
async function grow(context: VerbContext, { area, layout, template }: Place, undo: Undo): Promise<void> {
  const { host, report } = context;
  const { files } = host;
  const growing = growingOf(area);
  const remove = (): Promise<void> => removeTree(host, growing);
  files.mkdir(above(area), 0o700);
  await shutArea(context, area);
  if (files.lstat(area) === null) {
    files.mkdir(area, 0o755);
    undo.push(() => files.rmdir(area));
  }
  if (files.lstat(growing)) {
    report({ level: -1, text: `Warning: Temp dir ${growing} already exists, deleting` });
    await remove();
  }
  undo.push(remove);
  report({ level: 0, text: `Creating container private area (${template})` });
  files.mkdir(growing, 0o755);
  if (layout === 'overlay') {
    await shareTemplate(context, template);
    for (const name of ['upper', 'work']) files.mkdir(`${growing}/${name}`, 0o755);
  } else await fillFromTemplate(context, template, growing);
  checkCancelled(context, 'Create');
}

/**
 * 32-bit programs make sockets by a call whose family no filter can see. What lies in an archive opens nothing: whoever trusts it says so himself.
 */
async function warnOfUserland({ host, node, report }: VerbContext, config: CtConfig, place: Place): Promise<void> {
  const root = place.layout === 'overlay' ? sharedTree(`${node.templateDir}/cache`, place.template) : growingOf(place.area);
  const [shell] = await host.launcher.tree(root, [{ op: 'read', path: '/bin/sh', max: HEAD }]);
  if (!shell?.ok || !is32Bit(shell.data ?? new Uint8Array()) || config.values.has('VZDECK_USERLAND')) return;
  const how = `VZDECK_USERLAND="32" in ${config.file} lets them make sockets, of all protocol families: for templates that you trust`;
  report({ level: -1, text: `Warning: ${place.template} has 32-bit programs, which get no network. ${how}` });
}

async function setRootPassword({ host, node, report }: VerbContext, { area, layout, template }: Place, hash: string): Promise<void> {
  const growing = growingOf(area);
  const overlay = layout === 'overlay';
  const tree = overlay ? `${growing}/upper` : growing;
  const lower = overlay ? sharedTree(`${node.templateDir}/cache`, template) : null;
  report({ level: 0, text: 'Setting the password of root' });
  // What is only planned has no files to read yet.
  if (!host.planning) await writePassword(host, { tree, lower, template }, 'root', hash);
}

/** VE_ROOT and VE_PRIVATE are kept as templates with $VEID, whatever the id. */
function valuesToSave(config: CtConfig, sample: Sample, place: Place): Map<string, string> {
  const values = new Map<string, string>();
  for (const key of ['VE_ROOT', 'VE_PRIVATE']) values.set(key, config.values.get(key) ?? '');
  values.set('VE_LAYOUT', place.layout);
  values.set('OSTEMPLATE', place.template.slice(place.template.lastIndexOf('/') + 1));
  const origin = sample.values.get('ORIGIN_SAMPLE');
  if (origin !== undefined) values.set('ORIGIN_SAMPLE', origin);
  return values;
}

/** Configs of a container that had this id before. */
export const ACTION_FILES = ['conf', 'mount', 'umount', 'premount', 'postumount', 'start', 'stop'] as const;

async function runCreateScript(context: VerbContext, id: number): Promise<void> {
  const { host, node } = context;
  const file = `${node.confDir}/vps.create`;
  if (!host.files.stat(file)) return;
  if ((await runHostScript(context, id, file)) !== 0) throw new VzError('create-script', { file });
}

async function make(context: VerbContext, id: number, request: CreateRequest, undo: Undo): Promise<void> {
  const { host, node, report } = context;
  const { files } = host;
  if (id <= RESERVED_CTID)
    report({ level: -1, text: `Warning: CTIDs up to ${RESERVED_CTID} are reserved, take one from ${RESERVED_CTID + 1} on` });
  const stored = readCt(host, node, id);
  const sample = chooseSample(context, stored, request.config);
  const own = new Map([...stored.own, ...sample.values]);
  const askedNow = (): Values => {
    const { values, refusal } = applyChanges(own, withFree(context, { id, own }, request.changes), id, node.around);
    if (refusal !== '') throw new VzError('netif-usage', { text: refusal });
    return values;
  };
  const asked = askedNow();
  const config: CtConfig = { ...stored, own, values: new Map([...stored.values, ...own, ...asked]) };
  const free = checkPlace(context, config);
  const name = asked.get('NAME');
  if (name !== undefined && assignName(host, node, id, name, stored.own.get('NAME'))) {
    undo.push(() => files.unlink(`${node.namesDir}/${name}`));
    report({ level: 0, text: `Name ${name} assigned` });
  }
  const template = config.values.get('OSTEMPLATE') ?? node.values.get('DEF_OSTEMPLATE');
  if (!template) throw new VzError('no-ostemplate');
  archiveOf(context, template);
  checkPlaces(context, config);
  checkEmpty(context, id, config.values.get(WHETHER), request.changes);
  await checkAddresses(context, config, asked);
  const place: Place = { ...free, template };
  const hash = request.password === undefined ? null : await hashPassword(host, request.password);
  await grow(context, place, undo);
  if (hash !== null) await setRootPassword(context, place, hash);
  for (const suffix of ACTION_FILES) files.unlink(`${node.confDir}/${id}.${suffix}.destroyed`);
  const before = files.readBytes(config.file);
  undo.push(() => (before ? files.write(config.file, before) : files.unlink(config.file)));
  files.mkdir(node.confDir);
  await warnOfUserland(context, config, place);
  // The config first: whatever comes between, there is no whole private area that nobody knows of.
  await claiming(context, asked.keys(), async () => {
    // somebody else may have got it while the tree grew: then what was chosen is chosen anew
    const values = askedNow();
    await checkAddresses(context, config, values);
    saveCt(host, { ...config, own: new Map() }, new Map([...values, ...valuesToSave(config, sample, place)]), sample.text ?? undefined);
  });
  undo.push(() => removeTree(host, place.area));
  files.rename(growingOf(place.area), place.area);
  report({ level: 0, text: `CT configuration saved to ${config.file}` });
  await runCreateScript(context, id);
  report({ level: 0, text: 'Container private area was created' });
}

/** Makes a container. On failure nothing of it is left; a config that was there before stays as it was. */
export async function create(context: VerbContext, id: number, request: CreateRequest): Promise<void> {
  await runVerb(context, { verb: 'create', id }, async (undo) => {
    try {
      await make(context, id, request, undo);
    } catch (error) {
      throw uncreated(error);
    }
  });
}
