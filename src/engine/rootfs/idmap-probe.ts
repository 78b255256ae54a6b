// Can a directory's file system show its files under other ids? The kernel is asked by trying, since that differs between its versions and
// no table tells it.
import { VzError } from '../errors.ts';
import { parseMountinfo } from '../host/mountinfo.ts';
import type { Host } from '../host/port.ts';
import { FIRST_BASE, RANGE } from '../spec/id-range.ts';
import { MOUNT_ATTR } from './flags.ts';

/** ext4, xfs and btrfs (linux/magic.h) have mapped ids since 5.12 and 5.15: trying would only cost time. */
const KNOWN: ReadonlySet<number> = new Set([0xef53, 0x5846_5342, 0x9123_683e]);

const USERNS = 0;
const TREE = 1;

/** Type of the file system that a path lies on, as the mount table calls it; of several mounts on one place the last one is seen. */
export function fileSystemOf(host: Pick<Host, 'files' | 'proc'>, path: string): string {
  const mounts = parseMountinfo(host.files.read(`${host.proc}/self/mountinfo`) ?? '');
  const above = mounts.filter((m) => m.path === '/' || path === m.path || path.startsWith(`${m.path}/`));
  const deepest = Math.max(0, ...above.map((m) => m.path.length));
  return above.findLast((m) => m.path.length === deepest)?.type ?? 'unknown';
}

/** False only where the kernel says that the file system is why; other trouble is for who really mounts there. */
export async function canMapIds(host: Host, directory: string): Promise<boolean> {
  return KNOWN.has(host.files.statfs(directory).type) || (await triesToMapIds(host, directory)) === null;
}

/** Really tries it, whatever the file system. The refusal of the kernel, null where it does it. */
export async function triesToMapIds(host: Host, directory: string): Promise<string | null> {
  try {
    await host.launcher.ops({
      ops: [
        { op: 'userns', slot: USERNS, base: FIRST_BASE, count: RANGE },
        { op: 'cloneTree', slot: TREE, path: directory, recursive: 0 },
        { op: 'setTree', slot: TREE, set: MOUNT_ATTR.IDMAP, clear: 0n, propagation: 0n, userns: USERNS },
      ],
    });
    return null;
  } catch (error) {
    if (!isUnmappable(error)) return null;
    return `mount_setattr: ${(error as VzError).fields['errno']}`;
  }
}

/** EINVAL from mount_setattr with an id map means that the file system has no FS_ALLOW_IDMAP. */
export function isUnmappable(error: unknown): boolean {
  if (!(error instanceof VzError) || error.code !== 'launch-failed') return false;
  return error.fields['op'] === 'setTree' && error.fields['errno'] === 'EINVAL';
}
