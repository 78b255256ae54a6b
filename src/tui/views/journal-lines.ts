// The journal: a line for each deed, the newest first, and below what the chosen one was in full.
import type { JournalEntry } from '../../engine/index.ts';
import { keyOf } from '../keys/legend.ts';
import { cut, pad, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { wrap } from '../screen/wrap.ts';
import { journalRows } from '../store/journal-rows.ts';
import { viewLayout } from '../store/list-rows.ts';
import { listingOf, placed } from '../store/listing.ts';
import type { ManagerState } from '../store/state.ts';
import type { JournalRow } from '../store/view-state.ts';
import { findLine, partOf } from './tab-lines.ts';
import { clockTime, ends, seconds } from './words.ts';

/** Where there is little room, where from is told for the chosen one alone. */
const whoCells = (cells: number): number => (cells < 100 ? 10 : 22);
const VERB = 15;

/** Today by the clock, before that with its day. */
function when(at: number, now: number): string {
  const day = new Date(at);
  if (day.toDateString() === new Date(now).toDateString()) return pad(clockTime(at), 11, 'right');
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(day.getMonth() + 1)}-${two(day.getDate())} ${clockTime(at).slice(0, 5)}`;
}

const whose = ({ user, uid, from, verb }: JournalEntry, short = false): string =>
  verb === 'exited' ? 'itself' : `${user || uid}${from === '' || short ? '' : ` ${from}`}`;

function titleRow(cells: number, theme: Theme): string {
  const left = ` ${pad('WHEN', 11, 'right')}  ${pad('CTID', 5, 'right')}  ${pad('WHAT', VERB)} ${pad('TOOK', 7, 'right')}  ${pad('WHO', whoCells(cells))}`;
  return theme.paint('title', pad(cells > width(left) + 12 ? `${left}  LINE` : left, cells));
}

function rowLine({ entry, at }: JournalRow, now: number, cells: number, theme: Theme): string {
  const { verb, id, result, ms, command, detail } = entry;
  const ellipsis = theme.glyphs.ellipsis;
  const failed = result !== 'ok';
  const what = pad(cut(failed ? `${theme.glyphs.alarm} ${verb}` : verb, VERB, ellipsis), VERB);
  const left =
    ` ${theme.paint('dim', when(at, now))}  ${pad(id === 0 ? '' : String(id), 5, 'right')}  ` +
    `${theme.paint(failed ? 'alarm' : 'text', what)} ${theme.paint('dim', pad(seconds(ms), 7, 'right'))}  ` +
    theme.paint('dim', pad(cut(whose(entry, cells < 100), whoCells(cells), ellipsis), whoCells(cells)));
  const room = cells - width(left) - 3;
  const said = failed ? detail || result : command;
  return room < 4 ? left : `${left}  ${theme.paint(failed ? 'alarm' : 'dim', cut(said, room, ellipsis))}`;
}

/** What was done in full; the line by which it is done again last, since it may be long. */
function aboutLines(row: JournalRow | undefined, cells: number, theme: Theme, height: number): readonly string[] {
  if (row === undefined) return [];
  const { entry } = row;
  const by = `${whose(entry)}, ${entry.program || 'the keeper'}, process ${entry.pid}`;
  const said = entry.result === 'ok' ? by : `${entry.result}: ${entry.detail}  (${by})`;
  const command = entry.command === '' ? [] : wrap(entry.command, cells - 3);
  const first = wrap(said, cells - 3).slice(0, Math.max(1, height - 1 - Math.min(1, command.length)));
  const role = entry.result === 'ok' ? 'dim' : 'alarm';
  return ['', ...first.map((line) => `  ${theme.paint(role, line)}`), ...command.map((line) => `  ${line}`)].slice(0, height);
}

const NOTHING =
  'Nothing has been done yet. What is done here, by vzctl or by vzdeck is written down with who did it, how it ended and how long it took.';

export function journalLines(state: ManagerState, cells: number, height: number, theme: Theme): readonly string[] {
  const { head, find, titles, list, about } = viewLayout(state, height);
  const { journal } = state;
  const rows = journalRows(state);
  const damaged = journal?.damaged ?? 0;
  const note = damaged > 0 ? theme.paint('warn', `  ${damaged} damaged ${damaged === 1 ? 'line' : 'lines'} left out`) : '';
  const follows = theme.paint('dim', listingOf(state).key === '' ? '  follows' : `  ${keyOf(state, 'first', theme.glyphs)} follows again`);
  const title = ends(` ${theme.paint('title', 'Journal')}${rows.length === 0 ? '' : follows}${note}`, partOf(state, theme), cells);
  const search = find === 1 ? [findLine(state, rows.length, cells, theme)] : [];
  const top = [...[title, ''].slice(0, head), ...search];
  if (rows.length === 0) {
    const said = journal !== null && journal.rows.length > 0 ? 'Nothing has all these words; Esc shows all' : NOTHING;
    return [...top, ...wrap(said, Math.min(cells, 90) - 4).map((line) => `   ${theme.paint('dim', line)}`)].slice(0, height);
  }
  const keys = rows.map(({ key }) => key);
  const { index, top: first } = placed(listingOf(state), keys, list);
  const lines = rows.slice(first, first + list).map((row, i) => {
    const line = rowLine(row, state.now, cells, theme);
    if (first + i !== index) return line;
    return theme.under('selection', pad(theme.paint('accent', theme.glyphs.selected) + line.slice(1), cells));
  });
  const blanks = Array.from({ length: Math.max(0, list - lines.length) }, () => '');
  return [...top, ...(titles === 1 ? [titleRow(cells, theme)] : []), ...lines, ...blanks, ...aboutLines(rows[index], cells, theme, about)];
}
