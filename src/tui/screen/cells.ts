// A line of text and SGR sequences as cells, measured as Ink measures (string-width). A cell never holds more than one letter with its
// marks: what joins (emoji sequences, conjuncts) is drawn by terminals in widths of their own and would shift the rest of the row.

import stringWidth from 'string-width';
import { applySgr, type Style } from './sgr.ts';

/** Two arrays of the same length. The text of a cell that a wide character to the left covers is "". */
export interface Cells {
  readonly text: string[];
  readonly style: Style[];
}

const SGR = /\x1b\[([\d;:]*)m/y;
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
const CONTROL = /\p{Cc}/gu;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** A base with the marks upon it, the unit that every terminal keeps in one place. */
const PIECE = /\P{M}\p{M}{0,4}/gsu;
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Cells of a line; other control characters and sequences do not become part of any cell. */
export function parseCells(line: string): Cells {
  const cells: Cells = { text: [], style: [] };
  let style: Style = '';
  let at = 0;
  while (at < line.length) {
    SGR.lastIndex = at;
    const sequence = SGR.exec(line);
    if (sequence !== null) {
      style = applySgr(style, sequence[1]!);
      at = SGR.lastIndex;
      continue;
    }
    let end = line.indexOf('\x1b', at + 1);
    if (end < 0) end = line.length;
    addText(cells, line.slice(at, end), style);
    at = end;
  }
  return cells;
}

function addText(cells: Cells, run: string, style: Style): void {
  if (PRINTABLE_ASCII.test(run)) {
    for (let i = 0; i < run.length; i++) add(cells, run[i]!, 1, style);
    return;
  }
  for (const { segment } of graphemes.segment(run.replace(CONTROL, ''))) addCluster(cells, segment, style);
}

function addCluster(cells: Cells, cluster: string, style: Style): void {
  const width = stringWidth(cluster);
  if (width === 0) return;
  const pieces = cluster.replace(INVISIBLE, '').match(PIECE) ?? [' '];
  const widths = pieces.map((piece) => stringWidth(piece));
  const separable = pieces.length > 1 && widths.every((w) => w > 0) && widths.reduce((a, b) => a + b, 0) === width;
  if (separable) for (const [i, piece] of pieces.entries()) add(cells, piece, widths[i]!, style);
  else add(cells, pieces[0]!, width, style);
}

function add(cells: Cells, text: string, width: number, style: Style): void {
  cells.text.push(text);
  cells.style.push(style);
  for (let i = 1; i < width; i++) {
    cells.text.push('');
    cells.style.push(style);
  }
}

/** A row of blanks. */
export function blankCells(width: number): Cells {
  return { text: new Array<string>(width).fill(' '), style: new Array<Style>(width).fill('') };
}

/**
 * Copies `width` cells of `source`, beginning with its cell `from`, over the row at `x`. What the source lacks is blank, and so is every
 * wide character that an edge cuts through.
 */
export function overlay(row: Cells, x: number, width: number, source: Cells, from = 0): void {
  const start = Math.max(0, x);
  const end = Math.min(x + width, row.text.length);
  if (start >= end) return;
  const shift = from - x;
  if (row.text[start] === '') blankWideBefore(row, start);
  blankRest(row, end);
  for (let i = start; i < end; i++) {
    row.text[i] = source.text[i + shift] ?? ' ';
    row.style[i] = source.style[i + shift] ?? '';
  }
  blankRest(row, start);
  if (source.text[end + shift] === '') blankWideBefore(row, end);
}

/** Blanks the wide character whose head is to the left of `i`. */
function blankWideBefore(row: Cells, i: number): void {
  let at = i - 1;
  while (at > 0 && row.text[at] === '') row.text[at--] = ' ';
  if (at >= 0) row.text[at] = ' ';
}

/** Blanks what is left from `i` on of a wide character that lost its head. */
function blankRest(row: Cells, i: number): void {
  for (let at = i; row.text[at] === ''; at++) row.text[at] = ' ';
}
