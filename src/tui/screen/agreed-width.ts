// The characters whose width nobody disputes.

/** Ranges of UTF-16 code units, inclusive, with the cells that each takes. None of them joins its neighbours. */
const RANGES: readonly (readonly [from: number, to: number, width: 1 | 2])[] = [
  [0x20, 0x7e, 1],
  [0xa0, 0xac, 1], // without the soft hyphen
  [0xae, 0x2ff, 1], // Latin
  [0x370, 0x482, 1], // Greek, Cyrillic
  [0x48a, 0x52f, 1],
  [0x2010, 0x2027, 1], // dashes, quotes
  [0x2190, 0x2193, 1], // arrows
  [0x21b5, 0x21b5, 1], // the Enter key
  [0x2260, 0x2265, 1], // ≠ ≤ ≥
  [0x2500, 0x25fc, 1], // lines, blocks, shapes
  [0x3041, 0x3096, 2], // kana
  [0x30a0, 0x30ff, 2],
  [0x3400, 0x4dbf, 2], // Han
  [0x4e00, 0x9fff, 2],
  [0xac00, 0xd7a3, 2], // Hangul syllables
  [0xff01, 0xff60, 2], // full-width forms
];

const WIDTHS = new Uint8Array(0x10000);
for (const [from, to, width] of RANGES) WIDTHS.fill(width, from, to + 1);

/**
 * Cells that all terminals give this UTF-16 code unit, as string-width does; 0 for what differs with the Unicode version and the taste of
 * the terminal: marks, emoji, symbols, other scripts, and what is no character of its own.
 */
export function agreedWidth(codeUnit: number): number {
  return WIDTHS[codeUnit]!;
}
