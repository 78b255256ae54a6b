// What has happened to a container, the newest first: who did what, and what nobody did.
import type { CtSample } from '../../engine/index.ts';
import { cut, pad } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { READABLE, wrap } from '../screen/wrap.ts';
import { type EventRow, eventRows } from '../store/events.ts';
import { viewLayout } from '../store/list-rows.ts';
import { listingOf, placed } from '../store/listing.ts';
import type { ManagerState } from '../store/state.ts';
import { noticeLine } from './foot-lines.ts';

const DAY = 86_400_000;

/** A day that is not today's is told before the time. */
function dayOf(at: number, now: number): string {
  const same = new Date(at).toDateString() === new Date(now).toDateString();
  if (same && now - at < DAY) return '';
  const date = new Date(at);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')} `;
}

function eventLine(row: EventRow, cells: number, now: number, theme: Theme): string {
  const day = dayOf(row.at, now);
  return theme.paint('dim', day) + noticeLine({ ...row, ct: null }, cells - day.length, theme).slice(1);
}

export function eventLines(state: ManagerState, _row: CtSample, cells: number, height: number, theme: Theme): readonly string[] {
  const rows = eventRows(state);
  if (rows.length === 0) {
    const why =
      listingOf(state).find.text === '' ? 'Nothing has happened to it that is written down' : 'Nothing has all these words; Esc shows all';
    return [theme.paint('dim', `   ${why}`)];
  }
  const about = Math.min(viewLayout(state).about, height - 1);
  const room = height - about;
  const { index, top } = placed(
    listingOf(state),
    rows.map(({ key }) => key),
    room,
  );
  const shown = rows.slice(top, top + room).map((row, i) => {
    const text = eventLine(row, Math.min(READABLE, cells) - 1, state.now, theme);
    if (top + i !== index) return ` ${text}`;
    return theme.under('selection', pad(theme.paint('accent', theme.glyphs.selected) + text, cells));
  });
  const gap = Array.from({ length: about === 0 ? 0 : room - shown.length }, () => '');
  return [...shown, ...gap, ...wholeLines(rows[index], about, cells, theme)];
}

/** The row under the cursor without what its line cuts off. */
function wholeLines(row: EventRow | undefined, lines: number, cells: number, theme: Theme): readonly string[] {
  if (row === undefined || lines < 2) return [];
  const command = row.command === '' ? [] : [theme.paint('dim', cut(row.command, cells - 2, theme.glyphs.ellipsis))];
  const text = wrap(row.text, Math.min(READABLE, cells - 2)).slice(0, lines - 1 - command.length);
  return ['', ...text, ...command].map((line) => (line === '' ? '' : ` ${line}`));
}
