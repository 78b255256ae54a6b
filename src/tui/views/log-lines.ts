// A log, the newest line at the bottom: what is logged inside, or what the console has printed.
import type { CtSample } from '../../engine/index.ts';
import { cut, pad, width } from '../screen/text.ts';
import type { Role, Theme } from '../screen/theme.ts';
import { wrap } from '../screen/wrap.ts';
import { runs } from '../store/columns.ts';
import { viewLayout } from '../store/list-rows.ts';
import { listingOf, placed } from '../store/listing.ts';
import { logRows } from '../store/log.ts';
import type { ManagerState } from '../store/state.ts';
import type { KeptLine } from '../store/view-state.ts';
import { clockTime, ends } from './words.ts';

const ERROR = 3;
const WARNING = 4;
const NOTICE = 5;

const WORDS: Readonly<Record<number, string>> = { 0: 'emergency', 1: 'alert', 2: 'critical', 3: 'error', 4: 'warning' };

function roleOf(level: number | null): Role {
  if (level === null) return 'text';
  if (level <= ERROR) return 'alarm';
  if (level === WARNING) return 'warn';
  return level <= NOTICE ? 'text' : 'dim';
}

/** Text of one line and what stands before it; the level is a word as well, since colour alone says nothing in mono. */
function logText({ at, level, from, text }: KeptLine): string {
  const word = level !== null && level <= WARNING ? `${WORDS[level]}: ` : '';
  return `${at === null ? '' : `${clockTime(at)} `}${from === '' ? '' : `${from}: `}${word}${text}`;
}

const SHOWN: Readonly<Record<number, string>> = { 7: '', 4: 'warnings and worse', 3: 'errors and worse' };

/** What is read, and which part of it is shown. */
function headLine(state: ManagerState, cells: number, theme: Theme): string {
  const { what, ended } = state.log;
  const { key } = listingOf(state);
  const source = what === '' ? 'log' : what;
  const level = SHOWN[state.logLevel] ?? '';
  const left = ` ${theme.paint('title', cut(source, 30, theme.glyphs.ellipsis))}${level === '' || state.tab !== 'log' ? '' : theme.paint('accent', `  ${level}`)}`;
  if (what === '' && ended === '') return left;
  // Said below where there are no lines.
  if (ended !== '' && state.log.lines.length === 0) return left;
  const follows =
    ended !== '' ? cut(ended, Math.max(0, cells - width(left) - 4), theme.glyphs.ellipsis) : key === null ? 'follows' : 'G follows again';
  return ends(left, theme.paint(ended === '' ? 'dim' : 'warn', `${follows} `), cells);
}

const NOT_FOUND = ['Nothing here has all these words or this level; Esc shows all'];

function emptyText(state: ManagerState, row: CtSample): readonly string[] {
  const { ended, what } = state.log;
  if (ended !== '')
    return [runs(row) ? ended : `${ended}; s starts it`, ...(state.tab === 'log' ? ['L shows what its console has printed'] : [])];
  if (what === 'console') return ['Its console has printed nothing yet', 'C opens it'];
  return [row.state === 'frozen' ? 'It is frozen' : 'Reading the log'];
}

export function logLines(state: ManagerState, row: CtSample, cells: number, height: number, theme: Theme): readonly string[] {
  return printedLines(state, headLine(state, cells, theme), emptyText(state, row), cells, height, theme);
}

interface Window {
  /** The row under the cursor. */
  readonly index: number;
  /** Lines of the screen, each with the row that it is of. */
  readonly shown: readonly { readonly at: number; readonly text: string }[];
}

/** Which rows are on the screen: as many as fit with the one under the cursor among them, whole where that is possible. */
function windowOf(state: ManagerState, cells: number, theme: Theme): Window {
  const rows = logRows(state);
  if (rows.length === 0) return { index: 0, shown: [] };
  const { list } = viewLayout(state);
  const listing = listingOf(state);
  const keys = rows.map(({ key }) => key);
  const { index, top } = placed(listing, keys, list);
  const texts = (at: number): readonly string[] => {
    const text = logText(rows[at]!);
    return state.logWrap
      ? wrap(text.trimEnd(), cells - 4).map((line, i) => (i === 0 ? line : `  ${line}`))
      : [cut(text, cells - 2, theme.glyphs.ellipsis)];
  };
  let first = index;
  for (let room = list - texts(index).length; first > 0; first--) {
    room -= texts(first - 1).length;
    if (room < 0) break;
  }
  const shown: { at: number; text: string }[] = [];
  for (let at = listing.key === null ? first : Math.max(first, top); at < rows.length && shown.length < list; at++)
    shown.push(...texts(at).map((text) => ({ at, text })));
  return { index, shown: shown.slice(0, list) };
}

/** Key of the row in a line of the list. */
export function logKeyAt(state: ManagerState, line: number, theme: Theme): string | undefined {
  return logRows(state)[windowOf(state, state.size.columns, theme).shown[line]?.at ?? -1]?.key;
}

/** The lines below `title`; `empty` is said where there are none. */
export function printedLines(
  state: ManagerState,
  title: string,
  empty: readonly string[],
  cells: number,
  height: number,
  theme: Theme,
): readonly string[] {
  const rows = logRows(state);
  const { titles, about, list } = viewLayout(state);
  const head = titles === 1 ? [title] : [];
  const none = state.log.lines.length > 0 ? NOT_FOUND : empty;
  if (rows.length === 0)
    return [...head, ...none.flatMap((text) => wrap(text, cells - 4).map((line) => theme.paint('dim', `   ${line}`)))].slice(0, height);
  const listing = listingOf(state);
  const { index, shown } = windowOf(state, cells, theme);
  const lines = shown.map(({ at, text }) => {
    const painted = theme.paint(roleOf(rows[at]?.level ?? null), text);
    if (listing.key === null || at !== index) return ` ${painted}`;
    return theme.under('selection', pad(`${theme.paint('accent', theme.glyphs.selected)}${painted}`, cells));
  });
  const text = rows[index] === undefined ? '' : logText(rows[index]);
  const whole = about === 0 || width(text) <= cells - 2 ? [] : wrap(text, cells - 2).slice(0, about - 1);
  const gap = Array.from({ length: about === 0 ? 0 : Math.max(0, list - lines.length) }, () => '');
  return [...head, ...lines, ...gap, ...(whole.length === 0 ? [] : ['', ...whole.map((text) => ` ${text}`)])];
}
