// The directory in which programs in the kernel, their maps and links have names: a bpf file system of this prefix's own, there while a container
// has a record. Knows nothing of what is pinned there.
//
// Who makes something in it and who takes it away have one lock for all of it. A start leaves its record before it asks for the place, and an end
// closes its record before it asks whether the place may go: so one of the two sees the other.
import { unpin } from '../host/bpf.ts';
import type { Host } from '../host/port.ts';
import type { Op } from '../spec/op.ts';
import { type Patience, patientLock } from './patient-lock.ts';
import { recordedIds } from './record.ts';

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

const isNeeded = (host: Host): boolean => recordedIds(host, { runDir: runDirIn(host.root) }).length > 0;

async function alone<T>(host: Host, patience: Patience, work: () => Promise<T>): Promise<T> {
  const lock = await patientLock(host, `${runDirIn(host.root)}/lock/bpf`, patience);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/**
 * Work on what has names there, with nobody else at it; the place is made where it is missing. null, and nothing done, where no container needs it.
 * Throws VzError 'launch-failed', 'lock-stuck'.
 */
export function inBpfPlace<T>(host: Host, patience: Patience, work: () => Promise<T>): Promise<T | null> {
  return alone(host, patience, async () => {
    if (!isNeeded(host)) return null;
    const dir = bpfPlace(host);
    const ops: readonly Op[] = [
      { op: 'mkdir', path: dir, mode: 0o700 },
      { op: 'newFs', slot: 0, type: 'bpf', options: ['mode=700'], attrs: QUIET, fsuid: 0 },
      { op: 'attach', slot: 0, path: dir },
    ];
    if (!hasBpfPlace(host)) await host.launcher.ops({ ops });
    return work();
  });
}

const GONE = 'gone_';

/** Name by name, since a copy of the mount in somebody's namespace would keep them. What is killed meanwhile leaves no set that looks whole. */
function unpinAll(files: Host['files'], place: string): void {
  // the kernel takes no name with a dot, and has such names of its own there (maps.debug)
  const names = (files.list(place) ?? []).filter((name) => !name.includes('.'));
  for (const name of names.sort((a, b) => Number(b.startsWith(GONE)) - Number(a.startsWith(GONE)))) {
    const dir = `${place}/${name}`;
    if (files.lstat(dir)?.type !== 'dir') files.unlink(dir);
    else if (name.startsWith(GONE)) unpin(files, dir);
    else {
      files.rename(dir, `${place}/${GONE}${name}`);
      unpin(files, `${place}/${GONE}${name}`);
    }
  }
}

/** One mount too many may lie over it when its maker was killed; more than that is nobody's accident. */
const LAYERS = 16;

/**
 * Takes it away with all that is pinned there, if no container needs it; harmless when it is not there. `whoever`: a record alone does not keep it.
 * Throws VzError 'launch-failed', 'lock-stuck'.
 */
export function dropBpfPlace(host: Host, patience: Patience, whoever = false): Promise<void> {
  return alone(host, patience, async () => {
    if (host.planning || (isNeeded(host) && !whoever)) return;
    const place = bpfPlace(host);
    for (let layer = 0; layer < LAYERS && hasBpfPlace(host); layer++) {
      unpinAll(host.files, place);
      await host.launcher.ops({ ops: [{ op: 'umount', path: place, flags: MNT_DETACH }] });
    }
    await host.launcher.ops({ ops: [{ op: 'rmdir', path: place }] });
  });
}
