// Which rows of a beancounter matter: how near to its barrier is near. The watermarks of vzubc.
import { isUnlimited } from './ubc-short.ts';
import type { TextRow } from './ubc-text.ts';

/** Fractions of the barrier. */
export interface Watermarks {
  readonly held: number;
  readonly maxheld: number;
}

export const USUAL_WATERMARKS: Watermarks = { held: 0.5, maxheld: 0.8 };

export type Concern = 'none' | 'near' | 'over';

/** over: something was refused, or more is held than the barrier allows; near: above a watermark. Where the barrier is 0, the limit takes its place. */
export function concernOf({ held, maxheld, barrier, limit, failcnt }: TextRow, marks: Watermarks): Concern {
  if (failcnt > 0n) return 'over';
  const bound = barrier === 0n ? limit : barrier;
  if (isUnlimited(bound)) return 'none';
  if (held > bound) return 'over';
  const near = Number(held) > Number(bound) * Math.min(marks.held, marks.maxheld) || Number(maxheld) > Number(bound) * marks.maxheld;
  return near ? 'near' : 'none';
}
