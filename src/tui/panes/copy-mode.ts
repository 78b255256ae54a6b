// Copy mode over an emulator: its rows with selection and matches set off, and the text that is taken from it.

import type { IBufferCell, Terminal } from '@xterm/headless';
import type { Point } from '../screen/surface-source.ts';
import type { PaneCopy } from '../store/pane-info.ts';
import { beginCopy, type CopyView, selectedIn, selectedText, settled, sought } from './copy-view.ts';
import { type Match, matchesAmong } from './find.ts';
import type { History } from './history.ts';
import { rowText } from './row-text.ts';
import { TermHistory } from './term-history.ts';

const CHAR_KEYS = { f: ['f', 'F'], t: ['t', 'T'] } as const;

export class CopyMode {
  readonly #term: Terminal;
  readonly #scratch: IBufferCell;
  readonly #history: TermHistory;
  #view: CopyView;
  /** As it was when a search began to be typed. */
  #before: CopyView | null = null;
  /** Where the last search went. */
  #down = true;

  constructor(term: Terminal, scrollback: number) {
    this.#term = term;
    const { active } = term.buffer;
    this.#scratch = active.getNullCell();
    this.#history = new TermHistory(term, scrollback);
    const live = active.viewportY === active.baseY;
    const row = live ? active.cursorY : term.rows - 1;
    this.#view = settled(
      beginCopy(active.viewportY, term.rows, { line: active.viewportY + row, x: live ? active.cursorX : 0 }),
      this.#history,
    );
  }

  /** After each change of the emulator. */
  follow(): void {
    const kept = this.#history.follow();
    this.#view = settled(kept ? this.#view : { ...this.#view, anchor: null }, this.#history);
  }

  change(make: (view: CopyView, history: History) => CopyView): void {
    this.#view = make(this.#view, this.#history);
  }

  /** To the cell of the history that is in a cell of the rows; above and below them to the next line, so that a drag scrolls. */
  moveTo({ x, y }: Point): void {
    const { top, rows } = this.#view;
    this.#view = settled({ ...this.#view, at: { line: top + Math.max(-1, Math.min(y, rows)), x }, column: x }, this.#history);
  }

  /** The search as far as it is typed, from where the cursor was before. */
  seek(text: string, down: boolean): void {
    this.#before ??= this.#view;
    this.#down = down;
    this.#view = sought(this.#before, this.#history, text, down);
  }

  endSeek(keep: boolean): void {
    if (!keep && this.#before !== null) this.#view = settled(this.#before, this.#history);
    this.#before = null;
  }

  /** On in the same direction as before, or in the other. */
  seekAgain(same: boolean): void {
    const { count, sought: text } = this.#view;
    for (let left = Math.max(1, count); left > 0; left--) this.#view = sought(this.#view, this.#history, text, same === this.#down);
    this.#view = { ...this.#view, count: 0 };
  }

  get info(): PaneCopy {
    const { at, anchor, sought: text, found, count, awaits } = this.#view;
    const { first, end } = this.#history;
    const letter = awaits === null ? '' : CHAR_KEYS[awaits.till ? 't' : 'f'][awaits.down ? 0 : 1];
    const typed = `${count === 0 ? '' : count}${letter}`;
    return { line: at.line - first + 1, lines: end - first, selects: anchor !== null, sought: text, found, typed, awaits: awaits !== null };
  }

  get text(): string {
    return selectedText(this.#view, this.#history);
  }

  cursor(): Point {
    return { x: this.#view.at.x, y: this.#view.at.line - this.#view.top };
  }

  rows(): string[] {
    const { top, rows, sought: text } = this.#view;
    const matches = matchesAmong(this.#history, top, top + rows, text);
    return Array.from({ length: rows }, (_, y) => this.#row(top + y, matches));
  }

  #row(line: number, matches: readonly Match[]): string {
    const columns = this.#term.cols;
    const found = this.#history.line(line);
    if (found === undefined) return '';
    const [from, to] = selectedIn(this.#view, line, columns) ?? [0, 0];
    const marked = matches.filter((match) => match.from.line <= line && line <= match.to.line);
    const inMatch = (x: number): boolean =>
      marked.some((match) => (match.from.line < line || match.from.x <= x) && (match.to.line > line || x <= match.to.x));
    return rowText(found, columns, this.#scratch, (x) => (x >= from && x < to ? 2 : inMatch(x) ? 1 : 0));
  }

  dispose(): void {
    this.#history.dispose();
  }
}
