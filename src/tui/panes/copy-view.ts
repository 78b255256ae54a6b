// Copy mode of a pane as a value: where the cursor is in the history, what is selected, which part is looked at. Motions are those of vi. Pure.

import { findFrom } from './find.ts';
import { type History, inOrder, type Spot } from './history.ts';

export type SelectionKind = 'chars' | 'lines' | 'block';

/** To a character of the line. */
export interface CharMotion {
  readonly char: string;
  readonly down: boolean;
  /** Stops before it. */
  readonly till: boolean;
}

export interface CopyView {
  /** The line in the uppermost row. */
  readonly top: number;
  readonly rows: number;
  readonly at: Spot;
  /** Column that up and down come back to after shorter lines. */
  readonly column: number;
  readonly anchor: Spot | null;
  readonly kind: SelectionKind;
  readonly sought: string;
  /** Which of how many matches the cursor came to last. */
  readonly found: { readonly number: number; readonly count: number } | null;
  /** The number typed before a motion; 0: none. */
  readonly count: number;
  /** A motion to a character whose character is still to be typed. */
  readonly awaits: Omit<CharMotion, 'char'> | null;
  /** The last such motion. */
  readonly charMotion: CharMotion | null;
}

export const beginCopy = (top: number, rows: number, at: Spot): CopyView => ({
  top,
  rows,
  at,
  column: at.x,
  anchor: null,
  kind: 'chars',
  sought: '',
  found: null,
  count: 0,
  awaits: null,
  charMotion: null,
});

const clamp = (n: number, low: number, high: number): number => Math.max(low, Math.min(n, high));

/** The view with the cursor on an existing cell and the cursor's row shown. */
export function settled(view: CopyView, history: History): CopyView {
  const last = history.end - 1;
  const at = { line: clamp(view.at.line, history.first, last), x: clamp(view.at.x, 0, history.columns - 1) };
  const anchor = view.anchor && { ...view.anchor, line: clamp(view.anchor.line, history.first, last) };
  const shown = clamp(view.top, at.line - view.rows + 1, at.line);
  return { ...view, at, anchor, top: clamp(shown, history.first, Math.max(history.first, history.end - view.rows)) };
}

/** A class for each cell up to the last that is not blank: a word's, a sign's, a blank's. */
function classesOf(history: History, line: number): string {
  let last = ' ';
  const classes = history.cells(line).map((cell) => {
    if (cell !== '') last = /[\p{L}\p{N}\p{M}_]/u.test(cell) ? 'w' : cell.trim() === '' ? ' ' : 's';
    return last;
  });
  return classes.join('').trimEnd();
}

const wordsOf = (history: History, line: number): readonly { readonly from: number; readonly to: number }[] =>
  [...classesOf(history, line).matchAll(/w+|s+/g)].map(({ index, 0: word }) => ({ from: index, to: index + word.length - 1 }));

/** The first spot that a line offers, going down or up from a cell. */
function seek(history: History, at: Spot, step: 1 | -1, offer: (line: number) => readonly number[]): Spot {
  for (let line = at.line; line >= history.first && line < history.end; line += step) {
    const all = offer(line);
    const x =
      line !== at.line ? all.at(step === 1 ? 0 : -1) : step === 1 ? all.find((one) => one > at.x) : all.findLast((one) => one < at.x);
    if (x !== undefined) return { line, x };
  }
  return step === 1 ? { line: history.end - 1, x: history.columns - 1 } : { line: history.first, x: 0 };
}

const isBlank = (history: History, line: number): boolean => history.text(line).trim() === '';

/** The next blank line after one that is not. */
function paragraph(history: History, from: number, step: 1 | -1): Spot {
  let line = from;
  const inside = (): boolean => line > history.first && line < history.end - 1;
  while (line + step >= history.first && line + step < history.end && isBlank(history, line)) line += step;
  while (inside() && !isBlank(history, line)) line += step;
  return { line: clamp(line, history.first, history.end - 1), x: 0 };
}

type Motion = (view: CopyView, history: History) => Spot;

const byLines =
  (lines: (view: CopyView) => number): Motion =>
  (view) => ({ line: view.at.line + lines(view), x: view.column });
const inLine =
  (x: (classes: string) => number): Motion =>
  ({ at }, history) => ({ line: at.line, x: x(classesOf(history, at.line)) });
const words =
  (step: 1 | -1, edge: 'from' | 'to'): Motion =>
  ({ at }, history) =>
    seek(history, at, step, (line) => wordsOf(history, line).map((word) => word[edge]));

/** Half a character can't be stood on. */
const before = (history: History, { line, x }: Spot): Spot => ({ line, x: history.cells(line)[x - 1] === '' ? x - 2 : x - 1 });
const after = (history: History, { line, x }: Spot): Spot => ({ line, x: history.cells(line)[x + 1] === '' ? x + 2 : x + 1 });

