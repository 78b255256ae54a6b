// A pane as views and keys see it: a terminal of its own on a surface. Types only.

import type { InputTarget } from '../screen/input-target.ts';
import type { HandedStream } from '../screen/screen.ts';
import type { Point, SurfaceSource } from '../screen/surface-source.ts';
import type { PaneCopy } from '../store/pane-info.ts';
import type { CopyMode } from './copy-mode.ts';

export type PaneState =
  | { readonly is: 'open' }
  /** The program ended, or the console's keeper hung up; the last screen stays readable. `text` says so in one line. */
  | { readonly is: 'ended'; readonly text: string };

export interface Pane {
  readonly id: number;
  /** As given by the opener; never what the program inside asks for. */
  readonly title: string;
  readonly kind: 'program' | 'console';
  /** For `<Surface>`; size and cursor come through it. */
  readonly source: SurfaceSource;
  /** For `screen.input.focus`. */
  readonly target: InputTarget;
  readonly state: PaneState;
  /** False: somebody else holds the keyboard of this console, typing is dropped. */
  readonly writable: boolean;
  /** Lines above the live screen that the view is scrolled up to; 0 = live. */
  readonly scrolled: number;
  /** Moves the view through the history, in lines; negative = up. Typing returns to the live screen. */
  scroll(lines: number): void;
  /** The program has the screen without history: what scrolls there is the program's. */
  readonly alternate: boolean;
  /** What has the foreground of its terminal besides the shell; "" where nothing has or nobody knows. Not cleaned. */
  foreground(): string;
  /** The program on the real terminal for a while, cleaned of what would harm that one; `release` brings the pane back to its own size. */
  hand(): { readonly stream: HandedStream; readonly release: () => void };
  /** Copy mode; null outside of it. It ends by itself when the size or the program's screen changes. */
  readonly copy: PaneCopy | null;
  /** Begins copy mode where the view is, if it has not begun; with a cell of the surface, its cursor goes there. */
  beginCopy(at?: Point): void;
  changeCopy(change: (copy: CopyMode) => void): void;
  /** What is selected; "" outside of copy mode. */
  readonly copyText: string;
  endCopy(): void;
  /** Calls the listener when state, scrolled, writable or copy changed. */
  onChange(listener: () => void): () => void;
  /** Hangs up (SIGHUP for a program) and frees the emulator. May be called twice. */
  close(): void;
}
