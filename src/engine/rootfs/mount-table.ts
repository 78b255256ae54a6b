// In which order mounts can be taken down.
import type { Mount } from '../host/mountinfo.ts';
import { inside } from '../host/paths.ts';

/** Mount points at and below a directory that is one, deepest first: the order in which they can be unmounted. */
export function below(mounts: readonly Mount[], directory: string): readonly Mount[] {
  const found = mounts.filter((m) => inside(m.path, directory));
  return found.some((m) => m.path === directory) ? found.sort((a, b) => b.id - a.id) : [];
}
