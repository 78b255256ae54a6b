// What the manager remembers between two runs, as a small JSON text. Where it lies is not known here.
import { isColumnId } from './columns.ts';
import type { Settings } from './state.ts';

export const DEFAULT_SETTINGS: Settings = { theme: 'default', mouse: false, sort: { column: 'ctid', descending: false } };

/** Settings out of a text; what is missing, wrong or of a later version becomes the default. */
export function parseSettings(text: string | null, usualTheme: string): Settings {
  const json = asRecord(parse(text));
  const sort = asRecord(json['sort']);
  const column = sort['column'];
  return {
    theme: typeof json['theme'] === 'string' ? json['theme'] : usualTheme,
    mouse: json['mouse'] === true,
    sort: isColumnId(column) ? { column, descending: sort['descending'] === true } : DEFAULT_SETTINGS.sort,
  };
}

/** The usual theme is not kept: it depends on the terminal, and the next one may be another. */
export function formatSettings({ theme, mouse, sort }: Settings, usualTheme: string): string {
  return `${JSON.stringify({ ...(theme === usualTheme ? {} : { theme }), mouse, sort }, null, 2)}\n`;
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '{}');
  } catch {
    return {};
  }
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
