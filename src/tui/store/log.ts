// The lines of a container's log that are kept, cleaned once, and those of them that are shown. Pure.
import type { LogLine } from '../../engine/index.ts';
import { clean } from '../screen/text.ts';
import { finder, listingOf } from './listing.ts';
import type { ManagerState } from './state.ts';
import type { CtLog, KeptLine } from './view-state.ts';

/** Lines that are kept; what is older is gone. */
const KEPT = 2000;
const MAX_TEXT = 1000;

export function withLines(log: CtLog, lines: readonly LogLine[]): CtLog {
  const fresh = lines.slice(-KEPT).map((line, i) => ({
    ...line,
    from: clean(line.from),
    text: clean(line.text, MAX_TEXT),
    key: String(log.count + Math.max(0, lines.length - KEPT) + i),
  }));
  return { ...log, lines: [...log.lines, ...fresh].slice(-KEPT), count: log.count + lines.length };
}

/** What is shown of a journal: all, warnings and worse, errors and worse. */
export const LEVELS = [7, 4, 3] as const;

let last: { readonly asked: readonly unknown[]; readonly rows: readonly KeptLine[] } | null = null;

/** The rows of the view on top; a line without level is shown at every level. */
export function logRows(state: ManagerState): readonly KeptLine[] {
  const { text } = listingOf(state).find;
  const { lines } = state.log;
  const most = state.tab === 'log' ? state.logLevel : 7;
  const asked = [lines, text, most];
  if (last?.asked.every((one, i) => one === asked[i])) return last.rows;
  const matches = finder(text);
  const rows =
    text.trim() === '' && most === 7
      ? lines
      : lines.filter((line) => (line.level === null || line.level <= most) && matches(`${line.from} ${line.text}`));
  last = { asked, rows };
  return rows;
}
