// The fewest bytes that turn one row of cells into another. Positions are absolute: nothing depends on where the cursor was before.

import { agreedWidth } from './agreed-width.ts';
import type { Cells } from './cells.ts';
import { penChange, type Style } from './sgr.ts';

/** A gap of unchanged cells is written again when that is not longer than moving over it. */
const SMALL_GAP = 5;
/** From this many blank cells on erasing to the end of the row is shorter than writing blanks. */
const LONG_BLANK = 4;

/** Output that paints row `y` so that a terminal that shows `old` shows `now`; both have the screen's width. Ends with default attributes. */
export function diffRow(y: number, old: Cells, now: Cells): string {
  const width = now.text.length;
  const blankFrom = trailingBlank(now);
  const differs = (x: number): boolean => old.text[x] !== now.text[x] || old.style[x] !== now.style[x];
  const pen = new Pen(y, old, now);
  for (let x = 0; x < width; ) {
    if (!differs(x)) x++;
    else if (x >= blankFrom && width - x >= LONG_BLANK) {
      pen.eraseRest(x);
      break;
    } else {
      let end = x + 1;
      for (let i = end; i < width && i - end < SMALL_GAP; i++) if (differs(i)) end = i + 1;
      if (x < blankFrom && blankFrom < end && width - blankFrom >= LONG_BLANK) end = blankFrom;
      while (x < width && (x < end || x === pen.spoiled)) x = pen.put(x);
    }
  }
  return pen.finish();
}

/** True where the terminal's cursor is where we think after the character; the second half of a wide one has been dealt with. */
function isAgreed(text: string): boolean {
  return text.length === 1 ? agreedWidth(text.charCodeAt(0)) > 0 : text === '';
}

function trailingBlank(cells: Cells): number {
  let from = cells.text.length;
  while (from > 0 && cells.text[from - 1] === ' ' && cells.style[from - 1] === '') from--;
  return from;
}

/** Writes cells of one row, moving and changing attributes only where it must. */
class Pen {
  readonly #y: number;
  readonly #old: Cells;
  readonly #now: Cells;
  #out = '';
  /** Column of the terminal's cursor; -1 before the first move and after text whose width is uncertain. */
  #x = -1;
  #style: Style = '';

  /** Column that may not show any more what it did and is to be written again; -1 = none. */
  spoiled = -1;

  constructor(y: number, old: Cells, now: Cells) {
    this.#y = y;
    this.#old = old;
    this.#now = now;
  }

  /** Writes the character at `x`; returns the column after what is dealt with. */
  put(x: number): number {
    const { text, style } = this.#now;
    let next = x + 1;
    while (text[next] === '') next++;
    // What stood here may have been drawn wider, over the cell to its right, and takes it along.
    if (!isAgreed(this.#old.text[x]!)) this.spoiled = next;
    this.#moveTo(x);
    this.#look(style[x]!);
    if (isAgreed(text[x]!)) {
      this.#out += text[x];
      this.#x = next;
      return next;
    }
    // Drawn narrower, it must not leave what was there before; drawn wider, it may take a blank to its right, but spoils anything else.
    const room = text[next] === ' ' && style[next] === style[x] ? next + 1 : next;
    this.#out += ' '.repeat(room - x);
    this.#x = -1;
    this.#moveTo(x);
    this.#out += text[x];
    this.#x = -1;
    // So does what stood under that blank.
    const tookAlong = !isAgreed(this.#old.text[room - 1]!);
    this.spoiled = room === next || tookAlong ? room : -1;
    return room;
  }

  eraseRest(x: number): void {
    this.#moveTo(x);
    this.#look('');
    this.#out += '\x1b[K';
  }

  finish(): string {
    this.#look('');
    return this.#out;
  }

  #moveTo(x: number): void {
    if (this.#x === x) return;
    this.#out += this.#out === '' ? `\x1b[${this.#y + 1};${x + 1}H` : x === 0 ? '\r' : `\x1b[${x + 1}G`;
    this.#x = x;
  }

  #look(style: Style): void {
    this.#out += penChange(this.#style, style);
    this.#style = style;
  }
}
