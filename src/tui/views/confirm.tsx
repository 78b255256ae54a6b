// The question before a dangerous action: what will happen, to how many, and the vzctl line that does the same.
import type { ReactNode } from 'react';
import { useTheme } from '../app/manager.ts';
import { width } from '../screen/text.ts';
import type { Theme } from '../screen/theme.ts';
import type { Question } from '../store/state.ts';
import { Dialog } from './dialog.tsx';

export function questionLines(question: Question, theme: Theme): readonly string[] {
  const { key, y, n } = {
    key: (text: string) => theme.paint('key', text),
    y: question.enter ? `y ${theme.glyphs.enter}` : 'y',
    n: 'n Esc',
  };
  return [
    theme.paint(question.enter ? 'title' : 'alarm', question.title),
    '',
    ...question.lines,
    ...(question.command === '' ? [] : ['', theme.paint('dim', `the same as  ${question.command}`)]),
    '',
    `${key(y)} ${question.yes}    ${key(n)} leave it`,
  ];
}

export function Confirm({ question }: { readonly question: Question }): ReactNode {
  const lines = questionLines(question, useTheme());
  return <Dialog lines={lines} cells={Math.max(30, ...lines.map(width))} />;
}
