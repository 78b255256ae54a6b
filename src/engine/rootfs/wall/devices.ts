// The container's own /dev: nodes of the node that harm nobody, its own terminals, and nothing else.

import { NO_SLOT, type Op } from '../../spec/op.ts';
import { MOUNT_ATTR, PROPAGATION } from '../flags.ts';

/** Nodes are bound, not made: no user namespace may make one, and none that is made works. */
export const NODES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'] as const;

/** Group tty inside, as in every distribution. */
const TTY_GID = 5;

const QUIET = MOUNT_ATTR.NOSUID | MOUNT_ATTR.NOEXEC;
const EVERY = QUIET | MOUNT_ATTR.NODEV;

export interface Bound {
  readonly path: string;
  readonly options: readonly string[];
  readonly reason: string;
}

export const TMPFS = {
  dev: {
    path: '/dev',
    options: ['mode=755', 'size=64k', 'nr_inodes=1k'],
    reason: 'names and links; a program that writes to a mistyped node stops soon',
  },
  shm: { path: '/dev/shm', options: ['mode=1777', 'nr_inodes=64k'], reason: 'its pages count as the container’s memory' },
} as const satisfies Record<string, Bound>;

const LINKS = { ptmx: 'pts/ptmx', fd: '/proc/self/fd', stdin: '/proc/self/fd/0', stdout: '/proc/self/fd/1', stderr: '/proc/self/fd/2' };

export interface DeviceParts {
  /** First mapped id of the container. */
  readonly base: number;
  /** Terminals of the keeper: 1 is /dev/console, n is /dev/ttyn. */
  readonly ttys: readonly number[];
  /** Pseudo-terminals that the container may have at once. */
  readonly numpty: number;
  readonly firstSlot: number;
}

/** Slot of the null device, which also hides files. */
export const nullSlot = ({ firstSlot }: DeviceParts): number => firstSlot;
const ptsSlot = ({ firstSlot }: DeviceParts): number => firstSlot + NODES.length;

/** The keeper keeps the container's devpts open: what terminals it has is seen there, whatever root inside puts over /dev/pts. */
export const holdPts = (parts: DeviceParts): Op => ({ op: 'hold', slot: ptsSlot(parts) });

const ptsOptions = ({ base, numpty }: Pick<DeviceParts, 'base' | 'numpty'>): readonly string[] => [
  'ptmxmode=666',
  'mode=620',
  `gid=${base + TTY_GID}`,
  `max=${numpty}`,
];

/** DEVPTS_SUPER_MAGIC of linux/magic.h. */
export const DEVPTS = 0x1cd1n;

/** The devpts that the node has made for a container, where its keeper holds it. */
export interface HeldPts {
  readonly pid: number;
  readonly startTime: bigint;
  readonly descriptor: number;
}

/** Another number of pseudo-terminals for a container that runs. */
export const remountPts = (held: HeldPts, base: number, numpty: number): Op => ({
  op: 'remount',
  ...held,
  magic: DEVPTS,
  options: ptsOptions({ base, numpty }),
});

/**
 * On the node, before the birth. The nodes' mounts are private: as peers of the node's /dev they would carry what root inside mounts over
 * /dev/null back to the node. devpts is made here, since who makes it may change its limit.
 */
export function prepareDevices(parts: DeviceParts): readonly Op[] {
  const nodes = NODES.flatMap((name, i): Op[] => {
    const slot = parts.firstSlot + i;
    return [
      { op: 'cloneTree', slot, path: `/dev/${name}`, recursive: 0 },
      { op: 'setTree', slot, set: QUIET, clear: 0n, propagation: PROPAGATION.private, userns: NO_SLOT },
    ];
  });
  return [...nodes, { op: 'newFs', slot: ptsSlot(parts), type: 'devpts', options: ptsOptions(parts), attrs: QUIET, fsuid: 0 }];
}

function node(path: string, put: Op): Op[] {
  return [{ op: 'file', path, mode: 0o666 }, put];
}

function tmpfs({ path, options }: Bound, attrs: bigint): Op[] {
  return [
    { op: 'dir', path, mode: 0o755 },
    { op: 'mount', type: 'tmpfs', path, options, attrs },
  ];
}

export const ttyPath = (number: number): string => (number === 1 ? '/dev/console' : `/dev/tty${number}`);

/** In the container, below its root, before the pivot. */
export function devices(parts: DeviceParts): readonly Op[] {
  return [
    ...tmpfs(TMPFS.dev, QUIET),
    ...NODES.flatMap((name, i) => node(`/dev/${name}`, { op: 'place', slot: parts.firstSlot + i, path: `/dev/${name}` })),
    { op: 'dir', path: '/dev/pts', mode: 0o755 },
    { op: 'place', slot: ptsSlot(parts), path: '/dev/pts' },
    ...tmpfs(TMPFS.shm, QUIET | MOUNT_ATTR.NODEV),
    { op: 'dir', path: '/dev/mqueue', mode: 0o755 },
    { op: 'mount', type: 'mqueue', path: '/dev/mqueue', options: [], attrs: EVERY },
    ...Object.entries(LINKS).map(([name, target]): Op => ({ op: 'symlink', target, path: `/dev/${name}` })),
    ...parts.ttys.flatMap((tty) => node(ttyPath(tty), { op: 'ttyAt', tty, path: ttyPath(tty) })),
  ];
}
