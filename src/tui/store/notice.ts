// What an event of the node is to the manager, as plain data.

export type Tone = 'normal' | 'good' | 'warn' | 'alarm';

/** One line of the node's events. */
export interface Notice {
  readonly at: number;
  readonly ct: number | null;
  readonly tone: Tone;
  readonly text: string;
  /** The vzctl line that did it, "" if nobody here did. */
  readonly command: string;
  /** Refusals that go on are one notice that counts, so that they leave room for what else happens. */
  readonly burst?: Burst;
}

export interface Burst {
  /** Name of the beancounter. */
  readonly kind: string;
  readonly label: string;
  /** In its unit; null: none. */
  readonly limit: number | null;
  readonly count: number;
  /** When the newest was seen; the notice's own time is that of the first. */
  readonly last: number;
}
