// Columns as vzlist prints them: each cell in its own width, joined by one blank, nothing after the last one.
import { type Cell, drawable, type ListField, type ListRow } from '../../engine/index.ts';

const pad = (text: string, width: number): string => (width < 0 ? text.padEnd(-width) : text.padStart(width));

/** A text is cut to its column unless it stands last or nothing is to be cut; of a list only a whole one shows more than its first word. */
function shown(cell: Cell, field: ListField, cut: boolean): string {
  if (cell === null) return '-';
  if (Array.isArray(cell)) return cut ? (cell[0] ?? '').slice(0, Math.abs(field.width)) : cell.join(' ');
  return typeof cell === 'string' && cut && !field.whole ? cell.slice(0, Math.abs(field.width)) : String(cell);
}

export interface TableOptions {
  readonly header: boolean;
  readonly trim: boolean;
}

/** Lines with newlines. */
export function table(rows: readonly ListRow[], fields: readonly ListField[], { header, trim }: TableOptions): string {
  const line = (cells: readonly string[]): string => `${cells.join(' ').trimEnd()}\n`;
  const head = line(fields.map((field) => pad(field.head, field.headWidth ?? field.width)));
  const body = rows.map((row) =>
    line(
      fields.map((field, at) => {
        const last = at === fields.length - 1;
        return pad(drawable(shown(field.cell(row), field, trim && !last)), field.width);
      }),
    ),
  );
  return (header ? head : '') + body.join('');
}
