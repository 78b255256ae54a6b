// The panes: the chosen one, and beside it where there is room another. Each is a surface inside a frame that says how to leave.
import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { useManager, useManagerState, useTheme } from '../app/manager.ts';
import { containerOf } from '../keys/subject.ts';
import { Surface } from '../screen/surface.tsx';
import type { Theme } from '../screen/theme.ts';
import type { ManagerState, PaneInfo } from '../store/state.ts';
import { frameLine } from './pane-frame.ts';

/** Two panes side by side need room for lines of some length. */
const TWO = 120;

/** The pane under the cursor and its neighbour, in the order in which they were opened. */
export function shownPanes(state: Pick<ManagerState, 'panes' | 'paneCursor' | 'zoomed' | 'size'>): readonly PaneInfo[] {
  const { panes, paneCursor, zoomed, size } = state;
  const at = Math.max(
    0,
    panes.findIndex((pane) => pane.id === paneCursor),
  );
  if (zoomed || size.columns < TWO || panes.length < 2) return panes.slice(at, at + 1);
  const from = Math.min(at, panes.length - 2);
  return panes.slice(from, from + 2);
}

const BLANK = { topLeft: ' ', top: ' ', topRight: ' ', left: ' ', bottomLeft: ' ', bottom: ' ', bottomRight: ' ', right: ' ' };

function Frame({ pane, cells }: { readonly pane: PaneInfo; readonly cells: number }): ReactNode {
  const theme: Theme = useTheme();
  const live = useManager().panes.find(pane.id);
  const chosen = useManagerState((state) => state.paneCursor === pane.id);
  const typing = useManagerState((state) => state.typing && state.paneCursor === pane.id);
  const zoomed = useManagerState((state) => state.zoomed);
  const name = useManagerState((state) => containerOf(state, pane.ct)?.name ?? '');
  if (live === null) return null;
  const color = typing ? theme.ink.accent : undefined;
  return (
    <Box flexDirection="column" width={cells}>
      <Text wrap="truncate">{frameLine(pane, name, cells, { typing, chosen, zoomed }, theme)}</Text>
      <Box
        flexGrow={1}
        borderTop={false}
        {...(zoomed ? {} : { borderStyle: typing ? theme.glyphs.borderFocused : BLANK })}
        {...(color === undefined ? {} : { borderColor: color })}
      >
        <Surface source={live.source} hasCursor={typing} />
      </Box>
    </Box>
  );
}

export function Panes(): ReactNode {
  const panes = useManagerState((state) => state.panes);
  const paneCursor = useManagerState((state) => state.paneCursor);
  const zoomed = useManagerState((state) => state.zoomed);
  const size = useManagerState((state) => state.size);
  const shown = shownPanes({ panes, paneCursor, zoomed, size });
  const cells = Math.floor(size.columns / Math.max(1, shown.length));
  return (
    <Box flexGrow={1}>
      {shown.map((pane) => (
        <Frame key={pane.id} pane={pane} cells={cells} />
      ))}
    </Box>
  );
}
