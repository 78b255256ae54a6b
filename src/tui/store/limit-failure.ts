// A limit that a running container is at or was refused something by, as a failure that can be explained. Pure.
import type { CtSample } from '../../engine/index.ts';
import { bytes, count, duration } from '../screen/figures.ts';
import { runs } from './columns.ts';
import type { Burst, Failure, Notice } from './state.ts';

type Use = CtSample['numproc'];

interface LimitKind {
  readonly kind: Burst['kind'];
  /** Name of the beancounter, and of vzctl's option with its value. */
  readonly name: string;
  readonly use: (row: CtSample) => Use;
  readonly write: (n: number) => string;
  readonly refused: (n: number) => string;
  readonly command: (limit: number) => string;
}

const MIB = 2 ** 20;

const KINDS: readonly LimitKind[] = [
  {
    kind: 'forks',
    name: 'numproc',
    use: (row) => row.numproc,
    write: String,
    refused: (n) => `${count(n)} ${n === 1 ? 'fork' : 'forks'} refused`,
    command: (limit) => `--numproc ${2 * limit}`,
  },
  {
    kind: 'memory',
    name: 'physpages',
    use: (row) => row.memory,
    write: bytes,
    refused: (n) => `limit hit ${count(n)} ${n === 1 ? 'time' : 'times'}`,
    command: (limit) => `--ram ${Math.ceil((2 * limit) / MIB)}M`,
  },
];

const hit = ({ held, limit, failcnt }: Use): boolean => limit !== null && limit > 0 && (held >= limit || failcnt > 0);

/** Whether there is a limit of it to explain. */
export const isLimited = (row: CtSample): boolean => runs(row) && KINDS.some(({ use }) => hit(use(row)));

/**
 * "numproc: 24 of 24 held; 412 forks refused since its start 3m ago, 38 of them seen here in the last 12s". Fields: `kinds` that were hit,
 * and `options` of vzctl set that would double these limits. Null when none was.
 */
export function limitFailure(row: CtSample, notices: readonly Notice[], now: number): Failure | null {
  const limits = runs(row) ? KINDS.filter(({ use }) => hit(use(row))) : [];
  if (limits.length === 0) return null;
  const said = limits.map(({ kind, name, use, write, refused }) => {
    const { held, limit, failcnt } = use(row);
    const seen = notices.findLast((notice) => notice.ct === row.id && notice.burst?.kind === kind);
    const here =
      seen?.burst === undefined ? '' : `, ${count(seen.burst.count)} of them seen in the last ${duration((now - seen.at) / 1000)}`;
    const often = failcnt === 0 ? 'nothing refused yet' : `${refused(failcnt)} since its start ${duration(row.uptime)} ago${here}`;
    return `${name}: ${write(held)} of ${write(limit ?? 0)} held; ${often}`;
  });
  const fields = {
    kinds: limits.map(({ kind }) => kind).join(' '),
    options: limits.map(({ use, command }) => command(use(row).limit ?? 0)).join(' '),
  };
  return { code: 'at-limit', message: said.join('. '), remedy: '', fields };
}
