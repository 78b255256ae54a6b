// Which template to build: one line to type a release into.
import type { ReactNode } from 'react';
import { useTheme } from '../app/manager.ts';
import type { LineInput } from '../forms/line-input.ts';
import { Dialog, useDialogWidth } from './dialog.tsx';
import { inputLine } from './input-line.ts';
import { wrap } from './words.ts';

const CELLS = 60;

const ABOUT = 'Downloaded and made by mmdebstrap: takes about a minute, goes on in the background and can be cancelled (t).';

export function TemplateDialog({ input, trouble }: { readonly input: LineInput; readonly trouble: string }): ReactNode {
  const theme = useTheme();
  const cells = useDialogWidth(CELLS);
  const key = (text: string): string => theme.paint('key', text);
  const label = 'Debian release  ';
  return (
    <Dialog
      cells={cells}
      lines={[
        theme.paint('title', 'Build a template'),
        '',
        `${label}${inputLine(input, Math.max(4, Math.min(24, cells - label.length)), theme, true)}`,
        '',
        ...wrap(trouble || ABOUT, cells).map((line) => theme.paint(trouble === '' ? 'dim' : 'alarm', line)),
        '',
        `${key(theme.glyphs.enter)} build    ${key('Esc')} leave it`,
      ]}
    />
  );
}
