// What the manager remembers between two runs, as a small JSON text. Where it lies is not known here.
import { columnNamed } from './columns.ts';
import { readKeptPanes } from './kept-panes.ts';
import type { Settings } from './state.ts';
import { PROCESS_SORTS, UBC_SORTS } from './view-state.ts';

/** Milliseconds between two looks at the node, the shortest first. */
export const PERIODS: readonly number[] = [500, 1000, 2000, 5000, 10_000, 30_000];
export const USUAL_PERIOD = 1000;

export const DEFAULT_SETTINGS: Settings = {
  theme: 'default',
  mouse: false,
  sort: { column: 'ctid', descending: false },
  columns: null,
  period: USUAL_PERIOD,
  paneClipboard: false,
  toured: false,
  processSort: 'tree',
  ubcSort: 'trouble',
  logWrap: false,
  lastPanes: null,
};

/** Settings out of a text; what is missing, wrong or of a later version becomes the default. */
export function parseSettings(text: string | null, usualTheme: string): Settings {
  const json = asRecord(parse(text));
  const sort = asRecord(json['sort']);
  const column = columnIn(sort['column']);
  const period = json['period'];
  return {
    theme: typeof json['theme'] === 'string' ? json['theme'] : usualTheme,
    mouse: json['mouse'] === true,
    paneClipboard: json['paneClipboard'] === true,
    toured: json['toured'] === true,
    sort: column === null ? DEFAULT_SETTINGS.sort : { column, descending: sort['descending'] === true },
    columns: columnsIn(json['columns']),
    processSort: PROCESS_SORTS.find((one) => one === json['processSort']) ?? DEFAULT_SETTINGS.processSort,
    ubcSort: UBC_SORTS.find((one) => one === json['ubcSort']) ?? DEFAULT_SETTINGS.ubcSort,
    logWrap: json['logWrap'] === true,
    lastPanes: readKeptPanes(json['lastPanes']),
    period: typeof period === 'number' && PERIODS.includes(period) ? period : USUAL_PERIOD,
  };
}

/** What nobody has changed is not kept; the usual theme is not either: it depends on the terminal, and the next one may be another. */
export function formatSettings(
  { theme, mouse, sort, columns, period, paneClipboard, processSort, ubcSort, toured, logWrap, lastPanes }: Settings,
  usualTheme: string,
): string {
  const kept = {
    ...(theme === usualTheme ? {} : { theme }),
    mouse,
    sort,
    ...(columns === null ? {} : { columns }),
    ...(period === USUAL_PERIOD ? {} : { period }),
    ...(paneClipboard ? { paneClipboard } : {}),
    ...(toured ? { toured } : {}),
    ...(processSort === DEFAULT_SETTINGS.processSort ? {} : { processSort }),
    ...(ubcSort === DEFAULT_SETTINGS.ubcSort ? {} : { ubcSort }),
    ...(logWrap ? { logWrap } : {}),
    ...(lastPanes === null ? {} : { lastPanes }),
  };
  return `${JSON.stringify(kept, null, 2)}\n`;
}

const columnIn = (value: unknown): string | null => (typeof value === 'string' ? columnNamed(value) : null);

function columnsIn(value: unknown): readonly string[] | null {
  const ids = Array.isArray(value) ? [...new Set(value.flatMap((one) => columnIn(one) ?? []))] : [];
  return ids.length === 0 ? null : ids;
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
