// What whoever makes programs for the kernel has in common: hearing its no, and taking their names away again.
import { VzError } from '../errors.ts';
import type { Op } from '../spec/op.ts';
import type { Host } from './port.ts';

/** null; or what the kernel has said to it. Throws what is no answer of the kernel's. */
export async function refusal({ launcher }: Pick<Host, 'launcher'>, ops: readonly Op[]): Promise<VzError | null> {
  try {
    await launcher.ops({ ops });
    return null;
  } catch (error) {
    if (error instanceof VzError && error.code === 'launch-failed') return error;
    throw error;
  }
}

/** A directory of pins, and all in it; harmless where it is not there. */
export function unpin(files: Host['files'], dir: string): void {
  for (const name of files.list(dir) ?? []) {
    if (files.lstat(`${dir}/${name}`)?.type === 'dir') unpin(files, `${dir}/${name}`);
    else files.unlink(`${dir}/${name}`);
  }
  files.rmdir(dir);
}
