// Rows of cells as lines in columns, two blanks between them, nothing after the last one.

/** `left`: places of columns that begin at the same place; the others end there. */
export function aligned(rows: readonly (readonly string[])[], left: ReadonlySet<number>): readonly string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const pad = (text: string, at: number): string => (left.has(at) ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0));
  return rows.map((row) => row.map(pad).join('  ').trimEnd());
}
