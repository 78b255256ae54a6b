// A directory or file of the node as a container sees it: a detached clone of its mount, with the container's ids where the file system can
// show others, and flags that its root cannot change. Says what is done; asks nothing.
import { NO_SLOT, type Op } from '../spec/op.ts';
import type { BindMount, BindOption } from '../spec/params/mounts.ts';
import { MOUNT_ATTR, PROPAGATION } from './flags.ts';

const ATTRS: Readonly<Partial<Record<BindOption, bigint>>> = {
  ro: MOUNT_ATTR.RDONLY,
  noexec: MOUNT_ATTR.NOEXEC,
  nosuid: MOUNT_ATTR.NOSUID,
  noatime: MOUNT_ATTR.NOATIME,
};

/**
 * Into `slot`. `userns`: slot of a user namespace with the container's map, null: ids as they are. Private: what is mounted on the source later,
 * or inside on the clone, goes neither way.
 */
export function bindTree({ source, options }: BindMount, slot: number, userns: number | null): readonly Op[] {
  const set = options.reduce((all, option) => all | (ATTRS[option] ?? 0n), MOUNT_ATTR.NODEV | (userns === null ? 0n : MOUNT_ATTR.IDMAP));
  // the kinds of atime are one field: to set one of them, all are cleared
  const clear = options.includes('noatime') ? MOUNT_ATTR.ATIME : 0n;
  return [
    { op: 'cloneSource', slot, path: source, recursive: options.includes('rec') ? 1 : 0 },
    { op: 'setTree', slot, set, clear, propagation: PROPAGATION.private, userns: userns ?? NO_SLOT },
    { op: 'seal', slot },
  ];
}
