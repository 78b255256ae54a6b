// The directory in which programs in the kernel, their maps and links have names: a bpf file system of this prefix's own. It goes with the last
// thing that is pinned in it only when somebody takes it away; a reboot does, too. Knows nothing of what is pinned there.
import type { Host } from '../host/port.ts';
import type { Op } from '../spec/op.ts';

/** BPF_FS_MAGIC of linux/magic.h. */
const BPF_FS = 0xcafe_4a11;
const MNT_DETACH = 2;
/** MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC. */
const QUIET = 0x0en;

export const runDirIn = (root: string): string => `${root.replace(/\/+$/, '')}/run/vzdeck`;

export const bpfPlace = ({ root }: Pick<Host, 'root'>): string => `${runDirIn(root)}/bpf`;

export function hasBpfPlace({ files, root }: Pick<Host, 'files' | 'root'>): boolean {
  const dir = bpfPlace({ root });
  return files.stat(dir) !== null && files.statfs(dir).type === BPF_FS;
}

/** Makes it where it is not there. Of several at once one makes it: what another one mounted over it would hide all names. Throws VzError 'launch-failed'. */
export async function makeBpfPlace(host: Host): Promise<string> {
  const dir = bpfPlace(host);
  if (hasBpfPlace(host)) return dir;
  host.files.mkdir(`${runDirIn(host.root)}/lock`, 0o700);
  const lock = await host.launcher.lock(`${runDirIn(host.root)}/lock/bpf`, { wait: true });
  try {
    if (hasBpfPlace(host)) return dir;
    const ops: readonly Op[] = [
      { op: 'mkdir', path: dir, mode: 0o700 },
      { op: 'newFs', slot: 0, type: 'bpf', options: ['mode=700'], attrs: QUIET, fsuid: 0 },
      { op: 'attach', slot: 0, path: dir },
    ];
    await host.launcher.ops({ ops });
    return dir;
  } finally {
    await lock?.release();
  }
}

/** With all that is pinned in it and held by nothing else; harmless when it is not there. */
export const removeBpfPlace = (host: Pick<Host, 'root'>): readonly Op[] => [
  { op: 'umount', path: bpfPlace(host), flags: MNT_DETACH },
  { op: 'rmdir', path: bpfPlace(host) },
];
