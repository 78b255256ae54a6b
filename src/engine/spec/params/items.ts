// Lists of single words as things of one field.
import { refused, words } from './grammar.ts';
import type { Around, Grammar, Items, Reading } from './types.ts';

/** `one`: what a word of the list is called, and its field; `help` says how it is written. */
export function wordItems(
  one: string,
  help: string,
  read: (word: string, around: Around) => Reading,
  identity = (word: string): string => word,
): Items {
  return {
    one,
    fields: [{ name: one, help }],
    split: (value) => words(value).map((word) => ({ [one]: word })),
    separator: ' ',
    read: (item, { around }) => {
      const [word = '', more] = words(item[one] ?? '');
      if (word === '') return refused;
      return more === undefined
        ? read(word, around)
        : { ok: false, fault: 'syntax', remarks: [{ level: -1, text: `Expected one ${one}: others are added as lines of their own` }] };
    },
    identity: (item) => identity(item[one] ?? ''),
  };
}

/** The grammar with things of one word each, as it reads a list of one. */
export const withWordItems = (grammar: Grammar, one: string, help: string): Grammar => ({
  ...grammar,
  items: wordItems(one, help, grammar.read),
});
