// The create form on the screen, drawn by Ink: a line per field, the plan in its place when it has been asked for.
import { Box, Text } from 'ink';
import { memo, type ReactNode } from 'react';
import { useManagerState, useTheme } from '../app/manager.ts';
import { layoutOf } from '../store/layout.ts';
import { formLines, planLines } from './create-lines.ts';

const Line = memo(({ text }: { readonly text: string }): ReactNode => <Text wrap="truncate">{text === '' ? ' ' : text}</Text>);

export function Create(): ReactNode {
  const theme = useTheme();
  const state = useManagerState((whole) => whole);
  if (state.form === null) return null;
  const { columns } = state.size;
  const height = layoutOf(state).body;
  const lines = state.plan === null ? formLines(state.form, columns, height, theme) : planLines(state, columns, height, theme);
  return (
    <Box flexDirection="column" flexGrow={1}>
      {lines.map((text, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
        <Line key={i} text={text} />
      ))}
    </Box>
  );
}
