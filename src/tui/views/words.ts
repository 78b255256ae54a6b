// Lines put beside each other, times in words: text layout without a terminal. Pure.
import { width } from '../screen/text.ts';

/** `left`, blanks, `right`: together `cells` wide; the right part gives way first. Both plain or painted. */
export function ends(left: string, right: string, cells: number): string {
  const gap = cells - width(left) - width(right);
  return gap < 2 ? left : left + ' '.repeat(gap) + right;
}

export const clockTime = (at: number): string => new Date(at).toTimeString().slice(0, 8);

/** "0.4 s", "12 s", "3 min". */
export function seconds(milliseconds: number): string {
  if (milliseconds < 10_000) return `${(Math.max(0, milliseconds) / 1000).toFixed(1)} s`;
  return milliseconds < 120_000 ? `${Math.round(milliseconds / 1000)} s` : `${Math.round(milliseconds / 60_000)} min`;
}
