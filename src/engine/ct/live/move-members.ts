// A running container's processes into a group of a v1 hierarchy that it gets a place in only now.
import { VzError } from '../../errors.ts';
import type { VerbContext } from '../verb.ts';

/** A container that forks faster than it can be moved is not worth more tries. */
const ROUNDS = 100;

const encoder = new TextEncoder();

/** Who is born while others are moved has its parent's old place: looked for until there is nobody. */
export async function moveMembers({ host, members }: VerbContext, id: number, group: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const there = new Set((host.files.read(`${group}/cgroup.procs`) ?? '').split('\n'));
    const outside = members(id).filter((pid) => !there.has(String(pid)));
    if (outside.length === 0) return;
    for (const pid of outside) await move(host, group, pid);
    if (host.planning) return;
  }
  throw new VzError('system', { what: `Moving the processes of container ${id} into ${group}`, cause: 'it begins new ones too fast' });
}

async function move({ launcher }: VerbContext['host'], group: string, pid: number): Promise<void> {
  try {
    await launcher.ops({ ops: [{ op: 'write', path: `${group}/cgroup.procs`, data: encoder.encode(String(pid)) }] });
  } catch (error) {
    // it has ended meanwhile
    if (!(error instanceof VzError && error.fields['errno'] === 'ESRCH')) throw error;
  }
}
