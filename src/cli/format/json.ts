// vzlist -j: an array of objects, two blanks of indentation, every text a valid JSON string.
import type { ListField, ListRow } from '../../engine/index.ts';

/** Rows as vzlist prints them; "[]" is only for "nothing was found at all". */
export function listJson(rows: readonly ListRow[], fields: readonly ListField[]): string {
  const objects = rows.map((row) => {
    const members = fields.map((field) => `    "${field.name}": ${field.json?.(row) ?? 'null'}`);
    return `  {\n${members.join(',\n')}\n  }`;
  });
  return objects.length === 0 ? '[\n]\n' : `[\n${objects.join(',\n')}\n]\n`;
}
