// What floats: a border, a few ready lines, blanks to its edges. Placed in the middle of the screen.
import { Box, Text } from 'ink';
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

/** Columns beside a dialog that say nothing any more: they are blank. */
const SLIVER = 10;

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
  const side = Math.max(0, Math.floor((size.columns - inner - FRAME.columns) / 2));
  const blank = side <= SLIVER ? side : 0;
  return (
    <Floating
      position="absolute"
      left={side - blank}
      top={Math.max(0, Math.floor((size.rows - height - FRAME.rows) / 2))}
      width={blank === 0 ? inner + FRAME.columns : size.columns}
      height={height + FRAME.rows}
    >
      <Blank columns={blank} rows={height + FRAME.rows} />
      <Box
        width={inner + FRAME.columns}
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
      </Box>
      <Blank columns={blank === 0 ? 0 : size.columns - blank - inner - FRAME.columns} rows={height + FRAME.rows} />
    </Floating>
  );
}

function Blank({ columns, rows }: { readonly columns: number; readonly rows: number }): ReactNode {
  return columns <= 0 ? null : <Text>{Array(rows).fill(' '.repeat(columns)).join('\n')}</Text>;
}
