// One line of a list: what is known of a container.
import type { CtEntry } from '../../engine/index.ts';

/** What is counted of a beancounter; nothing of what nobody counts. */
export interface Counted {
  readonly held: number;
  readonly maxheld?: number;
  readonly failcnt?: number;
}

export interface Row {
  readonly entry: CtEntry;
  /** By lower-case name; null for what does not run. */
  readonly usage: ReadonlyMap<string, Counted> | null;
}
