// The terminal's output side as the compositor sees it, played into an emulator.

import xterm, { type Terminal } from '@xterm/headless';
import type { TtyOutput } from '../../../src/tui/screen/compositor.ts';
import type { SurfaceSource } from '../../../src/tui/screen/surface-source.ts';

export class FakeOutput implements TtyOutput {
  columns: number;
  rows: number;
  readonly writes: string[] = [];
  /** While true the line takes nothing. */
  stalled = false;
  #waiting: (() => void)[] = [];
  readonly #resize = new Set<() => void>();
  readonly #term: Terminal;

  constructor(columns = 40, rows = 8) {
    this.columns = columns;
    this.rows = rows;
    this.#term = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, logLevel: 'off' });
  }

  write(text: string, taken: () => void): void {
    this.writes.push(text);
    this.#term.write(text);
    if (this.stalled) this.#waiting.push(taken);
    else taken();
  }

  on(_event: 'resize', listener: () => void): void {
    this.#resize.add(listener);
  }

  off(_event: 'resize', listener: () => void): void {
    this.#resize.delete(listener);
  }

  goOn(): void {
    this.stalled = false;
    for (const taken of this.#waiting.splice(0)) taken();
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.#term.resize(columns, rows);
    for (const listener of this.#resize) listener();
  }

  /** What the terminal shows when everything is parsed. */
  async screen(): Promise<readonly string[]> {
    await new Promise<void>((resolve) => this.#term.write('', resolve));
    const { active } = this.#term.buffer;
    return Array.from(
      { length: this.rows },
      (_, y) =>
        active
          .getLine(active.baseY + y)
          ?.translateToString(true)
          .trimEnd() ?? '',
    );
  }

  cursor(): { readonly x: number; readonly y: number } {
    return { x: this.#term.buffer.active.cursorX, y: this.#term.buffer.active.cursorY };
  }
}

/** A source whose rows the test sets. */
export class FakeSource implements SurfaceSource {
  at: { readonly x: number; readonly y: number } | null = null;
  flood = false;
  readonly placements: unknown[] = [];
  #lines: readonly string[];
  readonly #listeners = new Set<() => void>();

  constructor(...lines: readonly string[]) {
    this.#lines = lines;
  }

  set(...lines: readonly string[]): void {
    this.#lines = lines;
    for (const listener of this.#listeners) listener();
  }

  lines(): readonly string[] {
    return this.#lines;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  cursor() {
    return this.at;
  }

  flooding(): boolean {
    return this.flood;
  }

  placed(rect: unknown): void {
    this.placements.push(rect);
  }
}
