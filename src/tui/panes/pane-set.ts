// The panes that are open, in the order they were opened, and the way to open one. Bounded: each holds a pty, a process and an emulator.

import type { ConsoleLink } from '../../engine/index.ts';
import { consoleByteLink } from './console-link.ts';
import type { Pane } from './pane.ts';
import { openPtyLink, type PaneCommand } from './pty-link.ts';
import { TerminalPane } from './terminal-pane.ts';

export const MAX_PANES = 16;
export interface PaneSize {
  readonly columns: number;
  readonly rows: number;
}
/** Until the layout says where the pane is. */
const FIRST_SIZE: PaneSize = { columns: 80, rows: 24 };

export class TooManyPanesError extends Error {
  constructor() {
    super(`${MAX_PANES} panes are open; close one of them first`);
  }
}

export class PaneSet {
  #panes: readonly Pane[] = [];
  #lastId = 0;
  readonly #listeners = new Set<() => void>();

  /** Another array after each change. */
  get panes(): readonly Pane[] {
    return this.#panes;
  }

  /** Called when a pane is opened or closed, and when one of them changes (state, scrolled, writable). */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Runs a program in a new pane, begun in the size that it will probably have. @throws TooManyPanesError, or Error of node-pty when there is no pty left */
  openProgram(title: string, command: PaneCommand, size = FIRST_SIZE): Pane {
    this.#assertRoom();
    return this.#add(
      new TerminalPane(openPtyLink(command, size.columns, size.rows), { id: ++this.#lastId, title, kind: 'program', ...size }),
    );
  }

  /** Shows a console in a new pane; the link is the pane's from now on, and is closed where there is no room. @throws TooManyPanesError */
  openConsole(title: string, link: ConsoleLink): Pane {
    try {
      this.#assertRoom();
    } catch (error) {
      link.close();
      throw error;
    }
    return this.#add(new TerminalPane(consoleByteLink(link), { id: ++this.#lastId, title, kind: 'console', ...FIRST_SIZE }));
  }

  /** Closes the pane and forgets it. */
  close(pane: Pane): void {
    this.#panes = this.#panes.filter((other) => other !== pane);
    pane.close();
    this.#changed();
  }

  closeAll(): void {
    for (const pane of this.#panes) this.close(pane);
  }

  #assertRoom(): void {
    if (this.#panes.length >= MAX_PANES) throw new TooManyPanesError();
  }

  #add(pane: Pane): Pane {
    this.#panes = [...this.#panes, pane];
    pane.onChange(() => this.#changed());
    this.#changed();
    return pane;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
