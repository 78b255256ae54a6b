// The terminal as the manager sees it: drawing, input and the way out. Types and the React context; open-screen.tsx makes one.

import { createContext, type ReactNode, useContext } from 'react';
import type { InputHandler } from './input-event.ts';
import type { InputTarget } from './input-target.ts';
import type { Rect, SurfaceSource } from './surface-source.ts';

/** Where something is right now; asked after each layout. Null or an empty rectangle = not shown. */
export type Measure = () => Rect | null;

/** What components may ask of the compositor. */
export interface Layers {
  readonly columns: number;
  readonly rows: number;
  /** The terminal has not taken the last frame yet: nothing that changes now can be seen. */
  readonly stalled: boolean;
  /** Puts a surface on the screen; returns its remover. The newest lies above. */
  addSurface(source: SurfaceSource, measure: Measure): () => void;
  /** A rectangle in which Ink's own cells win over all surfaces (dialog, menu, help); returns its remover. */
  addCover(measure: Measure): () => void;
  /** The surface whose cursor() is shown; null = none. */
  setCursorOwner(source: SurfaceSource | null): void;
  /** Draws everything anew (Ctrl-L). */
  repaint(): void;
}

export interface Input {
  /** Views' keys, mouse and pastes; one handler, the last one set. */
  setHandler(handler: InputHandler): void;
  /** Gives the keyboard to a pane, or takes it back with null. */
  focus(target: InputTarget | null): void;
  readonly focused: InputTarget | null;
  /** Called when the leave chord (Ctrl-]) was typed in a pane, after the focus went back to the views. */
  onLeave(listener: () => void): void;
  /** Off: the terminal keeps its own selection and copy. */
  setMouse(on: boolean): void;
}

/** The leave chord as shown to people. */
export const LEAVE_CHORD = 'Ctrl-]';

export interface Screen {
  readonly layers: Layers;
  readonly input: Input;
  /** Draws the tree; also replaces one that was rendered before. */
  render(node: ReactNode): void;
  /** Gives the terminal back and ends the process with this exit code; `message` goes to stderr afterwards. */
  quit(code: number, message?: string): void;
  /** Gives the terminal back for good, says `message` there, and ends the process when its last work is done. */
  outlive(message: string): void;
  /** Ctrl-Z: gives the terminal back and stops the process; on fg everything is drawn anew. */
  stop(): void;
  /** Sets the clipboard of the person's terminal. Answers why nothing was copied, as one sentence; null: it is on its way. */
  copy(text: string): string | null;
  /** Runs a program on the real terminal, then draws everything anew. */
  attach(command: AttachCommand): Promise<AttachResult>;
  /** Hands the real terminal to a program that is held already, until the leave chord or its end; then draws everything anew. */
  hand(stream: HandedStream): Promise<void>;
}

/** A program that is to have the real terminal for a while. Bytes for the terminal must do no harm there. */
export interface HandedStream {
  /** Brings the terminal to where the program believes that it is; asked once its size is known to the program. */
  begin(): string;
  /** The listener answers false when the terminal takes no more; `drained` says that it does again. Returns the unsubscriber. */
  onOutput(listener: (bytes: Uint8Array) => boolean): () => void;
  drained(): void;
  write(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** Calls the listener when the program has ended; at once if it has already. */
  onEnd(listener: () => void): void;
}

export interface AttachCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}
/** Exit code of the program, or the signal that ended it. */
export interface AttachResult {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Null in component tests: surfaces then show themselves as text. */
export const ScreenContext = createContext<Screen | null>(null);

/** The screen the component is drawn on, null in component tests. */
export function useScreen(): Screen | null {
  return useContext(ScreenContext);
}
