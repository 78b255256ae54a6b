// The cgroup trees that are mounted, from the text of /proc/self/mountinfo. Refuses to know which of them anybody needs.
import { type Mount, parseMountinfo } from '../host/mountinfo.ts';

export interface CgroupMount {
  readonly version: 1 | 2;
  readonly mount: string;
  /** Directory of the hierarchy that is seen at the mount point; "/" but in containers and bind mounts. */
  readonly root: string;
  /** Options of the file system: controllers of a v1 hierarchy, "name=systemd", nsdelegate, pids_localevents … */
  readonly options: readonly string[];
  readonly readOnly: boolean;
}

function cgroupMount({ root, path, options, type, superOptions }: Mount): CgroupMount | null {
  if (type !== 'cgroup' && type !== 'cgroup2') return null;
  const own = superOptions.split(',');
  return {
    version: type === 'cgroup2' ? 2 : 1,
    mount: path,
    root,
    options: own,
    readOnly: options.split(',').includes('ro') || own.includes('ro'),
  };
}

/** One entry per hierarchy, in the order of mounting. Of a hierarchy mounted more than once the widest view counts: the whole tree rather than a part, writable rather than not. */
export function cgroupMounts(mountinfo: string): readonly CgroupMount[] {
  const best = new Map<string, CgroupMount>();
  const worth = (m: CgroupMount): number => (m.readOnly ? 0 : 2) + (m.root === '/' ? 1 : 0);
  // each container is a mount, too
  const lines = mountinfo.split('\n').filter((line) => line.includes(' - cgroup'));
  for (const mount of parseMountinfo(lines.join('\n'))) {
    const found = cgroupMount(mount);
    if (!found) continue;
    const key = found.version === 2 ? '2' : found.options.filter((o) => o !== 'rw' && o !== 'ro').join();
    const known = best.get(key);
    if (!known || worth(found) > worth(known)) best.set(key, found);
  }
  return [...best.values()];
}
