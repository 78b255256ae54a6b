// How many lines and columns each part of the screen gets at a size. Pure; one place, so that scrolling and drawing never disagree.
import type { ManagerState } from './state.ts';
import { openFailure } from './task-state.ts';

/** Below this everything but the list and its keys gives way. */
const LOW = 14;
/** From here on the container under the cursor is shown beside the table. */
const WIDE = 150;
const ASIDE = 64;

export interface Layout {
  /** Too small to show anything but that. */
  readonly tooSmall: boolean;
  /** Lines of header and the gap below it. */
  readonly head: number;
  readonly rule: boolean;
  /** Lines of the failure that waits to be dismissed. */
  readonly failure: 0 | 1 | 2;
  /** Lines of rule, failure, event and keys together. */
  readonly foot: number;
  /** Lines between head and foot. */
  readonly body: number;
  /** Columns of the table, and of the container beside it; 0 where there is no room. */
  readonly table: number;
  readonly aside: number;
}

export function layoutOf(state: ManagerState): Layout {
  const { columns, rows } = state.size;
  const low = rows < LOW;
  const head = low ? 1 : 2;
  const failure = failureLines(state, low);
  const foot = (low ? 2 : 3) + failure;
  const aside = columns >= WIDE ? ASIDE : 0;
  return {
    tooSmall: columns < 40 || rows < 8,
    head,
    rule: !low,
    failure,
    foot,
    body: Math.max(1, rows - head - foot),
    table: columns - aside,
    aside,
  };
}

/** Its own screen says all about it, and a failure without a remedy needs one line. */
function failureLines(state: ManagerState, low: boolean): 0 | 1 | 2 {
  const failed = openFailure(state);
  const view = state.views[state.views.length - 1];
  if (failed === null || (view?.name === 'trouble' && view.task === failed.id)) return 0;
  return low || failed.failure?.remedy === '' ? 1 : 2;
}

/** Rows of containers below the line of titles. */
export const tableHeight = (state: ManagerState): number => Math.max(1, layoutOf(state).body - 1);
