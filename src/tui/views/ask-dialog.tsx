// What a command of one's own asks for before it runs: one line.
import type { ReactNode } from 'react';
import { useManagerState, useTheme } from '../app/manager.ts';
import type { LineInput } from '../forms/line-input.ts';
import { actionOf } from '../keys/table.ts';
import { wrap } from '../screen/wrap.ts';
import { Dialog, useDialogWidth } from './dialog.tsx';
import { inputLine } from './input-line.ts';

const CELLS = 60;

export function AskDialog({
  action,
  input,
  trouble,
}: {
  readonly action: string;
  readonly input: LineInput;
  readonly trouble: string;
}): ReactNode {
  const theme = useTheme();
  const cells = useDialogWidth(CELLS);
  const row = useManagerState((state) => actionOf(state, action));
  const key = (text: string): string => theme.paint('key', text);
  return (
    <Dialog
      cells={cells}
      lines={[
        theme.paint('title', row?.label ?? ''),
        '',
        ...wrap(row?.own?.ask ?? '', cells),
        inputLine(input, Math.max(4, cells), theme, true),
        theme.paint('alarm', trouble),
        `${key(theme.glyphs.enter)} go on    ${key('Esc')} leave it`,
      ]}
    />
  );
}
