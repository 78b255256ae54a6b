// The shape of the table of limits: what a row of it must know about its control files, in each cgroup version.
import type { LimitName, Limits } from './face.ts';

export interface Write {
  readonly file: string;
  readonly text: string;
  /** A line among others: the present line of the same thing, for taking the write back. The whole file, trimmed, when left out. */
  readonly present?: (text: string) => string;
}

/** A group as it is. */
export interface Group {
  /** Content of a file without its newline, null when it is not there. */
  read(file: string): string | null;
  has(file: string): boolean;
  /** The same of the group above it. */
  above(file: string): string | null;
}

export interface Dialect {
  /** All writes, in an order that is right for a new group. */
  readonly writes: (limits: Limits, swap: boolean) => readonly Write[];
  /** The same for a group in use. */
  readonly rewrite?: (writes: readonly Write[], group: Group) => readonly Write[];
  /** Written into a new group whatever the limits. */
  readonly once?: (group: Group) => readonly Write[];
  /** What the kernel holds, as limits. */
  readonly held: (group: Group, limits: Limits) => Partial<Limits>;
  /** File with the present use of the row's first limit. */
  readonly use?: string;
  /** Files with the highest use since the start, for all to read. v2's memory.peak is begun anew for one reader at a time, pids.peak never. */
  readonly peaks?: readonly string[];
}

/** Limits that stand in the same files, and so change together. A version without a dialect cannot hold anybody to them. */
export interface Row {
  readonly controller: string;
  readonly of: readonly LimitName[];
  readonly 1?: Dialect;
  readonly 2?: Dialect;
}
