// The wall around a container as operations of the launch plan, in the order in which they must stand. Policy only: what stands behind each
// line, and why, is in the tables beside this file.

import type { Op } from '../../spec/op.ts';
import { MOUNT_ATTR } from '../flags.ts';
import { administers, KEPT } from './capabilities.ts';
import { type DeviceParts, devices, holdPts, nullSlot, prepareDevices } from './devices.ts';
import { HIDDEN, type Part, READ_ONLY, WRITABLE } from './masks.ts';
import { type LimitChoice, lockable, processLimits } from './rlimits.ts';
import { containerFilter, type FilterChoice } from './seccomp.ts';

export interface WallChoice extends FilterChoice, LimitChoice {
  /** Capabilities of init and of all that enter (bit n = capability n); by default OpenVZ's. */
  readonly capabilities?: bigint;
  /** Entries of /proc and /sys that are hidden beside those of the table, and those of the table that are shown. */
  readonly hide?: readonly string[];
  readonly show?: readonly string[];
  /** Pages of System V shared memory, as the kernel reads them; null for no limit. */
  readonly shmall?: string | null;
  /** Largest buffers of a TCP socket, as the kernel reads them; without it those of the node, and root inside may set others. */
  readonly tcp?: { readonly wmem: string; readonly rmem: string };
  /** /sys, and with it the container's own cgroups. */
  readonly sysfs?: boolean;
}

export interface WallParts extends DeviceParts, WallChoice {}

export interface Wall {
  /** On the node, before the birth. */
  readonly prepare: readonly Op[];
  /** While the newborn waits. */
  readonly born: readonly Op[];
  /** Right after `root`, before `pivot`: the kernel allows a new /proc only to those who see one. */
  readonly inside: readonly Op[];
  /** After everything that needs rights, before `exec`. */
  readonly last: readonly Op[];
}

const SHUT = MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC;

const paths = (parts: readonly Part[]): readonly string[] => parts.flatMap((part) => part.paths);

function fileSystem(type: string, path: string, attrs: bigint): Op[] {
  return [
    { op: 'dir', path, mode: 0o755 },
    { op: 'mount', type, path, options: [], attrs },
  ];
}

/** Of its network namespace. */
export const TCP = { wmem: '/proc/sys/net/ipv4/tcp_wmem', rmem: '/proc/sys/net/ipv4/tcp_rmem' } as const;
export const SHMALL = '/proc/sys/kernel/shmall';
/** SHMALL of linux/shm.h, where nobody has set a limit: ULONG_MAX - (1 << 24). */
export const SHMALL_NONE = '18446744073692774399';

/** /proc, /sys and the container's own cgroups, which systemd inside manages itself. */
function kernelViews(slot: number, { hide = [], show = [], sysfs = true, shmall = null, tcp }: WallChoice): readonly Op[] {
  const hidden = [...paths(HIDDEN).filter((path) => !show.includes(path)), ...hide];
  const settings: readonly (readonly [path: string, text: string])[] = [
    ...(shmall === null ? [] : [[SHMALL, shmall] as const]),
    ...(tcp
      ? ([
          [TCP.wmem, tcp.wmem],
          [TCP.rmem, tcp.rmem],
        ] as const)
      : []),
  ];
  const sys: readonly Op[] = [
    ...fileSystem('sysfs', '/sys', SHUT | MOUNT_ATTR.RDONLY),
    { op: 'mount', type: 'cgroup2', path: '/sys/fs/cgroup', options: [], attrs: SHUT },
  ];
  return [
    ...fileSystem('proc', '/proc', SHUT),
    // as its root, and before he may not write there any more
    ...settings.map(([path, text]): Op => ({ op: 'write', path, data: new TextEncoder().encode(text) })),
    ...(sysfs ? sys : []),
    ...WRITABLE.paths.map((path): Op => ({ op: 'protect', path, attrs: 0n })),
    ...[...paths(READ_ONLY), ...(tcp ? [TCP.wmem, TCP.rmem] : [])].map((path): Op => ({ op: 'protect', path, attrs: MOUNT_ATTR.RDONLY })),
    ...hidden.map((path): Op => ({ op: 'mask', path, slot })),
  ];
}

/**
 * The same for init and for every process that enters: nothing inside has more rights than init. The filter comes first, since only who may do
 * everything in his namespaces installs one.
 */
export function wallAround(choice: WallChoice = {}): readonly Op[] {
  const keep = choice.capabilities ?? KEPT;
  const strict = !administers(keep);
  return [...processLimits(choice), { op: 'seccomp', program: containerFilter({ ...choice, strict }) }, { op: 'caps', keep }];
}

export function wall(parts: WallParts): Wall {
  return {
    prepare: prepareDevices(parts),
    born: [holdPts(parts), ...(parts.memlock ? [lockable(parts.memlock)] : [])],
    // Devices first: what hides files is the null device where it already stands, since only a mount with a place can be cloned.
    inside: [...devices(parts), ...kernelViews(nullSlot(parts), parts)],
    last: wallAround(parts),
  };
}
