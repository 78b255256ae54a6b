// Text measured in cells: cut, pad, and made harmless. Strings from outside are cleaned here once, before anything draws them.

import stringWidth from 'string-width';
import { agreedWidth } from './agreed-width.ts';

const ASCII = /^[\x20-\x7e]*$/;
const SGR = /\x1b\[[\d;:]*m/y;
const ESCAPE = 0x1b;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Cells that plain text takes; SGR sequences count nothing. */
export function width(text: string): number {
  let cells = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === ESCAPE) {
      SGR.lastIndex = i;
      if (!SGR.test(text)) return stringWidth(text);
      i = SGR.lastIndex - 1;
      continue;
    }
    const own = agreedWidth(code);
    if (own === 0) return stringWidth(text);
    cells += own;
  }
  return cells;
}

/** At most `cells` wide; what was cut off is shown by the ellipsis. Plain text only, without SGR. */
export function cut(text: string, cells: number, ellipsis = '…'): string {
  if (cells <= 0) return '';
  if (width(text) <= cells) return text;
  const room = cells - width(ellipsis);
  if (room < 0) return ellipsis.slice(0, cells);
  return take(text, room) + ellipsis;
}

function take(text: string, room: number): string {
  if (ASCII.test(text)) return text.slice(0, room);
  let used = 0;
  let end = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    used += stringWidth(segment);
    if (used > room) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}

export type Align = 'left' | 'right' | 'center';

/** Filled with blanks to at least `cells`. Text may carry SGR. */
export function pad(text: string, cells: number, align: Align = 'left'): string {
  const missing = cells - width(text);
  if (missing <= 0) return text;
  if (align === 'left') return text + ' '.repeat(missing);
  if (align === 'right') return ' '.repeat(missing) + text;
  const before = missing >> 1;
  return ' '.repeat(before) + text + ' '.repeat(missing - before);
}

/** Exactly `cells` wide. Plain text only, without SGR. */
export function fit(text: string, cells: number, align: Align = 'left', ellipsis = '…'): string {
  return pad(cut(text, cells, ellipsis), cells, align);
}

/** Marks on one letter that living languages need; more are decoration at best. */
const MAX_MARKS = 2;
const JOINING_JAMO = '\\u1100-\\u11ff\\ua960-\\ua97f\\ud7b0-\\ud7ff';
/** Letters with which the next one, also a blank that fills a column, is one grapheme (Grapheme_Cluster_Break=Prepend of Unicode 16, without its format controls). */
const JOINING_NEXT = '\\u0d4e\\u{111c2}\\u{111c3}\\u{113d1}\\u{1193f}\\u{11941}\\u{11a3a}\\u{11a84}-\\u{11a89}\\u{11d46}\\u{11f02}';
/** Bidi controls, joiners, fillers, tags, variation selectors; skin tones and keycaps, whose width terminals disagree on. */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Me}\p{Emoji_Modifier}]/gu;
/** Controls, halves of surrogate pairs, private and unassigned code points, parts of syllables: shown, but as a question mark. */
const UNSHOWABLE = new RegExp(`[\\p{Cc}\\p{Cs}\\p{Co}\\p{Cn}${JOINING_JAMO}${JOINING_NEXT}]`, 'gu');
const ODD_SPACE = /[\t\n\v\f\r\x85\p{Z}]/gu;
const STRAY_MARKS = new RegExp(`^\\p{M}+|(?<= )\\p{M}+|(\\p{M}{${MAX_MARKS}})\\p{M}+`, 'gu');

/**
 * One line that does nothing but draw, whoever wrote it: no controls, no escape sequences, no change of direction, nothing that joins its
 * neighbours, at most two marks on a letter, at most `max` code units. Cleaning twice changes nothing more.
 */
export function clean(text: string, max = 255): string {
  const cutRaw = text.length > max * 4 ? text.slice(0, max * 4) : text;
  if (ASCII.test(cutRaw)) return cutRaw.slice(0, max);
  const plain = cutRaw
    .replace(ODD_SPACE, ' ')
    .replace(INVISIBLE, '')
    .normalize('NFC')
    .replace(UNSHOWABLE, '?')
    .replace(STRAY_MARKS, (_, kept?: string) => kept ?? '');
  return plain.length <= max ? plain : wholeCharacters(plain, max);
}

function wholeCharacters(text: string, max: number): string {
  let end = 0;
  for (const { segment, index } of graphemes.segment(text.slice(0, max + 8))) {
    if (index + segment.length > max) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}
