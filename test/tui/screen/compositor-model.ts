// What the screen must look like, worked out cell by cell from the pieces that rows were made of: no parsing, no diff, nothing shared
// with the compositor.

import type { Rect } from '../../../src/tui/screen/surface-source.ts';
import type { Random } from './random.ts';

export interface Look {
  readonly bold: boolean;
  readonly inverse: boolean;
  readonly underline: boolean;
  /** SGR parameters, "" = default. */
  readonly fg: string;
  readonly bg: string;
}
export const PLAIN: Look = { bold: false, inverse: false, underline: false, fg: '', bg: '' };

export interface Piece {
  /** As written in a row. */
  readonly source: string;
  /** As it must be on the screen. */
  readonly shown: string;
  readonly width: number;
  readonly look: Look;
}
export type Row = readonly Piece[];

export interface ModelCell {
  readonly text: string;
  readonly look: Look;
}

const LETTERS: readonly (readonly [source: string, shown: string, width: number])[] = [
  ...[...'abcdefghijklmnop          .-_#'].map((c) => [c, c, 1] as const),
  ['中', '中', 2],
  ['한', '한', 2],
  ['█', '█', 1],
  ['─', '─', 1],
  ['é', 'é', 1],
  ['e\u0301', 'e\u0301', 1],
  ['n\u0303\u0323', 'n\u0303\u0323', 1],
  ['😀', '😀', 2],
  ['👩\u200d👧', '👩', 2],
  ['👍\u{1f3fd}', '👍', 2],
  ['1\ufe0f\u20e3', '1\u20e3', 2],
  ['☁\ufe0f', '☁', 2],
  ['✔', '✔', 1],
  ['ש', 'ש', 1],
];
const FG = ['', '31', '94', '38;5;200', '38;2;1;2;3'];
const BG = ['', '44', '100', '48;5;17', '48;2;9;8;7'];

/** A row of at most `width` cells; runs of one look, as programs write them. */
export function randomRow(random: Random, width: number): Row {
  const row: Piece[] = [];
  const wanted = random.below(width + 1);
  let look = PLAIN;
  for (let used = 0; used < wanted; ) {
    if (random.chance(0.15)) look = random.chance(0.4) ? PLAIN : randomLook(random);
    const [source, shown, cells] = random.chance(0.75) ? LETTERS[random.below(30)]! : random.pick(LETTERS);
    if (used + cells > wanted) break;
    row.push({ source, shown, width: cells, look });
    used += cells;
  }
  return row;
}

function randomLook(random: Random): Look {
  return { bold: random.chance(0.3), inverse: random.chance(0.2), underline: random.chance(0.2), fg: random.pick(FG), bg: random.pick(BG) };
}

/** The row as SGR text, now with full resets, now by switching single attributes. */
export function rowSource(random: Random, row: Row): string {
  let out = '';
  let look = PLAIN;
  for (const piece of row) {
    if (piece.look !== look) out += random.chance(0.5) ? `\x1b[0m${switchOn(piece.look)}` : switchOver(look, piece.look);
    look = piece.look;
    out += piece.source;
  }
  return out + (random.chance(0.5) ? '\x1b[0m' : '');
}

function switchOn(look: Look): string {
  const on = [look.bold ? '1' : '', look.inverse ? '7' : '', look.underline ? '4' : '', look.fg, look.bg].filter((p) => p !== '');
  return on.length === 0 ? '' : `\x1b[${on.join(';')}m`;
}

function switchOver(from: Look, to: Look): string {
  const change = (was: boolean, is: boolean, on: string, off: string) => (was === is ? '' : `\x1b[${is ? on : off}m`);
  return (
    change(from.bold, to.bold, '1', '22') +
    change(from.inverse, to.inverse, '7', '27') +
    change(from.underline, to.underline, '4', '24') +
    (from.fg === to.fg ? '' : `\x1b[${to.fg || '39'}m`) +
    (from.bg === to.bg ? '' : `\x1b[${to.bg || '49'}m`)
  );
}

export interface ModelLayer {
  readonly rect: Rect;
  readonly rows: readonly Row[];
}

/** Layers from below to above; `covers` are where the first layer (Ink's) wins again. */
export function modelScreen(width: number, height: number, layers: readonly ModelLayer[], covers: readonly Rect[]): ModelCell[][] {
  const owner = Array.from({ length: height }, () => new Array<number>(width).fill(0));
  const claim = (rect: Rect, who: number) => {
    for (let y = Math.max(0, rect.y); y < Math.min(height, rect.y + rect.height); y++)
      for (let x = Math.max(0, rect.x); x < Math.min(width, rect.x + rect.width); x++) owner[y]![x] = who;
  };
  for (const [who, layer] of layers.entries()) claim(layer.rect, who);
  for (const cover of covers) claim(cover, 0);
  const screen: ModelCell[][] = Array.from({ length: height }, () => Array.from({ length: width }, () => ({ text: ' ', look: PLAIN })));
  for (const [who, { rect, rows }] of layers.entries())
    for (const [i, row] of rows.entries()) if (i < rect.height) place(screen[rect.y + i], owner[rect.y + i], who, rect, row);
  return screen;
}

function place(line: ModelCell[] | undefined, owner: readonly number[] | undefined, who: number, rect: Rect, row: Row): void {
  if (line === undefined || owner === undefined) return;
  let x = rect.x;
  for (const piece of row) {
    const cells = Array.from({ length: piece.width }, (_, i) => x + i);
    const visible = cells.filter((at) => owner[at] === who && at < rect.x + rect.width);
    const whole = visible.length === piece.width;
    for (const at of visible) line[at] = { text: !whole ? ' ' : at === x ? piece.shown : '', look: piece.look };
    x += piece.width;
  }
}
