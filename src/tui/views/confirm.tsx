// The question before a dangerous action: what will happen, to how many, and the vzctl line that does the same.
import type { ReactNode } from 'react';
import { useTheme } from '../app/manager.ts';
import { width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import { wrap } from '../screen/wrap.ts';
import type { Question } from '../store/state.ts';
import { Dialog, useDialogWidth } from './dialog.tsx';

const CELLS = 64;

function questionLines(question: Question, cells: number, theme: Theme): readonly string[] {
  const broken = (text: string): readonly string[] => wrap(text, cells);
  const key = (text: string): string => theme.paint('key', text);
  const yes = question.enter ? `y ${theme.glyphs.enter}` : 'y';
  const gap = cells < 40 ? '  ' : '    ';
  return [
    ...broken(question.title).map((line) => theme.paint(question.enter ? 'title' : 'alarm', line)),
    '',
    ...question.lines.flatMap(broken),
    ...(question.command === '' ? [] : ['', ...broken(`the same as  ${question.command}`).map((line) => theme.paint('dim', line))]),
    '',
    [
      `${key(yes)} ${question.yes}`,
      ...(question.other === undefined ? [] : [`${key('l')} ${question.other}`]),
      `${key('n Esc')} ${question.no}`,
    ].join(gap),
  ];
}

export function Confirm({ question }: { readonly question: Question }): ReactNode {
  const cells = useDialogWidth(CELLS);
  const lines = questionLines(question, cells, useTheme());
  return <Dialog lines={lines} cells={Math.min(cells, Math.max(30, ...lines.map(width)))} />;
}
