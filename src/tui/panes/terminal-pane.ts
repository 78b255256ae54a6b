// A pane: an emulator on a link, as a surface to look at and a target to type into. Knows neither layout nor keys.

import { TerminalGuard, type TerminalLink } from '../../engine/index.ts';
import type { InputTarget } from '../screen/input-target.ts';
import type { HandedStream } from '../screen/screen.ts';
import type { Point, Rect, SurfaceSource } from '../screen/surface-source.ts';
import type { PaneCopy } from '../store/pane-info.ts';
import type { CopyMode } from './copy-mode.ts';
import type { Pane, PaneState } from './pane.ts';
import { PaneTerm } from './pane-term.ts';
import type { Turns } from './turns.ts';

export interface TerminalPaneOptions {
  readonly id: number;
  readonly title: string;
  readonly kind: Pane['kind'];
  readonly columns: number;
  readonly rows: number;
  readonly turns?: Turns;
  readonly onClipboard?: (text: string) => void;
}

export class TerminalPane implements Pane {
  readonly id: number;
  readonly title: string;
  readonly kind: Pane['kind'];
  readonly source: SurfaceSource;
  readonly target: InputTarget;
  readonly #link: TerminalLink;
  readonly #term: PaneTerm;
  readonly #listeners = new Set<() => void>();
  #state: PaneState = { is: 'open' };
  #rect: Rect | null = null;
  #closed = false;

  constructor(link: TerminalLink, options: TerminalPaneOptions) {
    const { id, title, kind, columns, rows, turns, onClipboard } = options;
    this.id = id;
    this.title = title;
    this.kind = kind;
    this.#link = link;
    this.#term = new PaneTerm(link, {
      columns,
      rows,
      answers: kind === 'program',
      ...(turns && { turns }),
      ...(onClipboard && { onClipboard }),
    });
    this.source = this.#makeSource();
    this.target = this.#makeTarget();
    this.#term.onCopyEnd(() => this.#changed());
    link.onWriter(() => this.#changed());
    link.onEnd((text) => this.#set({ is: 'ended', text }));
  }

  #makeSource(): SurfaceSource {
    const term = this.#term;
    return {
      lines: () => term.lines(),
      subscribe: (listener) => term.subscribe(listener),
      cursor: () => (this.#state.is === 'open' || term.copy !== null ? term.cursor() : null),
      flooding: () => term.flooding,
      placed: (rect) => {
        this.#rect = rect;
        if (rect !== null) term.resize(Math.max(2, rect.width), Math.max(1, rect.height));
      },
    };
  }

  #makeTarget(): InputTarget {
    const term = this.#term;
    return {
      write: (bytes) => {
        const wasScrolled = term.scrolled > 0 || term.copy !== null;
        if (this.#state.is === 'open') term.type(bytes);
        if (wasScrolled) this.#changed();
      },
      modes: () => term.modes(),
      rect: () => this.#rect,
      onModes: (listener) => term.onModes(listener),
    };
  }

  get state(): PaneState {
    return this.#state;
  }

  get writable(): boolean {
    return this.#state.is === 'open' && this.#link.writer;
  }

  get scrolled(): number {
    return this.#closed ? 0 : this.#term.scrolled;
  }

  scroll(lines: number): void {
    if (this.#closed) return;
    this.#term.scroll(lines);
    this.#changed();
  }

  get alternate(): boolean {
    return this.#term.alternate;
  }

  foreground(): string {
    return this.#state.is === 'open' ? (this.#link.foreground() ?? '') : '';
  }

  hand(): { readonly stream: HandedStream; readonly release: () => void } {
    const term = this.#term;
    const guard = new TerminalGuard();
    const stream: HandedStream = {
      begin: () => term.replay(),
      onOutput: (listener) => {
        term.tap((bytes) => listener(guard.filter(bytes)));
        return () => term.tap(null);
      },
      drained: () => term.drained(),
      write: (bytes) => this.target.write(bytes),
      resize: (columns, rows) => term.resize(columns, rows),
      onEnd: (listener) => {
        const check = (): void => {
          if (this.#state.is === 'ended') listener();
        };
        this.onChange(check);
        check();
      },
    };
    const release = (): void => {
      if (this.#rect !== null) term.resize(Math.max(2, this.#rect.width), Math.max(1, this.#rect.height));
    };
    return { stream, release };
  }

  get copy(): PaneCopy | null {
    return this.#closed ? null : (this.#term.copy?.info ?? null);
  }

  beginCopy(at?: Point): void {
    if (this.#closed) return;
    this.#term.beginCopy(at);
    this.#changed();
  }

  changeCopy(change: (copy: CopyMode) => void): void {
    if (this.#closed || this.#term.copy === null) return;
    this.#term.changeCopy(change);
    this.#changed();
  }

  get copyText(): string {
    return this.#closed ? '' : (this.#term.copy?.text ?? '');
  }

  endCopy(): void {
    if (this.#closed || this.#term.copy === null) return;
    this.#term.endCopy();
    this.#changed();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#link.close();
    this.#term.dispose();
    this.#set({ is: 'ended', text: 'closed' });
  }

  #set(state: PaneState): void {
    if (this.#state.is === 'ended') return;
    this.#state = state;
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
