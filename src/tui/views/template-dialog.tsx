// Which template to build: recipes to choose from, narrowed by what is typed.
import type { ReactNode } from 'react';
import { RECIPES } from '../../engine/index.ts';
import { useManagerState, useTheme } from '../app/manager.ts';
import { recipesFor } from '../forms/build-words.ts';
import { cut, pad } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { wrap } from '../screen/wrap.ts';
import type { ManagerState, Overlay } from '../store/state.ts';
import { Dialog, FRAME, useDialogWidth } from './dialog.tsx';
import { inputLine } from './input-line.ts';
import { ends } from './words.ts';

type Choice = Extract<Overlay, { readonly kind: 'template' }>;

const CELLS = 66;
const MOST = 9;
/** Title, input, blanks, explanation and keys. */
const OTHERS = 8;

const ABOUT =
  'Made by mmdebstrap from the mirror of this node, in about a minute, in the background. --include PACKAGE,PACKAGE --as NAME --mirror URL may follow.';

function templateDialogLines(state: ManagerState, { input, chosen, trouble }: Choice, cells: number, theme: Theme): readonly string[] {
  const found = recipesFor(input.text);
  const room = Math.max(1, Math.min(MOST, state.size.rows - FRAME.rows - OTHERS));
  const at = Math.min(chosen, found.length - 1);
  const top = Math.max(0, Math.min(at - Math.floor(room / 2), found.length - room));
  const there = new Set(state.templates.map(({ name }) => name));
  const names = Math.max(...found.map(({ name }) => name.length), 0) + 2;
  const lines = found.slice(top, top + room).map(({ name, about }, i) => {
    const mark = top + i === at ? theme.paint('accent', theme.glyphs.selected) : ' ';
    const line = ends(
      `${mark}${pad(name, names)}${theme.paint('dim', cut(about, cells - names - 1, theme.glyphs.ellipsis))}`,
      there.has(name) ? theme.paint('dim', 'is there: builds it anew') : '',
      cells,
    );
    return top + i === at ? theme.under('selection', pad(line, cells)) : line;
  });
  const none = ` ${theme.paint('dim', 'No known recipe; the name is tried as it is')}`;
  const list = found.length === 0 ? [none] : lines;
  const key = (text: string): string => theme.paint('key', text);
  const label = 'Recipe  ';
  const { up, down, enter } = theme.glyphs;
  const said = wrap(trouble || ABOUT, cells).map((line) => theme.paint(trouble === '' ? 'dim' : 'alarm', line));
  return [
    theme.paint('title', 'Build a template'),
    '',
    `${label}${inputLine(input, Math.max(4, cells - label.length), theme, true)}`,
    ...list,
    ...Array.from({ length: Math.max(0, Math.min(room, RECIPES.length) - list.length) }, () => ''),
    ...(state.size.rows < 16 ? [] : ['', ...said.slice(0, 3)]),
    '',
    [`${key(enter)} build`, ...(cells < 44 ? [] : [`${key(`${up}${down}`)} choose`]), `${key('Esc')} leave it`].join('    '),
  ];
}

export function TemplateDialog({ choice }: { readonly choice: Choice }): ReactNode {
  const theme = useTheme();
  const state = useManagerState((whole) => whole);
  const cells = useDialogWidth(CELLS);
  return <Dialog cells={cells} lines={templateDialogLines(state, choice, cells, theme)} />;
}
