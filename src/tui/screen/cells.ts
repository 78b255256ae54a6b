// A line of text and SGR sequences as cells, measured as Ink measures (string-width). A cell never holds more than one letter with its
// marks: what joins (emoji sequences, conjuncts) is drawn by terminals in widths of their own and would shift the rest of the row.

import stringWidth from 'string-width';
import { agreedWidth } from './agreed-width.ts';
import { applySgr, type Style } from './sgr.ts';

/** Two arrays of the same length. The text of a cell that a wide character to the left covers is "". */
export interface Cells {
  readonly text: string[];
  readonly style: Style[];
}

const SGR = /\x1b\[([\d;:]*)m/y;
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
  const plain = agreedPrefix(run);
  for (let i = 0; i < plain; i++) add(cells, run[i]!, agreedWidth(run.charCodeAt(i)), style);
  if (plain === run.length) return;
  for (const { segment } of graphemes.segment(run.slice(plain).replace(CONTROL, ''))) addCluster(cells, segment, style);
}

/** Code units at the head of the run that stand for themselves, whatever follows them. */
function agreedPrefix(run: string): number {
  let end = 0;
  while (end < run.length && agreedWidth(run.charCodeAt(end)) > 0) end++;
  // The last one may carry what comes next.
  return end === run.length ? end : Math.max(0, end - 1);
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

/** Cells that begin at column `x` of the screen. */
export interface PlacedCells {
  readonly cells: Cells;
  readonly x: number;
}

/**
 * One row in which each column shows the layer that owns it. What a layer lacks is blank, and so is what is left of a wide character that
 * is not wholly visible.
 */
export function mergeCells(layers: readonly PlacedCells[], owners: Uint8Array): Cells {
  const row = blankCells(owners.length);
  let broken = false;
  for (let x = 0; x < owners.length; x++) {
    const { cells, x: start } = layers[owners[x]!]!;
    const at = x - start;
    const text = cells.text[at];
    if (text === undefined) continue;
    if (text !== '') broken = !ownsTail(cells, at, owners, x);
    else if (x === 0 || owners[x - 1] !== owners[x]) broken = true;
    row.text[x] = broken ? ' ' : text;
    row.style[x] = cells.style[at]!;
  }
  return row;
}

/** The cells that a wide character covers to its right belong to the same layer as its head. */
function ownsTail(cells: Cells, head: number, owners: Uint8Array, x: number): boolean {
  for (let i = 1; cells.text[head + i] === ''; i++) if (owners[x + i] !== owners[x]) return false;
  return true;
}
