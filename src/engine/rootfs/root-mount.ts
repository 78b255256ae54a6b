// How a container's root file system comes to VE_ROOT on the node, and from there into the container, per layout.
//
// On the node VE_ROOT is nosuid and nodev, and shared: what the administrator mounts below it arrives inside, since the container's
// root is a slave clone of it. Files on disk keep the ids 0…65535; the id map is on the mount (simfs: on the container's clone only, so
// that root of the node sees and writes plain ids at VE_ROOT; overlay: on its layers, since an overlay itself cannot be mapped).

import { RANGE } from '../spec/id-range.ts';
import type { Op } from '../spec/op.ts';
import { NEWBORN, NO_SLOT } from '../spec/op.ts';
import { MNT_DETACH, MOUNT_ATTR, PROPAGATION } from './flags.ts';

export type Layout = 'simfs' | 'overlay';

export interface RootMount {
  readonly layout: Layout;
  /** Private area on the node. */
  readonly private: string;
  /** VE_ROOT on the node. */
  readonly root: string;
  /** overlay: the unpacked template. */
  readonly lower: string;
  /** overlay: an empty directory of ours under which the layers are mounted while the overlay is made. */
  readonly scratch: string;
  /** Options of the container's own mount of it (MOUNT_OPTS); those that only an image takes are passed over. */
  readonly options?: readonly string[];
}

/** Descriptor slots of the launch plan that rootfs uses. */
export const ROOT_SLOT = { userns: 0, tree: 1, root: 2, upper: 3 } as const;

const SHUT = MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV;
const S = ROOT_SLOT;

function set(slot: number, attrs: { set?: bigint; clear?: bigint; propagation?: bigint; userns?: number }): Op {
  const { set = 0n, clear = 0n, propagation = 0n, userns = NO_SLOT } = attrs;
  return { op: 'setTree', slot, set, clear, propagation, userns };
}

function simfs(m: RootMount): Op[] {
  return [
    { op: 'cloneTree', slot: S.tree, path: m.private, recursive: 0 },
    set(S.tree, { set: SHUT }),
    { op: 'attach', slot: S.tree, path: m.root },
  ];
}

/** Layers given as descriptors need Linux 6.13; attached for a moment they work everywhere, since an overlay keeps clones of its layers. */
function overlay(m: RootMount, idBase: number | null): Op[] {
  const mapped = idBase === null ? {} : { userns: S.userns };
  const attrs = idBase === null ? SHUT : SHUT | MOUNT_ATTR.IDMAP;
  const layer = (slot: number, from: string, to: string): Op[] => [
    { op: 'mkdir', path: to, mode: 0o700 },
    { op: 'cloneTree', slot, path: from, recursive: 0 },
    set(slot, { set: attrs, ...mapped }),
    { op: 'attach', slot, path: to },
  ];
  const lower = `${m.scratch}/lower`;
  const upper = `${m.scratch}/upper`;
  return [
    ...layer(S.tree, m.lower, lower),
    ...layer(S.upper, m.private, upper),
    {
      op: 'newFs',
      slot: S.root,
      type: 'overlay',
      options: [`lowerdir=${lower}`, `upperdir=${upper}/upper`, `workdir=${upper}/work`],
      attrs: SHUT,
      // Overlay makes its work files with the mounter's ids, which must be mapped in the layers.
      fsuid: idBase ?? 0,
    },
    { op: 'attach', slot: S.root, path: m.root },
    ...scratchGone(m),
  ];
}

function scratchGone(m: RootMount): Op[] {
  return ['upper', 'lower'].flatMap((name): Op[] => [
    { op: 'umount', path: `${m.scratch}/${name}`, flags: MNT_DETACH },
    { op: 'rmdir', path: `${m.scratch}/${name}` },
  ]);
}

/** Mounts the root at VE_ROOT. idBase null: for the node alone (verb mount), ids as on disk. */
export function mountRoot(m: RootMount, idBase: number | null): Op[] {
  const map: Op[] = idBase === null || m.layout === 'simfs' ? [] : [{ op: 'userns', slot: S.userns, base: idBase, count: RANGE }];
  return [
    ...map,
    { op: 'mkdir', path: m.root, mode: 0o755 },
    ...(m.layout === 'simfs' ? simfs(m) : overlay(m, idBase)),
    set(m.layout === 'simfs' ? S.tree : S.root, { propagation: PROPAGATION.shared }),
  ];
}

interface Attrs {
  readonly set: bigint;
  readonly clear: bigint;
}

/** The kinds of access time are one field: to set one of them, all are cleared. */
const OPTIONS: Readonly<Record<string, Attrs>> = {
  ro: { set: MOUNT_ATTR.RDONLY, clear: 0n },
  noexec: { set: MOUNT_ATTR.NOEXEC, clear: 0n },
  noatime: { set: MOUNT_ATTR.NOATIME, clear: MOUNT_ATTR.ATIME },
  strictatime: { set: MOUNT_ATTR.STRICTATIME, clear: MOUNT_ATTR.ATIME },
  relatime: { set: 0n, clear: MOUNT_ATTR.ATIME },
  nodiratime: { set: MOUNT_ATTR.NODIRATIME, clear: 0n },
};
export const ROOT_OPTIONS: readonly string[] = Object.keys(OPTIONS);

/** The container's own clone of VE_ROOT in slot `root`; setuid programs work in it again. nodev stays: devices come from the plan alone. */
export function containerRoot(m: RootMount): Op[] {
  const clone: Op = { op: 'cloneTree', slot: S.root, path: m.root, recursive: 0 };
  const attrs = (m.options ?? []).reduce<Attrs>(
    (all, option) => ({
      set: (all.set & ~(OPTIONS[option]?.clear ?? 0n)) | (OPTIONS[option]?.set ?? 0n),
      clear: all.clear | (OPTIONS[option]?.clear ?? 0n),
    }),
    { set: 0n, clear: MOUNT_ATTR.NOSUID },
  );
  return [clone, set(S.root, { ...attrs, propagation: PROPAGATION.slave })];
}

/** Maps the ids of that clone (an overlay's layers are mapped already). With the newborn's own namespace: one made for it alone takes a millisecond. */
export function mapRoot(m: RootMount): Op[] {
  return m.layout === 'simfs' ? [set(S.root, { set: MOUNT_ATTR.IDMAP, userns: NEWBORN })] : [];
}
