// In which order mounts can be taken down.
import type { Mount } from '../host/mountinfo.ts';

/** Mount points at or below a directory, deepest first: the order in which they can be unmounted. */
export function below(mounts: readonly Mount[], directory: string): readonly Mount[] {
  return mounts.filter((m) => m.path === directory || m.path.startsWith(`${directory}/`)).sort((a, b) => b.id - a.id);
}
