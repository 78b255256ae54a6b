// Who may have the keyboard instead of the views: the program in a pane. Types only.

import type { Rect } from './surface-source.ts';

/** What the program behind a pane has asked of its terminal. */
export interface TargetModes {
  readonly applicationCursorKeys: boolean;
  readonly applicationKeypad: boolean;
  readonly bracketedPaste: boolean;
  readonly mouse: 'none' | 'x10' | 'vt200' | 'drag' | 'any';
  readonly mouseEncoding: 'default' | 'sgr';
  readonly focusReports: boolean;
}

export interface InputTarget {
  /** Bytes as typed, translated to what the program asked for. */
  write(bytes: Uint8Array): void;
  modes(): TargetModes;
  /** Where it is on the screen, for mouse reports; null while it is not shown. */
  rect(): Rect | null;
  /** Who gets the same, each in the form that it asked for; mouse reports excepted. */
  readonly others?: readonly InputTarget[];
  /** Calls the listener when modes() may answer differently. */
  onModes(listener: () => void): () => void;
}
