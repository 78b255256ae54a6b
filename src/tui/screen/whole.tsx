// The root of everything that is drawn: as large as the screen, whatever is in it.

import { Box, useWindowSize } from 'ink';
import type { ReactNode } from 'react';

/** Ink's own root grows with its content; the screen does not. */
export function Whole({ children }: { readonly children: ReactNode }): ReactNode {
  const { columns, rows } = useWindowSize();
  return (
    <Box width={columns} height={rows} flexDirection="column" overflow="hidden">
      {children}
    </Box>
  );
}
