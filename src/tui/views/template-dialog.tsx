// Which template to build: one line to type a release into.
import type { ReactNode } from 'react';
import { useTheme } from '../app/manager.ts';
import type { LineInput } from '../forms/line-input.ts';
import { Dialog } from './dialog.tsx';
import { inputLine } from './input-line.ts';

const CELLS = 60;

export function TemplateDialog({ input, trouble }: { readonly input: LineInput; readonly trouble: string }): ReactNode {
  const theme = useTheme();
  const key = (text: string): string => theme.paint('key', text);
  return (
    <Dialog
      cells={CELLS}
      lines={[
        theme.paint('title', 'Build a template'),
        '',
        `Debian release  ${inputLine(input, 24, theme, true)}`,
        '',
        trouble === '' ? theme.paint('dim', 'Downloaded and made by mmdebstrap; takes about a minute,') : theme.paint('alarm', trouble),
        trouble === '' ? theme.paint('dim', 'goes on in the background and can be cancelled (t).') : '',
        '',
        `${key(theme.glyphs.enter)} build    ${key('Esc')} leave it`,
      ]}
    />
  );
}
