// What a column of the container table is: its name, what it says of a row, how rows compare by it. Types only.
import type { CtSample } from '../../engine/index.ts';

/** How its numbers are written and read: "60", "212M", "12%", "3h"; texts as they are. */
export type Kind = 'text' | 'count' | 'bytes' | 'percent' | 'seconds';
export type Value = number | string | null;

export interface Column {
  readonly title: string;
  /** What it shows, a few words. */
  readonly help: string;
  readonly kind: Kind;
  /** What it says of a container, in bytes, seconds or percent; Infinity is no limit, null nothing at all. */
  readonly value: (row: CtSample) => Value;
  /** What rows are ordered by where that is not the value; strings compare by code units, null comes last in both directions. `refused`: just now. */
  readonly order?: (row: CtSample, refused: boolean) => Value;
  /** What 80% is a share of; null where a container has no limit. */
  readonly limit?: (row: CtSample) => number | null;
  /** The direction in which the interesting rows are on top. */
  readonly descending: boolean;
  /** The field of vzlist that rows must carry for it. */
  readonly field?: string;
}
