// Pseudo-terminals of a container, counted in its devpts as the keeper holds it: /dev/pts inside may be anything.
import type { Files } from '../host/port.ts';
import { DEVPTS, ptsMax } from '../rootfs/wall/devices.ts';
import { parseStat } from './process-stat.ts';
import type { LiveCt, RowReadings, SourceKind } from './row-source.ts';

/** Names in a devpts are numbers, and ptmx. */
const terminalsIn = (names: readonly string[]): number => names.filter((name) => /^\d+$/.test(name)).length;

/** The directory of it among the descriptors of init's parent; null for a keeper that was given later, or by an engine of before. */
function devptsOf({ read, list, stat, statfs }: Files, proc: string, { init }: LiveCt): string | null {
  const parent = parseStat(read(`${proc}/${init.pid}/stat`) ?? '')?.parent ?? 1;
  const dir = `${proc}/${parent}/fd`;
  if (parent <= 1) return null;
  const isDevpts = (path: string): boolean => stat(path)?.type === 'dir' && BigInt(statfs(path).type) === DEVPTS;
  return (list(dir) ?? []).map((name) => `${dir}/${name}`).find(isDevpts) ?? null;
}

/** Whoever ends while we look has no terminals; EINVAL is the answer to a question for the mounts of who has no namespace any more. */
function unlessGone<T>(look: () => T | null): T | null {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

export const TERMINAL_ROWS: SourceKind = {
  rows: ['numpty'],
  every: 5_000,
  open({ files, proc }) {
    const known = new Map<number, string | null>();
    const pathOf = (ct: LiveCt): string | null => {
      const path = known.get(ct.id) ?? unlessGone(() => devptsOf(files, proc, ct));
      known.set(ct.id, path);
      return path;
    };
    return {
      look: (containers) =>
        new Map(
          containers.flatMap((ct): [number, RowReadings][] => {
            const path = pathOf(ct);
            const names = path === null ? null : unlessGone(() => files.list(path));
            if (names === null) return [];
            const limit = ptsMax(unlessGone(() => files.read(`${proc}/${ct.init.pid}/mountinfo`)) ?? '');
            return [[ct.id, { numpty: { held: terminalsIn(names), source: 'its devpts', ...(limit === null ? {} : { limit }) } }]];
          }),
        ),
      forget: (id) => void known.delete(id),
      close() {},
    };
  },
};
