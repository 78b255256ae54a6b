// Where the devpts that the node has made for a container is, and how many terminals the node allows in it: a descriptor of its keeper, and a note
// beside the record of its start. Refuses to look at what is mounted inside, which root inside changes as he likes.
import type { Files } from '../host/port.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { DEVPTS, type HeldPts } from '../rootfs/wall/devices.ts';
import { parseStat } from './process-stat.ts';
import type { LiveCt } from './row-source.ts';

type Place = Pick<HeldPts, 'pid' | 'descriptor'>;

export const ptsPath = (proc: string, { pid, descriptor }: Place): string => `${proc}/${pid}/fd/${descriptor}`;

/**
 * null for a keeper that was given later, or by an engine of before.
 * @param likely where another keeper has it: all of one engine have it in the same place
 */
export function ptsPlace({ readTrusted, list, stat, statfs }: Files, proc: string, init: LiveCt['init'], likely?: number): Place | null {
  const pid = init.parent ?? parseStat(readTrusted(`${proc}/${init.pid}/stat`) ?? '')?.parent ?? 1;
  if (pid <= 1) return null;
  const isDevpts = (descriptor: number): boolean => {
    const path = ptsPath(proc, { pid, descriptor });
    return stat(path)?.type === 'dir' && BigInt(statfs(path).type) === DEVPTS;
  };
  if (likely !== undefined && isDevpts(likely)) return { pid, descriptor: likely };
  const descriptor = (list(`${proc}/${pid}/fd`) ?? []).map(Number).find(isDevpts);
  return descriptor === undefined ? null : { pid, descriptor };
}

/** The same for whoever is about to change it: with what tells this keeper from another process of its pid. */
export function heldPts(files: Files, proc: string, init: ProcessId): HeldPts | null {
  const place = ptsPlace(files, proc, init);
  const keeper = place && parseStat(files.readTrusted(`${proc}/${place.pid}/stat`) ?? '');
  return place && keeper && { ...place, startTime: keeper.startTime };
}

/** The kernel tells the limit of a devpts only where it is mounted, so whoever sets it writes down "N\n". runDir: of all containers. */
const noteOf = (runDir: string, id: number): string => `${runDir}/${id}/numpty`;

export function noteMaxPts({ write }: Pick<Files, 'write'>, runDir: string, id: number, max: number): void {
  write(noteOf(runDir, id), `${max}\n`, 0o600, 'boot');
}

/** As `maxPts`, for whoever asks again and again: a note that is the same file as before is not read again. */
export function openMaxPts(
  files: Pick<Files, 'readTrusted' | 'stat'>,
  runDir: string,
): { of(id: number): number | null; forget(id: number): void } {
  const known = new Map<number, { readonly stamp: string | null; readonly max: number | null }>();
  const stampOf = (id: number): string => {
    const note = files.stat(noteOf(runDir, id));
    return note === null ? '' : `${note.ino} ${note.mtimeMs}`;
  };
  return {
    of(id) {
      const before = known.get(id);
      // who asks once needs no stamp
      const stamp = before === undefined ? null : stampOf(id);
      const now = before && before.stamp === stamp ? before : { stamp, max: maxPts(files, runDir, id) };
      known.set(id, now);
      return now.max;
    },
    forget: (id) => void known.delete(id),
  };
}

/** null for a container that an engine of before has started. */
export function maxPts({ readTrusted }: Pick<Files, 'readTrusted'>, runDir: string, id: number): number | null {
  const max = /^(\d+)\n$/.exec(readTrusted(noteOf(runDir, id)) ?? '')?.[1];
  return max === undefined ? null : Number(max);
}
