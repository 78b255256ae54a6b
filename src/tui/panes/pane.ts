// A pane as views and keys see it: a terminal of its own on a surface. Types only.

import type { InputTarget } from '../screen/input-target.ts';
import type { SurfaceSource } from '../screen/surface-source.ts';

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
  /** Calls the listener when state, scrolled or writable changed. */
  onChange(listener: () => void): () => void;
  /** Hangs up (SIGHUP for a program) and frees the emulator. May be called twice. */
  close(): void;
}
