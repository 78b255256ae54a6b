// All lines that an emulator keeps, as copy mode and search see them: cells by line numbers that stay the same while older lines go. Types,
// and what follows from them alone.

export interface History {
  /** Number of the oldest line. */
  readonly first: number;
  /** One past the newest. */
  readonly end: number;
  readonly columns: number;
  /** One text for each cell: "" for the second half of a wide character, " " for a blank one. */
  cells(line: number): readonly string[];
  /** The text of a line, faster than its cells. */
  text(line: number): string;
  /** The line goes on in the one after it: it was too long for the terminal. */
  goesOn(line: number): boolean;
}

/** A cell. */
export interface Spot {
  readonly line: number;
  readonly x: number;
}

export const inOrder = (a: Spot, b: Spot): boolean => a.line < b.line || (a.line === b.line && a.x <= b.x);

/** First and last line of the whole that a line is part of. */
export function wholeLine(history: History, line: number): readonly [first: number, last: number] {
  let first = line;
  let last = line;
  while (first > history.first && history.goesOn(first - 1)) first--;
  while (last < history.end - 1 && history.goesOn(last)) last++;
  return [first, last];
}
