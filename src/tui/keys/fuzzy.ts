// How well a typed text fits a name: its letters occur in order, best at the beginnings of words and next to each other. Pure.

/** Points of a letter at the beginning of a word, and of one that follows the letter before. */
const WORD = 8;
const RUN = 5;
/** A name that is short fits better than one that happens to hold the letters. */
const LENGTH = 0.05;

const isWordStart = (text: string, at: number): boolean => at === 0 || /[\s\-._/:@]/.test(text[at - 1] ?? '');

/** Points of one word in a lower-case text, the best of the places where it can begin; null: it does not occur. */
function wordPoints(word: string, text: string): number | null {
  let best: number | null = null;
  for (let from = text.indexOf(word[0] ?? ''); from >= 0; from = text.indexOf(word[0] ?? '', from + 1)) {
    let points = isWordStart(text, from) ? WORD : 0;
    let at = from;
    for (const letter of word.slice(1)) {
      const next = text[at + 1] === letter ? at + 1 : text.indexOf(letter, at + 1);
      if (next < 0) return best;
      points += next === at + 1 ? RUN : isWordStart(text, next) ? WORD : 0;
      at = next;
    }
    if (best === null || points > best) best = points;
  }
  return best;
}

/** Words of a typed text, lower case. */
export const queryWords = (text: string): readonly string[] => text.toLowerCase().split(/\s+/).filter(Boolean);

/** Points of a lower-case text for all words; null when one of them does not occur in it. No words fit everything. */
export function fuzzyPoints(words: readonly string[], text: string): number | null {
  let sum = -text.length * LENGTH;
  for (const word of words) {
    const points = wordPoints(word, text);
    if (points === null) return null;
    sum += points;
  }
  return sum;
}
