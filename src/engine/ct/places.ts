// Where a container may lie and be shown. VE_ROOT and VE_PRIVATE stand in a file that people copy and edit: a mount in a wrong place covers
// the node's files, or is another container's; asked before anything is changed.
import { VzError } from '../errors.ts';
import { parseMountinfo } from '../host/mountinfo.ts';
import { inside } from '../host/paths.ts';
import { realPlaces } from '../host/real-path.ts';
import { isOwnMount } from '../rootfs/own-mount.ts';
import { liveInit, runDirOf } from '../store/record.ts';
import { type CtConfig, configuredPath, privateOf, rootOf, shownPath } from '../store/registry.ts';
import { viewNode } from './state.ts';
import type { VerbContext } from './verb.ts';

type Looking = Pick<VerbContext, 'host' | 'node' | 'configs'>;
type Key = 'VE_ROOT' | 'VE_PRIVATE';

export interface Taken {
  readonly path: string;
  readonly what: string;
}

function refused({ id }: CtConfig, key: Key, path: string, cause: string): VzError {
  return new VzError('place-refused', { ct: id, key, path, cause, usual: key === 'VE_ROOT' ? '/vz/root/$VEID' : '/vz/private/$VEID' });
}

/** Where it really lies, its last directory included. */
function placeOf({ host, node }: Looking, config: CtConfig, key: Key): string {
  const path = configuredPath(config, key) ?? '';
  if (!path.startsWith('/')) throw refused(config, key, path, 'is no absolute path');
  if (/(^|\/)\.\.?(\/|$)/.test(path)) throw refused(config, key, path, 'has . or .. in it');
  const plain = path.replace(/\/+$/, '');
  if (plain === '') throw refused(config, key, path, 'is the root directory');
  return realPlaces(host.files)(`${node.shown(plain)}/.`).slice(0, -'/.'.length);
}

function checkApart({ node }: Looking, config: CtConfig, key: Key, path: string, taken: readonly Taken[]): void {
  const shown = shownPath(node, config, key);
  for (const { path: other, what } of taken) {
    if (path === other) throw refused(config, key, shown, `is ${what}`);
    if (inside(path, other)) throw refused(config, key, shown, `lies in ${what}, ${other}`);
    if (inside(other, path)) throw refused(config, key, shown, `holds ${what}, ${other}`);
  }
}

export function nodeDirs({ host, node }: Pick<Looking, 'host' | 'node'>): readonly Taken[] {
  const real = realPlaces(host.files);
  return Object.entries({
    'the directory of templates': node.templateDir,
    'the directory of configs': node.confDir,
    'the directory of locks': node.lockDir,
    'the directory of start records': node.runDir,
    'the directory of dumps': node.dumpDir,
    'the trash': node.trashDir,
    'the directory of logs': node.logDir,
  }).map(([what, dir]) => ({ what, path: real(`${dir}/.`).slice(0, -'/.'.length) }));
}

const othersOf = ({ configs }: Looking, { id }: CtConfig): readonly CtConfig[] => configs().filter((other) => other.id !== id);

function takenBy(others: readonly CtConfig[], key: Key, of: (config: CtConfig) => string | null): readonly Taken[] {
  return others.flatMap((other) => {
    const path = of(other);
    return path === null ? [] : [{ path, what: `the ${key} of container ${other.id}` }];
  });
}

function checkRootAmong(context: Looking, config: CtConfig, others: readonly CtConfig[]): void {
  const { host, node } = context;
  const root = placeOf(context, config, 'VE_ROOT');
  const area = placeOf(context, config, 'VE_PRIVATE');
  checkApart(context, config, 'VE_ROOT', root, [
    ...nodeDirs(context),
    { path: area, what: 'its own VE_PRIVATE' },
    ...takenBy(others, 'VE_ROOT', (other) => rootOf(node, other)),
    ...takenBy(others, 'VE_PRIVATE', (other) => privateOf(node, other)),
  ]);
  const table = parseMountinfo(host.files.read(`${host.proc}/self/mountinfo`) ?? '');
  const layers = { scratch: `${runDirOf(node, config.id)}/layers` };
  if (!table.every((m) => m.path !== root || isOwnMount(table, m, area, layers)))
    throw refused(config, 'VE_ROOT', shownPath(node, config, 'VE_ROOT'), 'is where something else is mounted');
}

/** Throws VzError 'place-refused' for a VE_ROOT at which a mount would not be, or is not, the container's own. */
export function checkRoot(context: Looking, config: CtConfig): void {
  checkRootAmong(context, config, othersOf(context, config));
}

function checkAreaAmong(context: Looking, config: CtConfig, others: readonly CtConfig[], shared: (other: CtConfig) => boolean): void {
  const { host, node } = context;
  const area = placeOf(context, config, 'VE_PRIVATE');
  checkApart(context, config, 'VE_PRIVATE', area, [...nodeDirs(context), ...takenBy(others, 'VE_ROOT', (other) => rootOf(node, other))]);
  const here = host.files.stat(area);
  for (const other of others) {
    const theirs = privateOf(node, other);
    if (theirs === null) continue;
    const there = host.files.stat(theirs);
    const same = inside(area, theirs) || inside(theirs, area) || (here && there && here.dev === there.dev && here.ino === there.ino);
    if (same && shared(other)) throw new VzError('private-shared', { ct: config.id, path: area, by: other.id });
  }
}

/** Throws VzError 'place-refused', and 'private-shared' for a private area that any other container has: it would go with this one. */
export function checkArea(context: Looking, config: CtConfig): void {
  checkAreaAmong(context, config, othersOf(context, config), () => true);
}

/** Throws VzError 'place-refused', and 'private-shared' for a private area that a living container has, by whatever path. */
export function checkPlaces(context: Looking, config: CtConfig): void {
  const { host, node } = context;
  const others = othersOf(context, config);
  checkRootAmong(context, config, others);
  const view = viewNode(host);
  checkAreaAmong(
    context,
    config,
    others,
    (other) => liveInit(host, node, other.id) !== null || view.mounted.has(rootOf(node, other) ?? ''),
  );
}
