// Where a list with passwords is to be written.
import type { ReactNode } from 'react';
import { useTheme } from '../app/manager.ts';
import { wrap } from '../screen/wrap.ts';
import type { Overlay } from '../store/state.ts';
import { Dialog, useDialogWidth } from './dialog.tsx';
import { inputLine } from './input-line.ts';

const CELLS = 66;
const ABOUT = 'A new file that only root can read, one line per container, with tabs between CTID, name, host name, user and password.';

export function SaveDialog({ input, trouble }: Extract<Overlay, { readonly kind: 'save' }>): ReactNode {
  const theme = useTheme();
  const cells = useDialogWidth(CELLS);
  const key = (text: string): string => theme.paint('key', text);
  const label = 'File  ';
  return (
    <Dialog
      cells={cells}
      lines={[
        theme.paint('title', 'Save the list with its passwords'),
        '',
        `${label}${inputLine(input, Math.max(4, cells - label.length), theme, true)}`,
        '',
        ...wrap(trouble || ABOUT, cells).map((line) => theme.paint(trouble === '' ? 'dim' : 'alarm', line)),
        '',
        `${key(theme.glyphs.enter)} save    ${key('Esc')} leave it`,
      ]}
    />
  );
}
