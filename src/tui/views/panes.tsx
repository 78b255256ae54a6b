// The panes: frames drawn as one surface, and in each the pane's own.
import { Box } from 'ink';
import { type ReactNode, useMemo } from 'react';
import { useShallow } from 'zustand/shallow';
import { lineSource } from '../app/line-source.ts';
import { useManager, useManagerState } from '../app/manager.ts';
import { Surface } from '../screen/surface.tsx';
import { insideOf, paneArea, shownPlaces } from '../store/pane-places.ts';
import type { Area } from '../store/pane-tree.ts';
import type { ManagerState } from '../store/state.ts';
import { paneFrames } from './pane-lines.ts';

/** The cells of a pane's own, from the upper left corner of the body. */
function insideFrame(state: ManagerState, id: number): Area | null {
  const area = shownPlaces(state).find((place) => place.pane === id)?.area;
  if (area === undefined) return null;
  const inside = insideOf(area, state.zoomed);
  return { ...inside, y: inside.y - paneArea(state).y };
}

const hasKeys = ({ typing, panes, paneCursor }: ManagerState, id: number): boolean =>
  paneCursor === id && (typing || panes.some((pane) => pane.id === id && pane.copy !== null));

function Inside({ id }: { readonly id: number }): ReactNode {
  const live = useManager().panes.find(id);
  const area = useManagerState(useShallow((state) => insideFrame(state, id)));
  const hasCursor = useManagerState((state) => hasKeys(state, id));
  if (live === null || area === null) return null;
  return (
    <Box position="absolute" left={area.x} top={area.y} width={area.width} height={area.height}>
      <Surface source={live.source} hasCursor={hasCursor} />
    </Box>
  );
}

export function Panes(): ReactNode {
  const { store, theme } = useManager();
  const frames = useMemo(() => lineSource(store, theme, paneFrames), [store, theme]);
  const shown = useManagerState(useShallow((state) => shownPlaces(state).map(({ pane }) => pane)));
  return (
    <Box flexGrow={1}>
      <Surface source={frames} />
      {shown.map((id) => (
        <Inside key={id} id={id} />
      ))}
    </Box>
  );
}
