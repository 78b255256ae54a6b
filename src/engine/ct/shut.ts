// Trees of containers hold setuid files that are root's on the node: whoever reaches one has it. So what they lie in must let nobody but root
// pass; looked at whenever a tree is made or shown, since administrators and packages make such directories, too.
import { VzError } from '../errors.ts';
import { above } from '../host/paths.ts';
import type { FileInfo } from '../host/port.ts';
import type { VerbContext } from './verb.ts';

type Shutter = Pick<VerbContext, 'host' | 'report'>;

/** Search permission for group or others; an owner who is not root could give it to himself. */
const isOpen = ({ mode, uid }: FileInfo): boolean => uid !== 0 || (mode & 0o011) !== 0;

/** Does a directory above it let nobody but root pass? */
export function barred({ host }: Pick<VerbContext, 'host'>, path: string): boolean {
  for (let dir = above(path); dir !== '/'; dir = above(dir)) {
    const there = host.files.stat(dir);
    if (there !== null && !isOpen(there)) return true;
  }
  return false;
}

/** Closes a directory in which nothing lies that others have a use for. */
export async function shut({ host, report }: Shutter, dir: string): Promise<void> {
  const there = host.files.stat(dir);
  if (there === null || !isOpen(there)) return;
  report({ level: 1, text: `Directory ${dir} is closed to ordinary users of the node: setuid files of containers lie below it` });
  const { status, stderr } = await host.run('sh', ['-c', 'chown 0:0 -- "$0" && chmod 0700 -- "$0"', dir]);
  if (status !== 0) throw new VzError('area-open', { path: dir, dir, cause: stderr.trim() });
}

/** Names of private areas, and of those that are being made or were set aside. */
const AREA = /^\d+(\.\w+)*$/;

/**
 * A private area must lie below a directory that only root may pass. Its parent is closed if it holds nothing but private areas.
 * Throws VzError 'area-open' where others may have a use for it.
 */
export async function shutArea(context: Shutter, area: string): Promise<void> {
  if (barred(context, area)) return;
  const dir = above(area);
  const names = context.host.files.list(dir) ?? [];
  if (dir === '/' || !names.every((name) => AREA.test(name) || name === 'lost+found')) throw new VzError('area-open', { path: area, dir });
  await shut(context, dir);
}
