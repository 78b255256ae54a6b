// A table for people: each column as wide as what stands in it, titles above. Knows nothing of what the columns mean.
import { drawable } from '../../engine/index.ts';

/** Lines with newlines; texts from outside are made harmless. */
export function columns(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [titles, ...rows.map((row) => row.map(drawable))];
  const widths = titles.map((_, at) => Math.max(...all.map((row) => (row[at] ?? '').length)));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
