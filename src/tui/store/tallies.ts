// How often a container was refused what, and how near it is to its limits, as far as one look at the node has read that. Pure.
import { boundOf, type CtSample, PAGE } from '../../engine/index.ts';

const PAGE_BYTES = Number(PAGE);

export interface Tally {
  readonly failcnt: number;
  /** In the beancounter's unit. */
  readonly held: number;
  /** Null: none, or nobody holds the container to it. */
  readonly bound: number | null;
}

/** By name of the beancounter: its whole account where the look has read that, else what every look has. */
export function talliesOf({ ubc, numproc, memory }: CtSample): readonly (readonly [name: string, tally: Tally])[] {
  if (ubc !== undefined)
    return ubc.rows.map((row) => {
      const { failcnt, held } = row;
      return [row.name, { failcnt, held, bound: row.enforced === 'accounting-only' ? null : boundOf(row) }];
    });
  const { failcnt, held, limit } = memory;
  return [
    ['numproc', { failcnt: numproc.failcnt, held: numproc.held, bound: numproc.limit }],
    ['physpages', { failcnt, held: held / PAGE_BYTES, bound: limit === null ? null : limit / PAGE_BYTES }],
  ];
}

export const failures = (row: CtSample): number => talliesOf(row).reduce((sum, [, { failcnt }]) => sum + failcnt, 0);
