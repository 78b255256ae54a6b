// Sentences broken into lines, and how wide a line may be that is read. Pure; knows nothing of SGR.
import { cut, width } from './text.ts';

/** Columns that belong together stand no farther apart than the eye follows, however wide the screen is. */
export const READABLE = 110;

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
