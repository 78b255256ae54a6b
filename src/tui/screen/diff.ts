// The fewest bytes that turn one row of cells into another. Positions are absolute: nothing depends on where the cursor was before.

import type { Cells } from './cells.ts';
import { penChange, type Style } from './sgr.ts';

/** A gap of unchanged cells is written again when that is not longer than moving over it. */
const SMALL_GAP = 5;
/** From this many blank cells on erasing to the end of the row is shorter than writing blanks. */
const LONG_BLANK = 4;

/** Output that paints row `y` so that a terminal that shows `old` shows `now`; both have the screen's width. Ends with default attributes. */
export function diffRow(y: number, old: Cells, now: Cells): string {
  const changed = changedCells(old, now);
  if (changed === null) return '';
  const width = now.text.length;
  const blankFrom = trailingBlank(now);
  const pen = new Pen(y);
  for (let at = changed.indexOf(1); at >= 0; at = changed.indexOf(1, at)) {
    if (at >= blankFrom && width - at >= LONG_BLANK) {
      pen.eraseRest(at);
      break;
    }
    let end = at + 1;
    for (let i = end; i < width && i - end < SMALL_GAP; i++) if (changed[i] === 1) end = i + 1;
    if (end > blankFrom && width - blankFrom >= LONG_BLANK) end = Math.max(at, blankFrom);
    for (let i = at; i < end; i++) if (now.text[i] !== '') pen.put(i, now);
    at = end;
  }
  return pen.finish();
}

/** 1 for each cell that must be written; null when there is none. */
function changedCells(old: Cells, now: Cells): Uint8Array | null {
  const width = now.text.length;
  let changed: Uint8Array | null = null;
  let plain = true;
  for (let i = 0; i < width; i++) {
    if (old.text[i] !== now.text[i] || old.style[i] !== now.style[i]) {
      changed ??= new Uint8Array(width);
      changed[i] = 1;
    }
    if (plain && !(isAscii(old.text[i]!) && isAscii(now.text[i]!))) plain = false;
  }
  if (changed !== null && !plain) spread(changed, old, now);
  return changed;
}

function isAscii(text: string): boolean {
  return text.length === 1 && text.charCodeAt(0) < 0x7f;
}

/** A wide character changes as a whole, and one whose width terminals disagree on takes the cell to its right along. */
function spread(changed: Uint8Array, old: Cells, now: Cells): void {
  const width = changed.length;
  const clings = (i: number) => i < width - 1 && (old.text[i + 1] === '' || now.text[i + 1] === '' || spills(old, i) || spills(now, i));
  for (let i = 0; i < width - 1; i++) if (changed[i] === 1 && clings(i)) changed[i + 1] = 1;
  for (let i = width - 1; i > 0; i--) if (changed[i] === 1 && clings(i - 1)) changed[i - 1] = 1;
}

/** The cell, or the wide character that covers it, may be drawn wider or narrower than measured. */
function spills(cells: Cells, i: number): boolean {
  let head = i;
  while (head > 0 && cells.text[head] === '') head--;
  return !isAgreed(cells.text[head]!);
}

/**
 * True for what all terminals draw in the width that string-width says: Latin, Greek and Cyrillic letters, lines and blocks, CJK.
 * Everything else (marks, emoji, symbols, other scripts) differs with the Unicode version and the taste of the terminal.
 */
function isAgreed(text: string): boolean {
  if (text.length > 1) return false;
  const code = text.charCodeAt(0);
  return (
    code < 0x300 ||
    (code >= 0x370 && code < 0x483) ||
    (code >= 0x48a && code < 0x530) ||
    (code >= 0x2010 && code < 0x2028) ||
    (code >= 0x2190 && code < 0x2194) ||
    (code >= 0x2500 && code < 0x25fd) ||
    (code >= 0x3041 && code < 0xa48d && (code < 0x4dc0 || code >= 0x4e00)) ||
    (code >= 0xac00 && code < 0xd7a4) ||
    (code >= 0xff01 && code < 0xff61)
  );
}

function trailingBlank(cells: Cells): number {
  let from = cells.text.length;
  while (from > 0 && cells.text[from - 1] === ' ' && cells.style[from - 1] === '') from--;
  return from;
}

/** Writes cells of one row, moving and changing attributes only where it must. */
class Pen {
  readonly #y: number;
  #out = '';
  /** Column of the terminal's cursor; -1 before the first move and after text whose width is uncertain. */
  #x = -1;
  #style: Style = '';

  constructor(y: number) {
    this.#y = y;
  }

  put(x: number, cells: Cells): void {
    const text = cells.text[x]!;
    this.#moveTo(x);
    this.#look(cells.style[x]!);
    let width = 1;
    while (cells.text[x + width] === '') width++;
    if (isAgreed(text)) {
      this.#out += text;
      this.#x = x + width;
      return;
    }
    // A terminal that draws it narrower must not leave what was there before.
    if (width > 1) {
      this.#out += ' '.repeat(width);
      this.#x = -1;
      this.#moveTo(x);
    }
    this.#out += text;
    this.#x = -1;
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
