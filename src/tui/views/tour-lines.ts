// The tour in the foot: which step, what to press, what to look at.
import { keyOf } from '../keys/legend.ts';
import { actionOf } from '../keys/table.ts';
import { cut, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import type { ManagerState } from '../store/state.ts';
import { pressNow, TOUR } from '../store/tour-steps.ts';

const PLACE = /\{([a-z-]+)\}/;

/** A sentence with the keys as the person has them, painted; cut as a whole. */
function withKeys(state: ManagerState, text: string, cells: number, theme: Theme): string {
  const named = (action: string): string => {
    const row = actionOf(state, action);
    return row === null ? action : keyOf(state, action, theme.glyphs, row.when[0] ?? 'table');
  };
  const parts = text.split(PLACE).map((part, i) => (i % 2 === 1 ? { text: named(part), key: true } : { text: part, key: false }));
  let room = cells;
  return parts
    .map(({ text: part, key }) => {
      const shown = cut(part, room, theme.glyphs.ellipsis);
      room = Math.max(0, room - width(part));
      return key ? theme.paint('key', shown) : shown;
    })
    .join('');
}

/** As many lines as the layout has for it: all three, or only what to press. */
export function tourLines(state: ManagerState, lines: number, cells: number, theme: Theme): readonly string[] {
  const step = state.tour === null ? undefined : TOUR[state.tour.step];
  if (step === undefined || lines === 0) return [];
  const press = ` ${withKeys(state, pressNow(state, step), cells - 2, theme)}`;
  if (lines < 3) return [press];
  const { rule } = theme.glyphs;
  const left = ` Tour, ${(state.tour?.step ?? 0) + 1} of ${TOUR.length} `;
  const right = ` ${keyOf(state, 'tour', theme.glyphs, 'table')} ends it `;
  const line = (length: number): string => theme.paint('border', rule.repeat(Math.max(0, length)));
  return [
    line(1) + theme.paint('accent', left) + line(cells - width(left) - width(right) - 2) + theme.paint('dim', right) + line(1),
    press,
    ` ${theme.paint('dim', withKeys(state, step.look, cells - 2, { ...theme, paint: (_, text) => text }))}`,
  ];
}
