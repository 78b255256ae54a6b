// Pseudo-terminals of a container, counted in its devpts as the keeper holds it: /dev/pts inside may be anything.
import { runDirIn } from '../store/bpf-place.ts';
import { openMaxPts, ptsPath, ptsPlace } from './held-pts.ts';
import type { LiveCt, RowReadings, SourceKind } from './row-source.ts';

/** Names in a devpts are numbers, and ptmx. */
const terminalsIn = (names: readonly string[]): number => names.filter((name) => /^\d+$/.test(name)).length;

/** Whoever ends while we look has no terminals. */
function unlessGone<T>(look: () => T | null): T | null {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

export const TERMINAL_ROWS: SourceKind = {
  rows: ['numpty'],
  every: 5_000,
  open({ files, proc, root }) {
    const known = new Map<number, string | null>();
    const most = openMaxPts(files, runDirIn(root));
    let likely: number | undefined;
    const pathOf = ({ id, init }: LiveCt): string | null => {
      const find = (): string | null => {
        const place = ptsPlace(files, proc, init, likely);
        likely = place?.descriptor ?? likely;
        return place && ptsPath(proc, place);
      };
      const path = known.get(id) ?? unlessGone(find);
      known.set(id, path);
      return path;
    };
    return {
      look: (containers) =>
        new Map(
          containers.flatMap((ct): [number, RowReadings][] => {
            const path = pathOf(ct);
            const names = path === null ? null : unlessGone(() => files.list(path));
            if (names === null) return [];
            const limit = most.of(ct.id);
            return [[ct.id, { numpty: { held: terminalsIn(names), source: 'its devpts', ...(limit === null ? {} : { limit }) } }]];
          }),
        ),
      forget(id) {
        known.delete(id);
        most.forget(id);
      },
      close() {},
    };
  },
};
