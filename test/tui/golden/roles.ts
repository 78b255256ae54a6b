// A theme that paints each role in a colour of its own, and the way back from cells to roles: a letter under each cell.
import { UNICODE_GLYPHS } from '../../../src/tui/screen/glyphs.ts';
import { makeTheme } from '../../../src/tui/screen/make-theme.ts';
import { width } from '../../../src/tui/screen/text.ts';
import { ROLES, type Role, type Theme } from '../../../src/tui/screen/theme.ts';
import { checkTheme } from '../../../src/tui/screen/theme-file.ts';

const rgbOf = (role: Role): string => `#0000${(ROLES.indexOf(role) + 1).toString(16).padStart(2, '0')}`;
const palette = Object.fromEntries(ROLES.map((role) => [role, { rgb: rgbOf(role), ansi: 'red' }]));
// The selection lies under other roles, so it is known by its ground.
const roles = Object.fromEntries(ROLES.map((role) => [role, role === 'text' ? {} : { [role === 'selection' ? 'bg' : 'fg']: role }]));

export const ROLE_LETTERS: Theme = makeTheme(checkTheme({ name: 'roles', palette, roles }), 'true', UNICODE_GLYPHS);

const LETTERS: Readonly<Record<Role, string>> = {
  text: '.',
  dim: 'd',
  accent: 'a',
  good: 'g',
  warn: 'w',
  alarm: '!',
  mark: 'm',
  selection: '.',
  border: 'b',
  title: 't',
  key: 'k',
  bar: '=',
  track: '_',
  input: 'i',
  placeholder: 'p',
};

/** What the letters mean, of those that a text has. */
export function legendOf(texts: readonly string[]): string {
  const used = new Set(texts.flatMap((text) => [...(text.split('\n')[1] ?? '')].map((letter) => letter.toLowerCase())));
  const known = ROLES.flatMap((role) =>
    role !== 'text' && used.has(LETTERS[role]) && LETTERS[role] !== '.' ? `${LETTERS[role]} ${role}` : [],
  );
  return ['. text', ...known, ...(used.has('s') ? ['s, CAPITALS selected'] : [])].join('  ');
}

/** The line, and below it the letter of each cell's role where any is painted; "s" is plain text in the selected row, capitals are roles in it. */
export function paintedByRole(line: string): string {
  let text = '';
  let letters = '';
  let role: Role = 'text';
  let selected = false;
  for (const [, codes, plain] of line.matchAll(/\x1b\[([\d;]*)m|([^\x1b]+)/g)) {
    if (plain !== undefined) {
      const letter = selected ? (role === 'text' ? 's' : LETTERS[role].toUpperCase()) : LETTERS[role];
      for (const { segment } of new Intl.Segmenter().segment(plain)) {
        text += segment;
        letters += (segment.trim() === '' && !selected ? ' ' : letter).repeat(width(segment));
      }
      continue;
    }
    const numbers = (codes ?? '').split(';').map(Number);
    for (let i = 0; i < numbers.length; i++) {
      const code = numbers[i];
      if (code === 38 || code === 48) {
        if (code === 48) selected = true;
        else role = ROLES[(numbers[i + 4] ?? 1) - 1] ?? 'text';
        i += 4;
      } else if (code === 39) role = 'text';
      else if (code === 49) selected = false;
      else if (code === 0) [role, selected] = ['text', false];
    }
  }
  const marks = letters.trimEnd();
  return /^[. ]*$/.test(marks) ? text.trimEnd() : `${text.trimEnd()}\n${marks}`;
}
