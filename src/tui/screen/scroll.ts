// Finds rows that only moved up or down, so that the terminal can move them itself.

import { blankCells, type Cells } from './cells.ts';

/** A shorter run is as cheap to paint. */
const WORTH_IT = 4;
const MAX_SHIFT = 12;

interface Shift {
  /** Rows of the scroll region, inclusive. */
  readonly top: number;
  readonly bottom: number;
  /** Rows that the region's content moves up; negative = down. */
  readonly by: number;
}

/**
 * Lets the terminal scroll where that saves repainting: returns the output and changes `shown` to what the terminal shows then.
 * Only moves what pays off; the rows are still to be compared afterwards.
 */
export function scrollRows(shown: Cells[], wanted: readonly Cells[]): string {
  const differing = wanted.filter((row, y) => row !== shown[y]).length;
  if (differing < WORTH_IT) return '';
  const shift = bestShift(shown.map(signature), wanted.map(signature));
  if (shift === null) return '';
  const { top, bottom, by } = shift;
  const width = wanted[0]!.text.length;
  const fresh = Array.from({ length: Math.abs(by) }, () => blankCells(width));
  const region = shown.slice(top, bottom + 1);
  const moved = by > 0 ? [...region.slice(by), ...fresh] : [...fresh, ...region.slice(0, by)];
  shown.splice(top, moved.length, ...moved);
  return `\x1b[${top + 1};${bottom + 1}r\x1b[${Math.abs(by)}${by > 0 ? 'S' : 'T'}\x1b[r`;
}

const signatures = new WeakMap<Cells, string>();

function signature(row: Cells): string {
  let made = signatures.get(row);
  if (made === undefined) {
    made = `${row.text.join('')}\n${row.style.join('|')}`;
    signatures.set(row, made);
  }
  return made;
}

/** The longest run of rows that are found again `by` rows away and are not in place already. */
function bestShift(old: readonly string[], now: readonly string[]): Shift | null {
  let best: Shift | null = null;
  let bestGain = WORTH_IT - 1;
  for (let distance = 1; distance <= MAX_SHIFT; distance++) {
    for (const by of [distance, -distance]) {
      let from = -1;
      let gain = 0;
      for (let y = 0; y <= now.length; y++) {
        if (y < now.length && now[y] === old[y + by]) {
          if (from < 0) from = y;
          if (now[y] !== old[y]) gain++;
          if (gain > bestGain) {
            bestGain = gain;
            best = { top: Math.min(from, from + by), bottom: Math.max(y, y + by), by };
          }
        } else {
          from = -1;
          gain = 0;
        }
      }
    }
  }
  return best;
}
