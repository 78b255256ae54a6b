// What this terminal can show, from the environment alone: colours and characters. Asks the terminal nothing.

import type { ColorDepth } from './theme.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Colours by NO_COLOR (no-color.org), TERM and COLORTERM. */
export function colorDepth(env: Environment): ColorDepth {
  const term = env['TERM'] ?? '';
  if (env['NO_COLOR'] || term === '' || term === 'dumb' || /^vt\d/.test(term)) return 'mono';
  if (/^(truecolor|24bit)$/i.test(env['COLORTERM'] ?? '') || term.endsWith('-direct')) return 'true';
  return term.includes('256color') ? '256' : '16';
}

/** Many terminals tell the numbers of their foreground and background: 7 and 15 are white. */
export const isLight = (env: Environment): boolean => /;(7|15)$/.test(env['COLORFGBG'] ?? '');

/** UTF-8 glyphs by locale; the text console's font lacks the eighth blocks. */
export function hasUnicode(env: Environment): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /utf-?8/i.test(locale) && env['TERM'] !== 'linux';
}

/** A terminal without cursor addressing can't show a full screen. */
export function canShowScreen(env: Environment): boolean {
  return env['TERM'] !== undefined && env['TERM'] !== '' && env['TERM'] !== 'dumb';
}
