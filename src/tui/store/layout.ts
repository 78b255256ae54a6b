// How many lines and columns each part of the screen gets at a size. Pure; one place, so that scrolling and drawing never disagree.
import type { ManagerState } from './state.ts';
import { openFailure } from './task-state.ts';

/** Below this everything but the list and its keys gives way. */
const LOW = 14;
/** Below this only the list is left, and one line that says what happens. */
const TINY = 6;
/** From here on the container under the cursor is shown beside the table. */
const WIDE = 150;
const ASIDE = 64;

export interface Layout {
  /** Lines of header and the gap below it; 0 where the list needs them. */
  readonly head: number;
  readonly rule: boolean;
  /** Lines of the failure that waits to be dismissed. */
  readonly failure: 0 | 1 | 2;
  /** Lines of the tour: all of it, only what to press, or nothing. */
  readonly tour: 0 | 1 | 3;
  /** Lines of tour, rule, failure, event and keys together; with one, keys give way to an event. */
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
  const tiny = rows < TINY;
  const head = tiny ? 0 : low ? 1 : 2;
  const failure = tiny ? 0 : failureLines(state, low);
  const tour = state.tour === null || tiny ? 0 : low ? 1 : 3;
  const foot = tiny ? Math.min(1, rows - 1) : (low ? 2 : 3) + failure + tour;
  const aside = columns >= WIDE ? ASIDE : 0;
  return {
    head,
    rule: !low,
    failure,
    tour,
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
  if (failed === null || (view?.name === 'trouble' && view.task === failed.id) || isTold(state, failed.id)) return 0;
  return low || failed.failure?.remedy === '' ? 1 : 2;
}

/** The list of what was made is on the screen, and says of each why. */
function isTold({ views, made }: ManagerState, task: number): boolean {
  const view = views[views.length - 1];
  return (
    view?.name === 'made' && view.task === task && made.some((list) => list.task === task && list.rows.some(({ end }) => end === 'failed'))
  );
}

/** Rows of containers below the line of titles. */
export const tableHeight = (state: ManagerState): number => rowsIn(layoutOf(state).body);

/** A title is worth less than a second row. */
export const rowsIn = (height: number): number => (height < 3 ? height : height - 1);
