// The cells of an emulator's screen with colours as a browser takes them.
import type { IBufferCell, Terminal } from '@xterm/headless';
import type { Cell, Look } from './svg.ts';

const FOREGROUND = '#d8dee9';
export const BACKGROUND = '#1b1f27';

/** The sixteen colours, which every terminal has otherwise. */
const SIXTEEN = [
  ...['#2b303b', '#e06c75', '#8fbf7f', '#d9b26a', '#6ea3dd', '#b48ead', '#5fb3b3', '#c0c5ce'],
  ...['#65737e', '#ff7b86', '#a9d69a', '#f0cb85', '#8fbdf0', '#cda7c8', '#7fcfcf', '#eff1f5'],
];
const LEVELS = [0, 95, 135, 175, 215, 255];
const CUBE = 16;
const GREYS = 232;

const hex = (...parts: readonly number[]): string => `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;

/** Colour of the 256-colour palette (xterm's cube and greys). */
function paletteColor(index: number): string {
  const known = SIXTEEN[index];
  if (known !== undefined) return known;
  if (index >= GREYS) return hex(...Array<number>(3).fill(8 + 10 * (index - GREYS)));
  const at = index - CUBE;
  return hex(...[Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map((level) => LEVELS[level] ?? 0));
}

const colorOf = (isDefault: boolean, isRgb: boolean, value: number, otherwise: string): string =>
  isDefault ? otherwise : isRgb ? `#${value.toString(16).padStart(6, '0')}` : paletteColor(value);

function lookOf(cell: IBufferCell): Look {
  const fg = colorOf(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor(), FOREGROUND);
  const bg = colorOf(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor(), BACKGROUND);
  const inverse = cell.isInverse() !== 0;
  return {
    fg: inverse ? bg : fg,
    bg: inverse ? fg : bg,
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    underline: cell.isUnderline() !== 0,
  };
}

export function screenCells({ buffer, cols, rows }: Terminal): readonly (readonly Cell[])[] {
  const { active } = buffer;
  return Array.from({ length: rows }, (_row, y) =>
    Array.from({ length: cols }, (_column, x) => {
      const cell = active.getLine(active.baseY + y)?.getCell(x);
      if (cell === undefined) throw new RangeError(`No cell ${x},${y}`);
      return { text: cell.getWidth() === 0 ? '' : cell.getChars() || ' ', look: lookOf(cell) };
    }),
  );
}
