// By which numbers the kernel's programs know containers: those of their groups in the v2 tree.
import type { CgroupTopology } from '../cgroup/face.ts';
import type { Host } from '../host/port.ts';
import type { GroupId } from '../spec/bpf/passes.ts';

export interface GroupNumbers {
  /** undefined when the container's group is gone. */
  of(id: number): GroupId | undefined;
  /** The container has another group by now. */
  forget(id: number): void;
}

export function groupNumbers({ files }: Pick<Host, 'files'>, { unified, top }: CgroupTopology): GroupNumbers {
  const known = new Map<number, GroupId>();
  return {
    of(id) {
      const group = known.get(id) ?? (unified === null ? undefined : files.stat(`${unified}${top}/${id}`)?.ino);
      if (group !== undefined) known.set(id, group);
      return group;
    },
    forget: (id) => void known.delete(id),
  };
}
