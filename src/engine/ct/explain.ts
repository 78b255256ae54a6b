// Failure records of the launcher turned into errors that name object, cause and remedy.
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import { fileSystemOf, isUnmappable } from '../rootfs/idmap-probe.ts';
import type { RootMount } from '../rootfs/root-mount.ts';
import type { Op } from '../spec/op.ts';

const noIdmap = (host: Host, path: string, cause: unknown): VzError =>
  new VzError('no-idmap', { path, type: fileSystemOf(host, path) }, cause);

/** Of mounting VE_ROOT by `ops`, in which an overlay's layers get their ids. */
export function explainMount(host: Host, error: unknown, root: RootMount, ops: readonly Op[]): unknown {
  if (!(error instanceof VzError) || error.code !== 'launch-failed') return error;
  const { index, syscall, path, errno } = error.fields;
  if (isUnmappable(error)) {
    const layer = ops.slice(0, Number(index)).findLast((op) => op.op === 'cloneTree');
    return noIdmap(host, layer?.path ?? root.private, error);
  }
  return new VzError('mount-failed', { path: root.root, cause: `${syscall} ${path}: ${errno}` }, error);
}

/** Of taking down what is mounted at VE_ROOT. */
export function explainUmount(error: unknown, { root }: RootMount): unknown {
  if (!(error instanceof VzError) || error.code !== 'launch-failed') return error;
  const { syscall, path, errno } = error.fields;
  return new VzError('umount-failed', { path: root, cause: `${syscall} ${path}: ${errno}` }, error);
}

/** Of a birth that begins with `mounts`, and in which a private area that is the root gets its ids. */
export function explainBirth(host: Host, error: unknown, root: RootMount, mounts: readonly Op[]): unknown {
  const fields = error instanceof VzError ? error.fields : {};
  if (fields['stage'] === 'prepare' && Number(fields['index']) < mounts.length) return explainMount(host, error, root, mounts);
  return isUnmappable(error) ? noIdmap(host, root.private, error) : error;
}

/** Somebody else took the id range between our look and the keeper's lock; any other trouble with a lease would be the same with the next range. */
export function rangeTaken(error: unknown): boolean {
  if (!(error instanceof VzError) || error.code !== 'launch-failed') return false;
  return error.fields['op'] === 'lease' && error.fields['errno'] === 'EAGAIN';
}
