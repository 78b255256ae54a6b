// Roles and what they look like on this terminal. Components name roles; colours are in themes/*.json.

/** What a piece of text means. */
export const ROLE_HELP = {
  text: 'normal',
  dim: 'known and unremarkable',
  accent: 'where I am',
  good: 'runs, done',
  warn: '80 % and more',
  alarm: 'refused now, dead',
  mark: 'marked rows',
  selection: 'the row under the cursor, laid under its own roles',
  border: 'rule lines, pane and dialog frames',
  title: 'heading of a column, a part or a dialog',
  key: 'keys in footer and help',
  bar: 'filled part of a gauge',
  track: 'empty part of a gauge',
  input: 'text being typed',
  placeholder: 'example in an input that is empty',
} as const;
export type Role = keyof typeof ROLE_HELP;
export const ROLES = Object.keys(ROLE_HELP) as readonly Role[];

export type ColorDepth = 'mono' | '16' | '256' | 'true';

/** Characters that depend on the locale: UTF-8 or ASCII. */
export interface Glyphs {
  /** Eighths of a cell from the left, empty to full (9 entries; 2 in ASCII). */
  readonly bar: readonly string[];
  /** Empty part of a gauge. */
  readonly track: string;
  /** Levels of a sparkline, lowest to highest. */
  readonly spark: readonly string[];
  readonly rule: string;
  readonly vertical: string;
  readonly up: string;
  readonly down: string;
  readonly left: string;
  readonly right: string;
  readonly enter: string;
  readonly ellipsis: string;
  /** In front of what is folded away. */
  readonly folded: string;
  readonly selected: string;
  readonly marked: string;
  readonly alarm: string;
  readonly done: string;
  readonly failed: string;
  readonly dash: string;
  /** Before a figure of which there is more than was looked at. */
  readonly atLeast: string;
  /** Ink's name of the border style of dialogs and panes. */
  readonly border: 'single' | 'bold' | 'classic';
  readonly borderFocused: 'single' | 'bold' | 'classic';
}

export interface Theme {
  readonly name: string;
  readonly depth: ColorDepth;
  readonly glyphs: Glyphs;
  /** SGR sequence that opens the role, "" where it looks like plain text. */
  readonly sgr: Readonly<Record<Role, string>>;
  /** Foreground as Ink's color and borderColor props take it; undefined = the terminal's own. */
  readonly ink: Readonly<Record<Role, string | undefined>>;
  /** `text` in the role, closed again. */
  paint(role: Role, text: string): string;
  /** Lays a role (selection, dim…) under a line that is painted already, and keeps it through the line's own resets. */
  under(role: Role, line: string): string;
}
