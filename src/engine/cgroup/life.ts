// Which set of counters a container has just now: the boot of the node, and the control group that counts its processes. Each start makes a group
// anew, and while the node is up no two have the same number, which only grow (fs/kernfs/dir.c: cyclic, with a generation above).
import type { Host } from '../host/port.ts';
import type { CgroupTopology } from './face.ts';

const BOOT_ID = 'sys/kernel/random/boot_id';

/** "" where the kernel does not tell. */
export const bootId = ({ files, proc }: Pick<Host, 'files' | 'proc'>): string => (files.read(`${proc}/${BOOT_ID}`) ?? '').trim();

/** null: it has no counters, since its groups are not there. */
export function lifeOf({ files }: Pick<Host, 'files'>, topology: CgroupTopology, boot: string, id: number): string | null {
  const { controllers, hierarchies, top } = topology;
  // Always of the same hierarchy: their order may differ from one engine to the next.
  const counting = controllers.get('pids') ?? hierarchies[0];
  const group = counting && files.stat(`${counting.mount}${top}/${id}`);
  return group ? `${boot} ${group.ino}` : null;
}
