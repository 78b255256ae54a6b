// Taking a directory away with all that is in it. By a program of its own, since such trees are large, hostile, and must be left in peace at mount points.
import { VzError } from '../errors.ts';
import type { Host } from './port.ts';

/** What is not there is no error. Throws VzError 'not-deleted' with what rm said last. */
export async function removeTree(host: Pick<Host, 'run'>, path: string): Promise<void> {
  const { status, stderr } = await host.run('rm', ['-rf', '--one-file-system', '--', path]);
  if (status !== 0) throw new VzError('not-deleted', { path, cause: stderr.trim().split('\n').at(-1) });
}
