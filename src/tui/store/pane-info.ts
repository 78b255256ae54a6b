// What frames and keys care about of panes: which there are, what is said of them, and which were open when the manager was left.
import type { LineInput } from '../forms/line-input.ts';
import type { PaneTree } from './pane-tree.ts';

/** Copy mode of a pane, as far as its frame says it. */
export interface PaneCopy {
  /** Line of the cursor and how many there are, one-based. */
  readonly line: number;
  readonly lines: number;
  readonly selects: boolean;
  /** Typed of what is not whole yet: "12", "3f". */
  readonly typed: string;
  /** The next character belongs to it. */
  readonly awaits: boolean;
  readonly sought: string;
  /** Which of how many matches the cursor came to last; null before. */
  readonly found: { readonly number: number; readonly count: number } | null;
}

/** A line that is typed into in the foot, about the pane under the cursor. */
export interface PanePrompt {
  readonly asks: 'name' | 'search' | 'search-back';
  readonly input: LineInput;
}

/** A pane as far as frames and keys care; what it shows is on its own surface. */
export interface PaneInfo {
  readonly id: number;
  readonly ct: number;
  readonly kind: 'enter' | 'console';
  /** Why it is over; "" while it lives. */
  readonly ended: string;
  /** False while somebody else holds the keyboard of this console. */
  readonly writable: boolean;
  /** Lines scrolled back from the newest. */
  readonly scrolled: number;
  /** Given by a person; "" = called by its container. */
  readonly name: string;
  /** No other pane takes its place on the screen. */
  readonly pinned: boolean;
  /** Gets what is typed while all marked panes are typed into. */
  readonly marked: boolean;
  /** What has the foreground of its shell, as of the last look; "" where nothing has or nobody knows. */
  readonly runs: string;
  /** Null outside of copy mode. */
  readonly copy: PaneCopy | null;
}

/** A pane that was open when the manager was left. */
export type KeptPane = Pick<PaneInfo, 'ct' | 'kind' | 'name' | 'pinned'>;

export interface KeptPanes {
  readonly panes: readonly KeptPane[];
  /** Its leaves, like `chosen`, are places in `panes`. */
  readonly arrangement: PaneTree | null;
  readonly chosen: number;
  readonly zoomed: boolean;
}

/** The console that its tab shows. */
export interface Watched {
  readonly ct: number;
  /** Null until it is there, and where it can't be had. */
  readonly pane: PaneInfo | null;
  /** Nothing has ever been printed there: perhaps no program inside uses it. */
  readonly silent: boolean;
  /** Why it can't be had; "" while nothing speaks against it. */
  readonly trouble: string;
}
