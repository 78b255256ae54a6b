// The widths that a pane's emulator gives characters: those of string-width, by which the screen measures. With the emulator's own older
// table (Unicode 6) every emoji would shift the rest of its row.

import type { IUnicodeVersionProvider } from '@xterm/headless';
import stringWidth from 'string-width';

const remembered = new Map<number, 0 | 1 | 2>();
/** Hostile output can name every code point there is. */
const MAX_REMEMBERED = 8192;

function codePointWidth(codePoint: number): 0 | 1 | 2 {
  if (codePoint < 0x300) return codePoint >= 0x20 && (codePoint < 0x7f || codePoint >= 0xa0) && codePoint !== 0xad ? 1 : 0;
  const known = remembered.get(codePoint);
  if (known !== undefined) return known;
  const width = Math.min(2, stringWidth(String.fromCodePoint(codePoint))) as 0 | 1 | 2;
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(codePoint, width);
  return width;
}

/** For `terminal.unicode.register`. The packed form (state, width, joins) is xterm.js's UnicodeService. */
export const CELL_WIDTHS: IUnicodeVersionProvider = {
  version: 'string-width',
  wcwidth: codePointWidth,
  charProperties(codePoint, preceding) {
    // nearly everything that is ever printed
    if (codePoint >= 0x20 && codePoint < 0x7f) return 1 << 1;
    const own = codePointWidth(codePoint);
    const before = (preceding >> 1) & 3;
    const joins = own === 0 && preceding !== 0 && before !== 0;
    return ((joins ? before : own) << 1) | (joins ? 1 : 0);
  },
};
