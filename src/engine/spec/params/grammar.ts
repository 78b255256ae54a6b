// The simple grammars that parameters share: numbers, yes/no, words, texts, paths, lists.
import { type NumberGrammar, type PairResult, parseNumber, parsePair, printG, printPair, UNLIMITED } from '../units.ts';
import type { Grammar, Reading } from './types.ts';

export const taken = (value: string): Reading => ({ ok: true, value });
export const refused: Reading = { ok: false, fault: 'syntax' };

/** Lists name only their first word when they are refused, as strtok left it. */
export const refusedList = (text: string, separators: RegExp = BLANKS): Reading => ({
  ok: false,
  fault: 'syntax',
  shown: text.replace(separators, ' ').trimStart().split(' ')[0] ?? '',
});

export const BLANKS = /[ \t\n]+/g;

export const words = (text: string, separators: RegExp = BLANKS): readonly string[] => text.split(separators).filter((w) => w !== '');

/** Union of two blank-separated lists in order of appearance. */
export const union = (first: string, second: string): string => [...new Set([...words(first), ...words(second)])].join(' ');

const pairReading = (pair: PairResult, print: (p: { barrier: bigint; limit: bigint }) => string): Reading =>
  pair.ok ? taken(print(pair)) : { ok: false, fault: pair.fault, cut: print({ barrier: UNLIMITED, limit: UNLIMITED }) };

/** Barrier and limit; `alwaysBoth` for disk quotas, which old readers want as a pair. */
export function pair(hint: string, grammar: NumberGrammar, alwaysBoth = false): Grammar {
  const print = alwaysBoth ? (p: { barrier: bigint; limit: bigint }): string => `${p.barrier}:${p.limit}` : printPair;
  return {
    hint,
    read: (text) => pairReading(parsePair(text, grammar), print),
    pair: true,
    examples: alwaysBoth ? ['1000:1000', '1000:2000'] : ['1000', '1000:2000', '100:unlimited', 'unlimited'],
  };
}

/** One number between `min` and `max` (LONG_MAX). */
export function number(hint: string, grammar: NumberGrammar & { readonly min?: bigint }): Grammar {
  const { min = 0n, max = UNLIMITED } = grammar;
  return {
    hint,
    read(text) {
      const number = parseNumber(text, grammar);
      if (!number.ok) return number.fault === 'range' ? { ok: false, fault: 'range', cut: String(max) } : refused;
      return number.value < min || number.value > max ? refused : taken(String(number.value));
    },
    examples: [String(min), String(min + 1n)],
  };
}

export const unsigned = number('a number', { unit: 1n, suffix: false, unlimited: true });

export function oneOf(choices: readonly string[], remark?: (text: string) => string): Grammar {
  return {
    hint: choices.join(', '),
    read(text) {
      if (choices.includes(text)) return taken(text);
      return remark ? { ok: false, fault: 'syntax', remarks: [{ level: -1, text: remark(text) }] } : refused;
    },
    choices,
    examples: choices,
  };
}

export const yesNo = oneOf(['yes', 'no']);

/** A line break would end the line of the config, and what follows would be read as another parameter. */
const oneLine = (text: string): Reading => (/[\n\r\0]/.test(text) ? refused : taken(text));

export const text: Grammar = { hint: 'text of one line', read: oneLine, examples: ['two words', 'say "hi"', 'a$b\\c`d', ''] };

/** By hand: a regular expression would take the square of a long row of slashes. */
function withoutSlashes(value: string): string {
  let to = value.length;
  while (to > 1 && value[to - 1] === '/') to--;
  return value.slice(0, to);
}

/** $VEID or ${VEID} stands for the container's id; a trailing slash is dropped when a config is read. */
export const path: Grammar = {
  hint: 'a path, $VEID stands for the id',
  read: oneLine,
  readFile: (value) => oneLine(withoutSlashes(value)),
  expands: true,
  examples: ['/vz/private/$VEID', '/x/y', ''],
};

/** VE_ROOT and VE_PRIVATE of a container: the first $VEID, or where there is none the first ${VEID}, becomes its id. */
export function expandPath(template: string, id: number): string {
  return /\$VEID/.test(template) ? template.replace('$VEID', String(id)) : template.replace('${' + 'VEID}', String(id));
}

/** Words that replace the stored list as a whole; an empty list changes nothing. */
export const wordList: Grammar = {
  hint: 'words separated by blanks',
  read: (value) => taken(words(value).join(' ')),
  join: union,
  merge: (_stored, change) => ({ ok: true, value: change.set === undefined || change.set === '' ? null : change.set }),
  examples: ['10.0.0.1 10.0.0.2', 'inherit'],
  words: ['inherit'],
};

/** strtod: a number at the beginning, what follows is ignored; kept as %g. */
export const float: Grammar = {
  hint: 'a number such as 1.5',
  read(value) {
    const match = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf))/i.exec(value);
    if (!match) return refused;
    return taken(printG(/nan/i.test(match[1] ?? '') ? Number.NaN : Number((match[1] ?? '').replace(/inf/i, 'Infinity'))));
  },
  examples: ['1.5', '0', '1e+08'],
};