export const MOTIONS = {
  up: byLines(() => -1),
  down: byLines(() => 1),
  left: ({ at }, history) => before(history, at),
  right: ({ at }, history) => after(history, at),
  'page-up': byLines(({ rows }) => -rows),
  'page-down': byLines(({ rows }) => rows),
  'half-up': byLines(({ rows }) => -(rows >> 1)),
  'half-down': byLines(({ rows }) => rows >> 1),
  word: words(1, 'from'),
  'word-end': words(1, 'to'),
  'word-back': words(-1, 'from'),
  'line-start': inLine(() => 0),
  'line-text': inLine((classes) => Math.max(0, classes.search(/\S/))),
  'line-end': inLine((classes) => Math.max(0, classes.length - 1)),
  top: ({ top, column }) => ({ line: top, x: column }),
  middle: ({ top, rows, column }) => ({ line: top + (rows >> 1), x: column }),
  bottom: ({ top, rows, column }) => ({ line: top + rows - 1, x: column }),
  first: ({ column }, history) => ({ line: history.first, x: column }),
  last: ({ column }, history) => ({ line: history.end - 1, x: column }),
  'paragraph-back': ({ at }, history) => paragraph(history, at.line, -1),
  paragraph: ({ at }, history) => paragraph(history, at.line, 1),
} as const satisfies Readonly<Record<string, Motion>>;
export type MotionName = keyof typeof MOTIONS;
const KEEPS_COLUMN: ReadonlySet<MotionName> = new Set<MotionName>(
  'up down page-up page-down half-up half-down top middle bottom first last'.split(' ') as MotionName[],
);

function movedOnce(view: CopyView, history: History, motion: MotionName): CopyView {
  const next = settled({ ...view, at: MOTIONS[motion](view, history) }, history);
  return KEEPS_COLUMN.has(motion) ? next : { ...next, column: next.at.x };
}

/** As often as was typed before; to the first or last line with a number, to the line of that number. */
export function moved(view: CopyView, history: History, motion: MotionName): CopyView {
  const uncounted = { ...view, count: 0 };
  if (view.count > 0 && (motion === 'first' || motion === 'last'))
    return settled({ ...uncounted, at: { line: history.first + view.count - 1, x: view.column } }, history);
  let next = movedOnce(uncounted, history, motion);
  for (let left = view.count - 1; left > 0; left--) {
    const more = movedOnce(next, history, motion);
    if (more.at.line === next.at.line && more.at.x === next.at.x) break;
    next = more;
  }
  return next;
}

const MOST_TIMES = 9999;
export const counted = (view: CopyView, digit: number): CopyView => ({ ...view, count: Math.min(MOST_TIMES, view.count * 10 + digit) });

/** Begins a selection of this kind at the cursor, changes the kind of the one there is, or ends it where it is of this kind. */
export function selecting(view: CopyView, kind: SelectionKind): CopyView {
  const next = { ...view, count: 0, kind };
  if (view.anchor === null) return { ...next, anchor: view.at };
  return view.kind === kind ? { ...next, anchor: null } : next;
}

/** The cursor goes to the other end of the selection. */
export function swapped(view: CopyView, history: History): CopyView {
  return view.anchor === null ? view : settled({ ...view, at: view.anchor, anchor: view.at, column: view.anchor.x }, history);
}

/** The cursor on the next match; where there is none, `found` says 0 of 0. */
export function sought(view: CopyView, history: History, text: string, down: boolean, here = false): CopyView {
  const found = text === '' ? null : findFrom(history, text, view.at, down, here);
  if (found === null) return { ...view, sought: text, found: text === '' ? null : { number: 0, count: 0 } };
  const { number, count, from } = found;
  return settled({ ...view, sought: text, found: { number, count }, at: from, column: from.x }, history);
}

/** Cells from, to (one past) of a line that are selected; null: none. */
export function selectedIn({ anchor, at, kind }: CopyView, line: number, columns: number): readonly [from: number, to: number] | null {
  if (anchor === null) return null;
  const [a, b] = inOrder(anchor, at) ? [anchor, at] : [at, anchor];
  if (line < a.line || line > b.line) return null;
  if (kind === 'lines') return [0, columns];
  if (kind === 'block') return [Math.min(a.x, b.x), Math.max(a.x, b.x) + 1];
  return [line === a.line ? a.x : 0, line === b.line ? b.x + 1 : columns];
}

/** What is selected, as text: lines that only the terminal had broken are whole again, blanks at ends of lines are gone. */
export function selectedText(view: CopyView, history: History): string {
  const { anchor, at, kind } = view;
  if (anchor === null) return '';
  const [first, last] = [Math.min(anchor.line, at.line), Math.max(anchor.line, at.line)];
  let out = '';
  for (let line = first; line <= last; line++) {
    const [from, to] = selectedIn(view, line, history.columns) ?? [0, 0];
    const cells = history.cells(line);
    const text = cells.slice(from, cells[to] === '' ? to + 1 : to).join('');
    const joins = kind !== 'block' && history.goesOn(line) && to >= history.columns;
    const ends = kind === 'lines' || line < last;
    out += joins && line < last ? text : text.trimEnd() + (ends ? '\n' : '');
  }
  return out;
}
