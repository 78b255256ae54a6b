// The cgroup lines of /proc/self/mountinfo. Knows their format (proc(5)); refuses to know which of them anybody needs.

export interface CgroupMount {
  readonly version: 1 | 2;
  readonly mount: string;
  /** Directory of the hierarchy that is seen at the mount point; "/" but in containers and bind mounts. */
  readonly root: string;
  /** Options of the file system: controllers of a v1 hierarchy, "name=systemd", nsdelegate, pids_localevents … */
  readonly options: readonly string[];
  readonly readOnly: boolean;
}

/** Blank, tab, newline and backslash stand as octal escapes. */
const plain = (text: string): string => text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

function parseLine(line: string): CgroupMount | null {
  const [front = '', back = ''] = line.split(' - ');
  const [, , , root, mount, options] = front.split(' ');
  const [type, , superOptions] = back.split(' ');
  if (root === undefined || mount === undefined || options === undefined || superOptions === undefined) return null;
  if (type !== 'cgroup' && type !== 'cgroup2') return null;
  return {
    version: type === 'cgroup2' ? 2 : 1,
    mount: plain(mount),
    root: plain(root),
    options: superOptions.split(','),
    readOnly: options.split(',').includes('ro') || superOptions.split(',').includes('ro'),
  };
}

/** One entry per hierarchy, in the order of mounting. Of a hierarchy mounted more than once the widest view counts: the whole tree rather than a part, writable rather than not. */
export function cgroupMounts(mountinfo: string): readonly CgroupMount[] {
  const best = new Map<string, CgroupMount>();
  const worth = (m: CgroupMount): number => (m.readOnly ? 0 : 2) + (m.root === '/' ? 1 : 0);
  for (const line of mountinfo.split('\n')) {
    const found = parseLine(line);
    if (!found) continue;
    const key = found.version === 2 ? '2' : found.options.filter((o) => o !== 'rw' && o !== 'ro').join();
    const known = best.get(key);
    if (!known || worth(found) > worth(known)) best.set(key, found);
  }
  return [...best.values()];
}
