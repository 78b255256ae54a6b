// A row of an emulator's buffer as one line of text and SGR for the screen, by the emulator's public face alone.

import type { IBufferCell, IBufferLine } from '@xterm/headless';
import stringWidth from 'string-width';
import { agreedWidth } from '../screen/agreed-width.ts';

const CLOSE = '\x1b[0m';
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** How a cell is set off: 1 a match of a search, 2 the selection. */
export type Emphasis = 0 | 1 | 2;

/** The first `columns` cells of the line, without trailing blanks; every character takes as many cells as the emulator gave it. */
export function rowText(line: IBufferLine, columns: number, scratch: IBufferCell, emphasis: (x: number) => Emphasis = PLAIN): string {
  let out = '';
  let look = '';
  let kept = 0;
  let previous = '';
  for (let x = 0; x < columns; x++) {
    const cell = line.getCell(x, scratch);
    if (cell === undefined) break;
    const width = cell.getWidth();
    if (width === 0) continue;
    const set = emphasis(x);
    const now = set === 0 && cell.isAttributeDefault() ? '' : cellSgr(cell, set);
    if (now !== look) {
      if (look !== '') {
        out += CLOSE;
        kept = out.length;
      }
      out += now;
      look = now;
      previous = '';
    }
    const chars = cell.getChars();
    const text = standalone(chars, width, previous);
    previous = text;
    out += text;
    if (look !== '' || text !== ' ') kept = out.length;
  }
  return look === '' ? out.slice(0, kept) : out + CLOSE;
}

/** What the screen will measure as wide as the emulator did, whatever stands to the left; blanks where that can't be. */
function standalone(chars: string, width: number, previous: string): string {
  if (chars === '') return ' '.repeat(width);
  if (chars.length === 1 && agreedWidth(chars.charCodeAt(0)) === width) return chars;
  const shown = chars.replace(INVISIBLE, '');
  if (stringWidth(shown) !== width) return ' '.repeat(width);
  if (previous !== '' && [...graphemes.segment(previous + shown)].length === 1) return ' '.repeat(width);
  return shown;
}

const PLAIN = (): Emphasis => 0;

/** Set off by attributes alone, which every terminal has: reversed against its surroundings, a match underlined and bold as well. */
function cellSgr(cell: IBufferCell, emphasis: Emphasis): string {
  const parameters: (string | number)[] = [];
  if (cell.isBold() || emphasis === 1) parameters.push(1);
  if (cell.isDim()) parameters.push(2);
  if (cell.isItalic()) parameters.push(3);
  if (cell.isUnderline() || emphasis === 1) parameters.push(4);
  if ((cell.isInverse() !== 0) !== emphasis > 0) parameters.push(7);
  if (cell.isInvisible()) parameters.push(8);
  if (cell.isStrikethrough()) parameters.push(9);
  if (!cell.isFgDefault()) parameters.push(color(cell.getFgColor(), cell.isFgRGB(), 30));
  if (!cell.isBgDefault()) parameters.push(color(cell.getBgColor(), cell.isBgRGB(), 40));
  return parameters.length === 0 ? '' : `\x1b[${parameters.join(';')}m`;
}

function color(value: number, rgb: boolean, base: 30 | 40): string | number {
  if (rgb) return `${base + 8};2;${value >> 16};${(value >> 8) & 255};${value & 255}`;
  if (value < 8) return base + value;
  return value < 16 ? base + 52 + value : `${base + 8};5;${value}`;
}
