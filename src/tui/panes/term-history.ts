// The lines of an emulator under numbers that stay: the emulator numbers them anew whenever it drops its oldest one.

import type { IBufferCell, IBufferLine, IMarker, Terminal } from '@xterm/headless';
import type { History } from './history.ts';

export class TermHistory implements History {
  readonly #term: Terminal;
  readonly #scratch: IBufferCell;
  readonly #scrollback: number;
  /** Lines that the emulator has dropped since we look. */
  #dropped = 0;
  /** On the newest line above the screen, which nothing but dropping moves. */
  #marker: IMarker | undefined;
  #markedAt = 0;
  /** All lines that were there at the last look have been dropped since. */
  #lost = false;

  constructor(term: Terminal, scrollback: number) {
    this.#term = term;
    this.#scrollback = scrollback;
    this.#scratch = term.buffer.active.getNullCell();
    this.#mark();
  }

  #mark(): void {
    this.#marker?.dispose();
    const { baseY, cursorY } = this.#term.buffer.active;
    this.#markedAt = baseY - 1;
    this.#marker = baseY === 0 ? undefined : this.#term.registerMarker(-1 - cursorY);
  }

  /** To be called after each change of the emulator. Answers false when everything that was there is gone. */
  follow(): boolean {
    const { baseY } = this.#term.buffer.active;
    if (this.#marker === undefined) this.#lost = baseY >= this.#scrollback && this.#scrollback > 0;
    else if (this.#marker.isDisposed || this.#marker.line < 0) this.#lost = true;
    else this.#dropped += this.#markedAt - this.#marker.line;
    this.#mark();
    return !this.#lost;
  }

  dispose(): void {
    this.#marker?.dispose();
  }

  get first(): number {
    return this.#dropped;
  }

  get end(): number {
    return this.#dropped + this.#term.buffer.active.length;
  }

  get columns(): number {
    return this.#term.cols;
  }

  line(line: number): IBufferLine | undefined {
    return this.#term.buffer.active.getLine(line - this.#dropped);
  }

  cells(line: number): readonly string[] {
    const found = this.line(line);
    if (found === undefined) return Array.from({ length: this.columns }, () => ' ');
    const cells = Array.from({ length: this.columns }, (_, x) => {
      const cell = found.getCell(x, this.#scratch);
      return cell?.getWidth() === 0 ? '' : cell?.getChars() || ' ';
    });
    // A wide character that found no room in the last cell stands in the next line.
    const next = this.goesOn(line) ? this.line(line + 1)?.getCell(0, this.#scratch) : undefined;
    const isGap = next?.getWidth() === 2 && found.getCell(this.columns - 1, this.#scratch)?.getChars() === '';
    return isGap ? [...cells.slice(0, -1), ''] : cells;
  }

  text(line: number): string {
    return this.line(line)?.translateToString(false, 0, this.columns) ?? '';
  }

  goesOn(line: number): boolean {
    return this.line(line + 1)?.isWrapped ?? false;
  }
}
