// Where the devpts that the node has made for a container is, and how many terminals the node allows in it: a descriptor of its keeper, and a note
// beside the record of its start. Refuses to look at what is mounted inside, which root inside changes as he likes.
import type { Files } from '../host/port.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { DEVPTS, type HeldPts } from '../rootfs/wall/devices.ts';
import { parseStat } from './process-stat.ts';

/** null for a keeper that was given later, or by an engine of before. */
export function heldPts({ read, list, stat, statfs }: Files, proc: string, init: ProcessId): HeldPts | null {
  const pid = parseStat(read(`${proc}/${init.pid}/stat`) ?? '')?.parent ?? 1;
  const keeper = pid <= 1 ? null : parseStat(read(`${proc}/${pid}/stat`) ?? '');
  if (keeper === null) return null;
  const { startTime } = keeper;
  const isDevpts = (path: string): boolean => stat(path)?.type === 'dir' && BigInt(statfs(path).type) === DEVPTS;
  const descriptor = (list(`${proc}/${pid}/fd`) ?? []).find((name) => isDevpts(`${proc}/${pid}/fd/${name}`));
  return descriptor === undefined ? null : { pid, startTime, descriptor: Number(descriptor) };
}

export const ptsPath = (proc: string, { pid, descriptor }: HeldPts): string => `${proc}/${pid}/fd/${descriptor}`;

/** The kernel tells the limit of a devpts only where it is mounted, so whoever sets it writes down "N\n". runDir: of all containers. */
const noteOf = (runDir: string, id: number): string => `${runDir}/${id}/numpty`;

export function noteMaxPts({ write }: Pick<Files, 'write'>, runDir: string, id: number, max: number): void {
  write(noteOf(runDir, id), `${max}\n`, 0o600, 'boot');
}

/** null for a container that an engine of before has started. */
export function maxPts({ read }: Pick<Files, 'read'>, runDir: string, id: number): number | null {
  const max = /^(\d+)\n$/.exec(read(noteOf(runDir, id)) ?? '')?.[1];
  return max === undefined ? null : Number(max);
}
