// What floats: a border, a few ready lines, blanks to its edges. Placed in the middle of the screen.
import { Text } from 'ink';
import type { ReactNode } from 'react';
import { useManagerState, useTheme } from '../app/manager.ts';
import { Floating } from '../screen/surface.tsx';
import { pad } from '../screen/text.ts';

export interface DialogProps {
  /** Painted lines; what is wider than the dialog is cut away. The last one says how to go on and stays where the screen is too low for all. */
  readonly lines: readonly string[];
  /** Inner cells; the screen's width bounds it. */
  readonly cells: number;
}

/** Columns and rows that border and padding take. */
export const FRAME = { columns: 4, rows: 2 } as const;

/** Inner cells that a dialog may have: as many as it wants, as long as the screen has them. */
export function useDialogWidth(wanted: number): number {
  return useManagerState((state) => Math.max(1, Math.min(wanted, state.size.columns - FRAME.columns)));
}

export function Dialog({ lines, cells }: DialogProps): ReactNode {
  const theme = useTheme();
  const size = useManagerState((state) => state.size);
  const inner = useDialogWidth(cells);
  const height = Math.max(1, Math.min(lines.length, size.rows - FRAME.rows));
  const color = theme.ink.accent;
  return (
    <Floating
      position="absolute"
      left={Math.max(0, Math.floor((size.columns - inner - FRAME.columns) / 2))}
      top={Math.max(0, Math.floor((size.rows - height - FRAME.rows) / 2))}
      width={inner + FRAME.columns}
      height={height + FRAME.rows}
      flexDirection="column"
      borderStyle={theme.glyphs.border}
      {...(color === undefined ? {} : { borderColor: color })}
    >
      {[...lines.slice(0, height - 1), ...lines.slice(-1)].map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
        <Text key={i} wrap="truncate-end">
          {` ${pad(line, inner)} `}
        </Text>
      ))}
    </Floating>
  );
}
