// The palette: a line to type into, what fits it, each with its key, and what the chosen one does or why it can't be done now.
import type { ReactNode } from 'react';
import { useManagerState, useTheme } from '../app/manager.ts';
import type { LineInput } from '../forms/line-input.ts';
import { keyOf } from '../keys/legend.ts';
import { modeOf } from '../keys/mode.ts';
import { type Entry, entryRefusal, findEntries, stateFor } from '../keys/palette.ts';
import { actionOf } from '../keys/table.ts';
import { cut, pad, width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import type { ManagerState } from '../store/state.ts';
import { Dialog, FRAME, useDialogWidth } from './dialog.tsx';
import { inputLine } from './input-line.ts';
import { ends } from './words.ts';

const CELLS = 70;
/** Lines of input, blanks, explanation and keys. */
const OTHERS = 6;
const MOST = 14;
const KEY_CELLS = 7;
const SHORTEST_WHY = 16;
/** Whom a refusal is about stands before it already. */
const OF_CT = /^\d+: /;

/** Entries that fit on the screen. */
const paletteRoom = ({ size }: ManagerState): number => Math.max(1, Math.min(MOST, size.rows - FRAME.rows - OTHERS));

function entryLine(state: ManagerState, entry: Entry, chosen: boolean, cells: number, theme: Theme): string {
  const at = stateFor(state, entry);
  const key = entry.action === null ? '' : keyOf(at, entry.action, theme.glyphs, modeOf(at));
  const refusal = entryRefusal(state, entry);
  const possible = refusal === null;
  const kind = entry.kind === 'action' ? '' : entry.kind;
  const right = `${theme.paint('dim', kind)}  ${theme.paint(possible ? 'key' : 'dim', pad(key, KEY_CELLS))}`;
  const name = cut(entry.text, cells - width(right) - 3, theme.glyphs.ellipsis);
  const mark = chosen ? theme.paint('accent', theme.glyphs.selected) : ' ';
  const room = cells - width(right) - width(name) - 5;
  // That of the chosen one stands below in full.
  const why =
    possible || chosen || room < SHORTEST_WHY
      ? ''
      : theme.paint('dim', `  ${cut(refusal.replace(OF_CT, ''), room, theme.glyphs.ellipsis)}`);
  const line = ends(`${mark}${theme.paint(possible ? 'text' : 'dim', name)}${why}`, right, cells);
  return chosen ? theme.under('selection', pad(line, cells)) : line;
}

const NO_NAME = 'No such name; Enter asks whose pid, port, address or link it is';

function aboutLine(state: ManagerState, entry: Entry | undefined, cells: number, theme: Theme): string {
  if (entry === undefined) return theme.paint('dim', cut(NO_NAME, cells, theme.glyphs.ellipsis));
  const reason = entryRefusal(state, entry);
  if (reason !== null) return theme.paint('warn', cut(reason, cells, theme.glyphs.ellipsis));
  const help =
    entry.action === null ? (entry.ct === null ? 'All containers' : 'Goes to the container') : actionOf(state, entry.action)?.help;
  return theme.paint('dim', cut(help ?? '', cells, theme.glyphs.ellipsis));
}

/** Ready lines, `cells` wide. */
function paletteLines(state: ManagerState, input: LineInput, chosen: number, cells: number, theme: Theme): readonly string[] {
  const found = findEntries(state, input.text);
  const at = Math.min(chosen, found.length - 1);
  const room = paletteRoom(state);
  const top = Math.max(0, Math.min(at - Math.floor(room / 2), found.length - room));
  const shown = found.slice(top, top + room).map((entry, i) => entryLine(state, entry, top + i === at, cells, theme));
  const count = theme.paint('dim', found.length > room ? `${found.length} fit` : '');
  const key = (text: string): string => theme.paint('key', text);
  return [
    ends(`${key(':')} ${inputLine(input, Math.max(4, cells - width(count) - 4), theme, true)}`, count, cells),
    '',
    ...shown,
    ...Array.from({ length: Math.max(0, room - shown.length) }, () => ''),
    '',
    aboutLine(state, found[at], cells, theme),
    ends(`${key(theme.glyphs.enter)} do it   ${key('Esc')} leave it`, theme.paint('dim', 'verb and container: stop 102'), cells),
  ];
}

export function Palette({ input, chosen }: { readonly input: LineInput; readonly chosen: number }): ReactNode {
  const theme = useTheme();
  const state = useManagerState((whole) => whole);
  const cells = useDialogWidth(CELLS);
  return <Dialog cells={cells} lines={paletteLines(state, input, chosen, cells, theme)} />;
}
