// Sample configs to choose one from, and what a new one is called.
import type { ReactNode } from 'react';
import { useManagerState, useTheme } from '../app/manager.ts';
import { plural } from '../keys/questions.ts';
import { clean, cut, pad } from '../screen/text.ts';
import { wrap } from '../screen/wrap.ts';
import type { Overlay } from '../store/state.ts';
import { Dialog, useDialogWidth } from './dialog.tsx';
import { inputLine } from './input-line.ts';

const CELLS = 60;

export function SamplesDialog({ samples, chosen }: Extract<Overlay, { readonly kind: 'samples' }>): ReactNode {
  const theme = useTheme();
  const cells = useDialogWidth(CELLS);
  const rows = useManagerState((state) => state.size.rows);
  const room = Math.max(1, rows - 7);
  const top = Math.max(0, Math.min(chosen - room + 1, samples.length - room));
  const choices = samples.slice(top, top + room).map(({ name, values }, i) => {
    const line = cut(`${clean(name)}  ${plural(values.size, 'parameter')}`, cells - 2, theme.glyphs.ellipsis);
    return top + i === chosen
      ? theme.under('selection', pad(`${theme.paint('accent', theme.glyphs.selected)} ${line}`, cells))
      : `  ${line}`;
  });
  const key = (text: string): string => theme.paint('key', text);
  return (
    <Dialog
      cells={cells}
      lines={[
        theme.paint('title', 'Compare with which sample?'),
        '',
        ...choices,
        '',
        `${key(theme.glyphs.enter)} compare    ${key('Esc')} leave it`,
      ]}
    />
  );
}

const ABOUT =
  'What the file of the container says becomes a sample for new ones (vzctl create --config), but for names, addresses and places.';

export function SampleNameDialog({ ct, input, trouble }: Extract<Overlay, { readonly kind: 'sample-name' }>): ReactNode {
  const theme = useTheme();
  const cells = useDialogWidth(CELLS);
  const key = (text: string): string => theme.paint('key', text);
  const label = 'Name  ';
  return (
    <Dialog
      cells={cells}
      lines={[
        theme.paint('title', `Make a sample of ${ct}`),
        '',
        `${label}${inputLine(input, Math.max(4, cells - label.length), theme, true)}`,
        '',
        ...wrap(trouble || ABOUT, cells).map((line) => theme.paint(trouble === '' ? 'dim' : 'alarm', line)),
        '',
        `${key(theme.glyphs.enter)} make it    ${key('Esc')} leave it`,
      ]}
    />
  );
}
