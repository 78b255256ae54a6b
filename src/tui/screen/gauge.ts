// Bars and sparklines: a quantity as a row of cells, in UTF-8 eighths or in ASCII.

import type { Role, Theme } from './theme.ts';

/** From 80 % on a held quantity is a warning, at its limit an alarm. */
export function levelRole(fraction: number): Role {
  return fraction >= 1 ? 'alarm' : fraction >= 0.8 ? 'warn' : 'bar';
}

/** A bar of exactly `cells` cells; `fraction` is clamped to 0…1, and anything above 0 shows at least its first step. */
export function bar(theme: Theme, fraction: number, cells: number, role: Role = levelRole(fraction)): string {
  if (cells <= 0) return '';
  const steps = theme.glyphs.bar.length - 1;
  const wanted = Math.min(1, Math.max(0, fraction || 0)) * cells * steps;
  const filled = wanted > 0 ? Math.max(1, Math.round(wanted)) : 0;
  const full = Math.floor(filled / steps);
  const head = theme.glyphs.bar[steps]!.repeat(full) + (filled % steps === 0 ? '' : theme.glyphs.bar[filled % steps]!);
  const used = Math.ceil(filled / steps);
  return (head && theme.paint(role, head)) + (used < cells ? theme.paint('track', theme.glyphs.track.repeat(cells - used)) : '');
}

/** The last `cells` values, oldest left, scaled to `top` (default: the largest of them); shorter histories are filled with blanks on the left. */
export function sparkline(theme: Theme, values: readonly number[], cells: number, top?: number, role: Role = 'bar'): string {
  if (cells <= 0) return '';
  const shown = values.slice(-cells);
  const scale = top ?? Math.max(...shown, 0);
  const levels = theme.glyphs.spark;
  const level = (v: number) => (scale > 0 ? Math.min(levels.length - 1, Math.max(0, Math.ceil((v / scale) * levels.length) - 1)) : 0);
  const line = shown.map((v) => levels[level(v)]).join('');
  return ' '.repeat(cells - shown.length) + (line && theme.paint(role, line));
}
