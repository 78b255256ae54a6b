// What is done to one process: a signal out of a list, or another place in the queue for the CPU.
import type { ReactNode } from 'react';
import { useManagerState, useTheme } from '../app/manager.ts';
import type { LineInput } from '../forms/line-input.ts';
import { cut, pad } from '../screen/text.ts';
import { wrap } from '../screen/wrap.ts';
import { SIGNALS } from '../store/signals.ts';
import { Dialog, useDialogWidth } from './dialog.tsx';
import { inputLine } from './input-line.ts';

const CELLS = 64;
const NAME = 6;

export function SignalDialog(): ReactNode {
  const theme = useTheme();
  const aim = useManagerState((state) => state.aim);
  const rows = useManagerState((state) => state.size.rows);
  const cells = useDialogWidth(CELLS);
  if (aim === null) return null;
  const { process, signal } = aim;
  const room = Math.max(1, rows - 9);
  const top = Math.max(0, Math.min(signal - room + 1, SIGNALS.length - room));
  const choices = SIGNALS.slice(top, top + room).map(({ name, does }, i) => {
    const line = cut(`${pad(name, NAME)}${does.split(';')[0]}`, cells - 2, theme.glyphs.ellipsis);
    return top + i === signal
      ? theme.under('selection', pad(`${theme.paint('accent', theme.glyphs.selected)} ${line}`, cells))
      : `  ${theme.paint('key', line.slice(0, NAME))}${line.slice(NAME)}`;
  });
  const key = (text: string): string => theme.paint('key', text);
  return (
    <Dialog
      cells={cells}
      lines={[
        theme.paint('title', `A signal for process ${process.pid} of container ${process.ct}`),
        theme.paint('dim', cut(process.command, cells, theme.glyphs.ellipsis)),
        '',
        ...choices,
        '',
        `${key(theme.glyphs.enter)} send    ${key('Esc')} leave it`,
      ]}
    />
  );
}

const ABOUT = '-20 comes first, 0 is usual, 19 waits for all others. All threads of it; what it begins later begins there, too.';

export function ReniceDialog({ input, trouble }: { readonly input: LineInput; readonly trouble: string }): ReactNode {
  const theme = useTheme();
  const aim = useManagerState((state) => state.aim);
  const cells = useDialogWidth(CELLS);
  if (aim === null) return null;
  const key = (text: string): string => theme.paint('key', text);
  return (
    <Dialog
      cells={cells}
      lines={[
        theme.paint('title', `Nice of process ${aim.process.pid} of container ${aim.process.ct}`),
        theme.paint('dim', cut(aim.process.command, cells, theme.glyphs.ellipsis)),
        '',
        `nice  ${inputLine(input, 6, theme, true)}`,
        '',
        ...wrap(trouble || ABOUT, cells).map((line) => theme.paint(trouble === '' ? 'dim' : 'alarm', line)),
        '',
        `${key(theme.glyphs.enter)} do it    ${key('Esc')} leave it`,
      ]}
    />
  );
}
