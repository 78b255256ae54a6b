// One line of text under the keys of a person: text and cursor, nothing about what it is for. Pure.

export interface LineInput {
  readonly text: string;
  /** Place of the cursor in graphemes, 0…length. */
  readonly cursor: number;
}

const MAX_LENGTH = 512;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

const ASCII = /^[\x20-\x7e]*$/;

export const graphemes = (text: string): string[] =>
  ASCII.test(text) ? text.split('') : Array.from(segmenter.segment(text), (s) => s.segment);

export const lineInput = (text = ''): LineInput => ({ text, cursor: graphemes(text).length });

const splice = (input: LineInput, from: number, to: number, text: string): LineInput => {
  const all = graphemes(input.text);
  const head = [...all.slice(0, from)].join('') + text;
  return { text: (head + all.slice(to).join('')).slice(0, MAX_LENGTH), cursor: graphemes(head).length };
};

const wordStart = (input: LineInput): number => {
  const all = graphemes(input.text);
  let at = input.cursor;
  while (at > 0 && all[at - 1] === ' ') at--;
  while (at > 0 && all[at - 1] !== ' ') at--;
  return at;
};

const EDITS: Readonly<Record<string, (input: LineInput) => LineInput>> = {
  left: (i) => ({ ...i, cursor: Math.max(0, i.cursor - 1) }),
  right: (i) => ({ ...i, cursor: Math.min(graphemes(i.text).length, i.cursor + 1) }),
  home: (i) => ({ ...i, cursor: 0 }),
  'ctrl-a': (i) => ({ ...i, cursor: 0 }),
  end: (i) => lineInput(i.text),
  'ctrl-e': (i) => lineInput(i.text),
  backspace: (i) => (i.cursor === 0 ? i : splice(i, i.cursor - 1, i.cursor, '')),
  delete: (i) => splice(i, i.cursor, i.cursor + 1, ''),
  'ctrl-d': (i) => splice(i, i.cursor, i.cursor + 1, ''),
  'ctrl-u': (i) => splice(i, 0, i.cursor, ''),
  'ctrl-k': (i) => splice(i, i.cursor, Number.POSITIVE_INFINITY, ''),
  'ctrl-w': (i) => splice(i, wordStart(i), i.cursor, ''),
};

/** The input after a named key, null if the key edits nothing. */
export function editLine(input: LineInput, key: string): LineInput | null {
  return EDITS[key]?.(input) ?? null;
}

/** Typed or pasted text; line ends and other control characters become blanks, so that a paste is one line. */
export function typeLine(input: LineInput, text: string): LineInput {
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
  return splice(input, input.cursor, input.cursor, line);
}
