// Which processes are in a container, by the kernel's own lists: those of its group and of all groups that it has made below.
import type { Files } from '../host/port.ts';
import type { CgroupTopology } from './face.ts';

type Reading = Pick<Files, 'read' | 'list' | 'lstat'>;

/** ENODEV: the group has gone under us. EOPNOTSUPP: a threaded group, whose processes stand in the list of the one above. */
const NO_LIST: ReadonlySet<unknown> = new Set(['ENODEV', 'EOPNOTSUPP']);

function readList(files: Reading, path: string): string {
  try {
    return files.read(path) ?? '';
  } catch (error) {
    if (NO_LIST.has((error as NodeJS.ErrnoException).code)) return '';
    throw error;
  }
}

function listOf(files: Reading, dir: string): readonly string[] {
  try {
    return files.list(dir) ?? [];
  } catch (error) {
    if (NO_LIST.has((error as NodeJS.ErrnoException).code)) return [];
    throw error;
  }
}

/** The directory below which all of it is sure to be. */
export function groupOf({ unified, controllers, hierarchies, top }: CgroupTopology, id: number): string | null {
  const mount = unified ?? controllers.get('pids')?.mount ?? hierarchies[0]?.mount;
  return mount === undefined ? null : `${mount}${top}/${id}`;
}

/** A first level as we make it: whatever else lies in it is a control file. */
const OURS: ReadonlySet<string> = new Set(['init']);

/** Pids of the node; empty when the container's groups are gone. */
export function membersOf(files: Reading, topology: CgroupTopology, id: number): readonly number[] {
  const root = groupOf(topology, id);
  const first = root === null ? null : files.list(root);
  if (root === null || first === null) return [];
  const control = new Set(first.filter((name) => !OURS.has(name)));
  const descendants = Number(/^nr_descendants (\d+)$/m.exec(readList(files, `${root}/cgroup.stat`))?.[1] ?? 0);

  const collect = (isGroup: (dir: string, name: string) => boolean): { readonly pids: readonly number[]; readonly groups: number } => {
    const pids: number[] = [];
    let groups = -1;
    const walk = (dir: string, names: readonly string[]): void => {
      groups++;
      for (const pid of readList(files, `${dir}/cgroup.procs`).split('\n')) if (pid !== '') pids.push(Number(pid));
      for (const name of names) if (isGroup(dir, name)) walk(`${dir}/${name}`, listOf(files, `${dir}/${name}`));
    };
    walk(root, first);
    return { pids, groups };
  };

  const quick = collect((_, name) => !control.has(name));
  // A group may be called as a control file is, to hide what is in it: then there are fewer than the kernel counts, and each is looked at.
  return quick.groups >= descendants ? quick.pids : collect((dir, name) => files.lstat(`${dir}/${name}`)?.type === 'dir').pids;
}
