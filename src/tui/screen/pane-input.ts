// What is typed while a pane has the keyboard: the bytes as they are, but for what the outer terminal and the program inside must not
// take differently. Pure; works on latin1 text, and what may be the head of something longer stays with the caller.

import type { TargetModes } from './input-target.ts';
import { encodeReport, readReport } from './mouse.ts';
import type { Rect } from './surface-source.ts';
import { PASTE_BEGIN, PASTE_END } from './tokenizer.ts';

/** Ctrl-]. */
const LEAVE_BYTE = '\x1d';

const SPECIAL = /\x1b\[<\d{1,4};\d{1,5};\d{1,5}[Mm]|\x1b\[20[01]~|\x1b\[[ABCDHFIO]|\x1d/g;
/** The head of one of the above, or of a receipt, at the end of what has arrived. */
const HEAD = /\x1b(?:\[(?:<[\d;]{0,16}|20?[01]?|0)?)?$/;

export interface PaneContext {
  readonly modes: TargetModes;
  readonly rect: Rect | null;
  readonly pasting: boolean;
}

export interface PaneInput {
  /** Bytes for the program, latin1. */
  readonly bytes: string;
  /** Mouse reports that are not the program's. */
  readonly reports: readonly string[];
  readonly pasting: boolean;
  /** The leave chord was typed; `rest` then holds what came after it. */
  readonly leave: boolean;
  /** Not looked at: an unfinished sequence, or what follows the leave chord. */
  readonly rest: string;
}

/** Translates as much as possible; `final` = nothing more came in time, an unfinished sequence goes through as it is. */
export function translate(input: string, context: PaneContext, final: boolean): PaneInput {
  const { modes, rect } = context;
  const head = final ? null : HEAD.exec(input);
  const text = head === null ? input : input.slice(0, head.index);
  const reports: string[] = [];
  let { pasting } = context;
  let bytes = '';
  let at = 0;
  for (const found of text.matchAll(SPECIAL)) {
    const [sequence] = found;
    bytes += text.slice(at, found.index);
    at = found.index + sequence.length;
    if (sequence === PASTE_BEGIN || sequence === PASTE_END) {
      pasting = sequence === PASTE_BEGIN;
      if (modes.bracketedPaste) bytes += sequence;
    } else if (pasting) bytes += sequence;
    else if (sequence === LEAVE_BYTE) return { bytes, reports, pasting, leave: true, rest: input.slice(at) };
    else if (sequence.startsWith('\x1b[<')) {
      const inside = forProgram(sequence, rect, modes);
      if (inside === null) reports.push(sequence);
      else bytes += inside;
    } else bytes += plainSequence(sequence, modes);
  }
  return { bytes: bytes + text.slice(at), reports, pasting, leave: false, rest: head === null ? '' : head[0] };
}

/** ncurses programs that switched their cursor keys to application mode do not know the other form. */
function plainSequence(sequence: string, modes: TargetModes): string {
  const letter = sequence.at(-1)!;
  if (letter === 'I' || letter === 'O') return modes.focusReports ? sequence : '';
  return modes.applicationCursorKeys ? `\x1bO${letter}` : sequence;
}

/** Null: outside of the pane, or the program does not want the mouse. */
function forProgram(sequence: string, rect: Rect | null, modes: TargetModes): string | null {
  const report = readReport(sequence);
  if (report === null || rect === null || modes.mouse === 'none') return null;
  const column = report.column - rect.x;
  const row = report.row - rect.y;
  if (column < 1 || row < 1 || column > rect.width || row > rect.height) return null;
  return encodeReport(report, column, row, modes);
}
