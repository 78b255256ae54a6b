// Mouse reports in the SGR form that we ask the terminal for, and re-encoded for the program in a pane. Source: xterm's ctlseqs.

import type { MouseEvent } from './input-event.ts';
import type { TargetModes } from './input-target.ts';

const MOUSE_REPORT = /^\x1b\[<(\d{1,4});(\d{1,5});(\d{1,5})([Mm])$/;

const RELEASE = 'm';
const MOTION = 32;
const WHEEL = 64;
const BUTTONS = ['left', 'middle', 'right', 'none'] as const;

interface Report {
  readonly code: number;
  /** One-based. */
  readonly column: number;
  readonly row: number;
  readonly released: boolean;
}

export function readReport(sequence: string): Report | null {
  const found = MOUSE_REPORT.exec(sequence);
  if (found === null) return null;
  return { code: Number(found[1]), column: Number(found[2]), row: Number(found[3]), released: found[4] === RELEASE };
}

/** A report as an event for views; null when it is none or of a button that has no name. */
export function parseMouse(sequence: string): MouseEvent | null {
  const report = readReport(sequence);
  if (report === null || report.code >= 128) return null;
  const { code, released } = report;
  const wheel = (code & WHEEL) !== 0;
  if (wheel && (code & 3) > 1) return null;
  const button = wheel ? 'none' : BUTTONS[code & 3]!;
  const moving = (code & MOTION) !== 0;
  const action = wheel
    ? code & 1
      ? 'wheel-down'
      : 'wheel-up'
    : moving
      ? button === 'none'
        ? 'move'
        : 'drag'
      : released
        ? 'release'
        : 'press';
  return {
    type: 'mouse',
    action,
    button,
    x: report.column - 1,
    y: report.row - 1,
  };
}

/** The private mode that makes the terminal report what the program wants to know; 0 = none. */
export const TRACKING_MODE: Readonly<Record<TargetModes['mouse'], number>> = { none: 0, x10: 1000, vt200: 1000, drag: 1002, any: 1003 };

/** The report as the program in a pane asked for it, `column` and `row` (one-based) being the pane's; "" where it did not ask for this kind. */
export function encodeReport(report: Report, column: number, row: number, modes: TargetModes): string {
  const { code, released } = report;
  const moving = (code & MOTION) !== 0;
  const held = (code & 3) !== 3;
  const wanted: Readonly<Record<TargetModes['mouse'], boolean>> = {
    none: false,
    x10: !moving && !released && code < WHEEL,
    vt200: !moving,
    drag: !moving || held,
    any: true,
  };
  if (!wanted[modes.mouse]) return '';
  if (modes.mouseEncoding === 'sgr') return `\x1b[<${code};${column};${row}${released ? RELEASE : 'M'}`;
  // The old form has one byte for each coordinate and does not say which button was released.
  if (column > 223 || row > 223) return '';
  return `\x1b[M${String.fromCharCode(32 + (released ? code | 3 : code), 32 + column, 32 + row)}`;
}
