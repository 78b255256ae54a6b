// Search in the history of a pane: plain text, in lines as they were before the terminal broke them. Small letters mean both cases. Pure.

import { type History, inOrder, type Spot, wholeLine } from './history.ts';

/** From the first to the last cell. */
export interface Match {
  readonly from: Spot;
  readonly to: Spot;
}

/** Letters that have no twin of the same length keep their case. */
function small(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}

const ignoresCase = (sought: string): boolean => sought === small(sought);

/** All matches in the whole line that begins at `first`. */
function matchesOf(history: History, first: number, last: number, sought: string): readonly Match[] {
  const plain = ignoresCase(sought) ? small : (text: string) => text;
  let quick = '';
  for (let line = first; line <= last; line++) quick += history.text(line);
  if (!plain(quick).includes(sought)) return [];
  const spots: Spot[] = [];
  let text = '';
  for (let line = first; line <= last; line++)
    for (const [x, cell] of history.cells(line).entries()) {
      for (let i = 0; i < cell.length; i++) spots.push({ line, x });
      text += plain(cell);
    }
  const matches: Match[] = [];
  for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + sought.length))
    matches.push({ from: spots[at]!, to: spots[at + sought.length - 1]! });
  return matches;
}

/** The matches that touch these lines. */
export function matchesAmong(history: History, from: number, to: number, sought: string): readonly Match[] {
  if (sought === '') return [];
  const found: Match[] = [];
  for (let line = Math.max(from, history.first); line < Math.min(to, history.end); ) {
    const [first, last] = wholeLine(history, line);
    found.push(...matchesOf(history, first, last, sought));
    line = last + 1;
  }
  return found;
}

export interface Found extends Match {
  /** Its number from the top, one-based, and how many there are. */
  readonly number: number;
  readonly count: number;
}

/** The next match from a cell (or the one on it, with `here`), past the end from the other end on; null where there is none. */
export function findFrom(history: History, sought: string, at: Spot, down: boolean, here = false): Found | null {
  const all = matchesAmong(history, history.first, history.end, sought);
  const passes = ({ from }: Match): boolean =>
    (down ? !inOrder(from, at) : !inOrder(at, from)) || (here && at.line === from.line && at.x === from.x);
  const near = down ? all.findIndex(passes) : all.findLastIndex(passes);
  const index = near >= 0 ? near : down ? 0 : all.length - 1;
  const match = all[index];
  return match === undefined ? null : { ...match, number: index + 1, count: all.length };
}
