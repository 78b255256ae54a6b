// Failure records of the launcher turned into errors that name object, cause and remedy.
import { VzError } from '../errors.ts';
import type { RootMount } from '../rootfs/root-mount.ts';

function failed(error: unknown, op: string, errno: string): error is VzError {
  return error instanceof VzError && error.code === 'launch-failed' && error.fields['op'] === op && error.fields['errno'] === errno;
}

/** EINVAL from mount_setattr with an id map means that the file system has no FS_ALLOW_IDMAP. */
export function explainMount(error: unknown, root: RootMount): unknown {
  if (failed(error, 'setTree', 'EINVAL')) return new VzError('no-idmap', { path: root.private, type: 'its file system' }, error);
  if (error instanceof VzError && error.code === 'launch-failed') {
    const { syscall, path, errno } = error.fields;
    return new VzError('mount-failed', { path: root.root, cause: `${syscall} ${path}: ${errno}` }, error);
  }
  return error;
}

/** Somebody else took the id range between our look and the keeper's lock. */
export function rangeTaken(error: unknown): boolean {
  return error instanceof VzError && error.code === 'launch-failed' && error.fields['op'] === 'lease';
}
