// Motions of copy mode to a character of the line, as f, t and their kin do it in vi. Pure.
import { type CharMotion, type CopyView, settled } from './copy-view.ts';
import type { History } from './history.ts';

/** Waits for the character. */
export const awaiting = (view: CopyView, down: boolean, till: boolean): CopyView => ({ ...view, awaits: { down, till } });

/** The character has come; "" gives up. */
export function charTyped(view: CopyView, history: History, char: string): CopyView {
  const { awaits } = view;
  if (awaits === null) return view;
  if (char === '') return { ...view, awaits: null, count: 0 };
  return toChar({ ...view, awaits: null, charMotion: { ...awaits, char } }, history, { ...awaits, char }, false);
}

/** The last of them once more, in its own direction or in the other. */
export function charAgain(view: CopyView, history: History, same: boolean): CopyView {
  const { charMotion } = view;
  return charMotion === null ? view : toChar(view, history, { ...charMotion, down: charMotion.down === same }, true);
}

/** Stays where it is when the line has not so many. `again`: one that it stands just before is behind it already. */
function toChar(view: CopyView, history: History, { char, down, till }: CharMotion, again: boolean): CopyView {
  const { at, count } = view;
  const cells = history.cells(at.line);
  const step = down ? 1 : -1;
  const from = at.x + (till && again ? step * (down && cells[at.x + 1] === '' ? 2 : 1) : 0);
  const places = cells.flatMap((cell, x) => (cell === char && (down ? x > from : x < from) ? x : []));
  const x = (down ? places : places.toReversed())[Math.max(1, count) - 1];
  if (x === undefined) return { ...view, count: 0 };
  const beside = down ? (cells[x - 1] === '' ? x - 2 : x - 1) : cells[x + 1] === '' ? x + 2 : x + 1;
  const next = settled({ ...view, count: 0, at: { line: at.line, x: till ? beside : x } }, history);
  return { ...next, column: next.at.x };
}
