// The panes that are open, in the order they were opened, and the way to open one. Bounded: each holds a link and an emulator.

import type { TerminalLink, TerminalSize } from '../../engine/index.ts';
import type { Pane } from './pane.ts';
import { TerminalPane } from './terminal-pane.ts';
import { Turns } from './turns.ts';

export const MAX_PANES = 16;
/** Until the layout says where the pane is. */
const FIRST_SIZE: TerminalSize = { columns: 80, rows: 24 };

export class TooManyPanesError extends Error {
  constructor() {
    super(`${MAX_PANES} panes are open; close one of them first`);
  }
}

export class PaneSet {
  #panes: readonly Pane[] = [];
  #lastId = 0;
  readonly #turns = new Turns();
  /** The program in a pane wants this text on the clipboard. */
  onClipboard: (id: number, text: string) => void = () => {};
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

  /** Shows a terminal in a new pane of the size that it has; the link is the pane's from now on, and is closed where there is no room. @throws TooManyPanesError */
  open(title: string, kind: Pane['kind'], link: TerminalLink, size: TerminalSize = FIRST_SIZE): Pane {
    if (this.#panes.length >= MAX_PANES) {
      link.close();
      throw new TooManyPanesError();
    }
    const id = ++this.#lastId;
    const onClipboard = (text: string): void => this.onClipboard(id, text);
    const pane = new TerminalPane(link, { id, title, kind, ...size, turns: this.#turns, onClipboard });
    this.#panes = [...this.#panes, pane];
    pane.onChange(() => this.#changed());
    this.#changed();
    return pane;
  }

  /** One that is none of the set, and closed by whoever asked for it; it only takes its turn with the others. */
  apart(title: string, link: TerminalLink): Pane {
    return new TerminalPane(link, { id: ++this.#lastId, title, kind: 'console', ...FIRST_SIZE, turns: this.#turns });
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

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
