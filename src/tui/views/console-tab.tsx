// The console in its tab: its emulator's surface inside the frame that console-lines.ts draws.
import { Box } from 'ink';
import type { ReactNode } from 'react';
import { useShallow } from 'zustand/shallow';
import { useManager, useManagerState } from '../app/manager.ts';
import { Surface } from '../screen/surface.tsx';
import { consoleInside } from './console-lines.ts';

export function ConsoleTab(): ReactNode {
  const { watched } = useManager().panes;
  const area = useManagerState(useShallow(consoleInside));
  const hasCursor = useManagerState(({ typing }) => typing);
  // Another console is another pane.
  const id = useManagerState((state) => state.watched?.pane?.id ?? null);
  if (watched.pane === null || area === null || id === null) return null;
  return (
    <Box key={id} position="absolute" left={area.x} top={area.y} width={area.width} height={area.height}>
      <Surface source={watched.pane.source} hasCursor={hasCursor} />
    </Box>
  );
}
