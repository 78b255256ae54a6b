// What of the node a container is given at its birth, beside its own root: bind mounts, device nodes, and modules for its features.
import { VzError } from '../errors.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { bindTree } from '../rootfs/bind-tree.ts';
import { administers } from '../rootfs/wall/capabilities.ts';
import { featureOf } from '../spec/features.ts';
import { RANGE } from '../spec/id-range.ts';
import { MAX_SLOTS, type Op } from '../spec/op.ts';
import { parseSwitches } from '../spec/params/rights.ts';
import type { Given } from '../store/given.ts';
import { lookAt } from './bind-mounts.ts';
import { makeNode, nodePath } from './device-access.ts';
import type { CtSettings } from './settings.ts';
import type { VerbContext } from './verb.ts';

/** Slots from here on: the user namespace with the id map, then one for each thing that is given. */
const FIRST_SLOT = 24;

export interface Gifts {
  /** On the node, when its cgroups are there and nobody lives in them. */
  readonly groups: readonly Op[];
  /** On the node. */
  readonly prepare: readonly Op[];
  /** After the pivot, when nothing of ours is written inside any more: what root inside made of the places is its own affair. */
  readonly inside: readonly Op[];
  readonly given: Given;
}

export const NO_GIFTS: Gifts = { groups: [], prepare: [], inside: [], given: { binds: [], access: {} } };

/** Modules of features; a device may only be there with them. One that cannot be loaded shows itself where it is missing. */
export async function loadModules({ host }: VerbContext, features: string): Promise<void> {
  for (const [name, on] of parseSwitches(features)) {
    const { module } = (on && featureOf(name)) || {};
    if (module !== undefined && host.files.stat(`/sys/module/${module}`) === null)
      await host.run('modprobe', ['-q', '--', module]).catch(() => {});
  }
}

/** Features that are on and that no unprivileged container can have: why, and the way round. */
export function impossible(features: string, before = ''): readonly string[] {
  const was = parseSwitches(before);
  return [...parseSwitches(features)].flatMap(([name, on]) => {
    const feature = featureOf(name);
    return on && was.get(name) !== true && feature?.gives === 'nothing' ? [`Warning: feature ${name}: ${feature.says}`] : [];
  });
}

/** An init that must mount stands still where it may not, and says so on the console only. */
export function initTrouble({ host }: Pick<VerbContext, 'host'>, { pid }: ProcessId, { wall }: CtSettings): string | null {
  const program = host.files.readLink(`${host.proc}/${pid}/exe`) ?? '';
  if (!program.endsWith('/systemd') || wall.capabilities === undefined || administers(wall.capabilities)) return null;
  return 'Warning: systemd inside needs the capability sys_admin, which this container does not have: --capability sys_admin:on, or a template with sysvinit';
}

/** Throws VzError 'bind-refused'. */
export async function gifts(context: VerbContext, { binds, devices, given }: CtSettings, idBase: number): Promise<Gifts> {
  for (const name of devices.missing) context.report({ level: -1, text: `Warning: the node has no device /dev/${name}: not given` });
  for (const text of impossible(given['FEATURES'] ?? '')) context.report({ level: -1, text });
  if (binds.length + devices.nodes.length === 0) return { ...NO_GIFTS, given: { binds: [], access: given } };
  if (binds.length + devices.nodes.length >= MAX_SLOTS - FIRST_SLOT)
    throw new VzError('no-support', {
      what: `More than ${MAX_SLOTS - FIRST_SLOT - 1} bind mounts and devices`,
      cause: 'a birth has no room for them',
    });
  const prepare: Op[] = [{ op: 'userns', slot: FIRST_SLOT, base: idBase, count: RANGE }];
  const inside: Op[] = [];
  let slot = FIRST_SLOT;
  for (const node of devices.nodes) {
    prepare.push(makeNode(node, ++slot, idBase));
    inside.push({ op: 'cover', slot, path: nodePath(node) });
  }
  const looked = [];
  for (const wish of binds) {
    const found = await lookAt(context, wish);
    looked.push(found.given);
    prepare.push(...bindTree(found.bind, ++slot, found.mapped ? FIRST_SLOT : null));
    inside.push({ op: 'cover', slot, path: wish.place });
  }
  return { ...NO_GIFTS, prepare, inside, given: { binds: looked, access: given } };
}
