// What has happened to a container since the manager looks, the newest first.
import type { CtSample } from '../../engine/index.ts';
import { pad } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { eventRows } from '../store/events.ts';
import { listingOf, placed } from '../store/listing.ts';
import type { ManagerState } from '../store/state.ts';
import { noticeLine } from './foot-lines.ts';

export function eventLines(state: ManagerState, _row: CtSample, cells: number, height: number, theme: Theme): readonly string[] {
  const rows = eventRows(state);
  if (rows.length === 0)
    return [
      theme.paint(
        'dim',
        listingOf(state).find.text === ''
          ? '   Nothing has happened since the manager looks'
          : '   Nothing has all these words; Esc shows all',
      ),
    ];
  const { index, top } = placed(
    listingOf(state),
    rows.map(({ key }) => key),
    height,
  );
  return rows.slice(top, top + height).map(({ notice }, i) => {
    const text = noticeLine(notice, cells - 1, theme).slice(1);
    if (top + i !== index) return ` ${text}`;
    return theme.under('selection', pad(theme.paint('accent', theme.glyphs.selected) + text, cells));
  });
}
