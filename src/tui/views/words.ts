// Sentences broken into lines, lines put beside each other: text layout without a terminal. Pure.
import { cut, width } from '../screen/text.ts';

/** Lines of at most `cells`, broken between words; a word that is longer is cut into pieces. */
export function wrap(text: string, cells: number): readonly string[] {
  const room = Math.max(1, cells);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, room))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (width(longer) <= room) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

function pieces(word: string, room: number): readonly string[] {
  const parts: string[] = [];
  let rest = word;
  while (width(rest) > room) {
    const head = cut(rest, room, '') || rest.slice(0, 1);
    parts.push(head);
    rest = rest.slice(head.length);
  }
  return [...parts, rest];
}

/** `left`, blanks, `right`: together `cells` wide; the right part gives way first. Both plain or painted. */
export function ends(left: string, right: string, cells: number): string {
  const gap = cells - width(left) - width(right);
  return gap < 2 ? left : left + ' '.repeat(gap) + right;
}

/** Columns that belong together stand no farther apart than the eye follows, however wide the screen is. */
export const READABLE = 110;

export const clockTime = (at: number): string => new Date(at).toTimeString().slice(0, 8);

/** "0.4 s", "12 s", "3 min". */
export function seconds(milliseconds: number): string {
  if (milliseconds < 10_000) return `${(Math.max(0, milliseconds) / 1000).toFixed(1)} s`;
  return milliseconds < 120_000 ? `${Math.round(milliseconds / 1000)} s` : `${Math.round(milliseconds / 60_000)} min`;
}
