// What of the node a container is given at its birth, beside its own root: bind mounts, device nodes, and modules for its features.
import { VzError } from '../errors.ts';
import { bindTree } from '../rootfs/bind-tree.ts';
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
  /** On the node. */
  readonly prepare: readonly Op[];
  /** After the pivot, when nothing of ours is written inside any more: what root inside made of the places is its own affair. */
  readonly inside: readonly Op[];
  readonly given: Given;
}

export const NO_GIFTS: Gifts = { prepare: [], inside: [], given: { binds: [], access: {} } };

/** Modules of features; a device may only be there with them. One that cannot be loaded shows itself where it is missing. */
export async function loadModules({ host }: VerbContext, features: string): Promise<void> {
  for (const [name, on] of parseSwitches(features)) {
    const { module } = (on && featureOf(name)) || {};
    if (module !== undefined && host.files.stat(`/sys/module/${module}`) === null)
      await host.run('modprobe', ['-q', '--', module]).catch(() => {});
  }
}

/** Throws VzError 'bind-refused'. */
export async function gifts(context: VerbContext, { binds, devices, given }: CtSettings, idBase: number): Promise<Gifts> {
  for (const name of devices.missing) context.report({ level: -1, text: `Warning: the node has no device /dev/${name}: not given` });
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
  return { prepare, inside, given: { binds: looked, access: given } };
}
