// A line that is being typed into: the part around the cursor, and the cursor as an inverse cell, which every terminal and every theme has.
import { graphemes, type LineInput } from '../forms/line-input.ts';
import { clean, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';

const inverse = (text: string): string => `\x1b[7m${text}\x1b[0m`;

/** Exactly `cells` wide; scrolled so that the cursor is in it. Without focus, without cursor. */
export function inputLine(input: LineInput, cells: number, theme: Theme, focused: boolean): string {
  const all = [...graphemes(input.text).map((one) => clean(one) || '?'), ' '];
  const at = Math.min(input.cursor, all.length - 1);
  let from = focused ? at : 0;
  let used = width(all[from] ?? ' ');
  while (focused && from > 0 && used + width(all[from - 1] ?? '') <= cells) used += width(all[--from] ?? '');
  let out = '';
  let plain = '';
  let shown = 0;
  const flush = (): void => {
    out += plain && theme.paint('input', plain);
    plain = '';
  };
  for (let i = from; i < all.length && shown + width(all[i] ?? '') <= cells; i++) {
    const cell = all[i] ?? '';
    shown += width(cell);
    if (focused && i === at) {
      flush();
      out += inverse(cell);
    } else plain += cell;
  }
  plain += ' '.repeat(Math.max(0, cells - shown));
  flush();
  return out;
}
