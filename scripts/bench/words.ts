// Figures in words: for the terminal and for README.
import type { Measured } from './results.ts';
import { reached } from './results.ts';

const withUnit = (number: number | string, unit: Measured['unit']): string =>
  unit === '' ? String(number) : unit === '×' || unit === '%' ? `${number}${unit === '×' ? '×' : ' %'}` : `${number} ${unit}`;

/** "12.3 ms (11.9–13)" */
export function valueText({ median, low, high, unit }: Measured): string {
  return `${withUnit(median, unit)}${low === high ? '' : ` (${low}–${high})`}`;
}

export function reachText({ atMost, atLeast, unit }: Measured): string {
  if (atMost !== undefined) return `≤ ${withUnit(atMost, unit)}`;
  return atLeast === undefined ? '' : `≥ ${withUnit(atLeast, unit)}`;
}

/** "", or what was to be reached and whether it was. */
export function verdict(value: Measured): string {
  const is = reached(value);
  return is === null ? '' : `${is ? 'reached' : 'not reached'}: ${reachText(value)}`;
}
