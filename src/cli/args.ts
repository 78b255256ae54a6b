// getopt_long as the old tools have it: abbreviations, --x=v and --x v, -kV and -k V, clusters of letters, options and operands mixed.
// Knows no option by name.

export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  readonly value: boolean;
  /** Two names of one target are not ambiguous to each other; by default the name itself. */
  readonly target?: string;
  /** Another spelling, which no beginning of it means. */
  readonly whole?: true;
  /** Of ours: a beginning that also begins an option of the original means that one, as in scripts that were written for it. */
  readonly ours?: true;
}

/** An option that cannot be read; the text is getopt's own, without the program's name. */
export class GetoptFault extends Error {}

export interface GivenOption {
  readonly spec: OptionSpec;
  /** "" for options without value. */
  readonly value: string;
  readonly byLetter: boolean;
}

const sameTarget = (a: OptionSpec, b: OptionSpec): boolean => a.value === b.value && (a.target ?? a.name) === (b.target ?? b.name);

/** The option that a word after -- means: the name itself, or the only one that begins so. */
function longOption(word: string, specs: readonly OptionSpec[]): OptionSpec {
  const name = word.split('=', 1)[0] ?? '';
  const exact = specs.find((spec) => spec.name === name);
  if (exact) return exact;
  const begun = specs.filter((spec) => spec.name.startsWith(name) && spec.name !== '' && !spec.whole);
  const original = begun.filter((spec) => !spec.ours);
  const [first, ...others] = original.length > 0 ? original : begun;
  if (!first) throw new GetoptFault(`unrecognized option '--${word}'`);
  const rivals = others.filter((spec) => !sameTarget(first, spec));
  if (rivals.length === 0) return first;
  const possibilities = [first, ...rivals].map((spec) => `'--${spec.name}'`).join(' ');
  throw new GetoptFault(`option '--${word}' is ambiguous; possibilities: ${possibilities}`);
}

/**
 * Goes through the words from left to right and hands on each option as it comes, so that a bad value is told before a later bad option.
 * Returns the operands. Throws GetoptFault at the first word that is none of the options.
 */
export function scanOptions(
  words: readonly string[],
  specs: readonly OptionSpec[],
  take: (option: GivenOption) => void,
): readonly string[] {
  const operands: string[] = [];
  const rest = [...words];
  const next = (missing: string): string => {
    const value = rest.shift();
    if (value === undefined) throw new GetoptFault(missing);
    return value;
  };
  const long = (word: string): void => {
    const spec = longOption(word, specs);
    const at = word.indexOf('=');
    if (at >= 0 && !spec.value) throw new GetoptFault(`option '--${spec.name}' doesn't allow an argument`);
    const value = at >= 0 ? word.slice(at + 1) : spec.value ? next(`option '--${spec.name}' requires an argument`) : '';
    take({ spec, value, byLetter: false });
  };
  const letters = (word: string): void => {
    for (let at = 0; at < word.length; at++) {
      const letter = word[at] ?? '';
      const spec = specs.find((s) => s.short === letter);
      if (!spec) throw new GetoptFault(`invalid option -- '${letter}'`);
      const attached = word.slice(at + 1);
      if (!spec.value) take({ spec, value: '', byLetter: true });
      else {
        take({ spec, value: attached !== '' ? attached : next(`option requires an argument -- '${letter}'`), byLetter: true });
        return;
      }
    }
  };
  // getopt(3), for programs of letters alone, takes a second dash for a letter
  const longOnes = specs.some(({ name }) => name !== '');
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') return [...operands, ...rest];
    if (longOnes && word.startsWith('--')) long(word.slice(2));
    else if (word.startsWith('-') && word !== '-') letters(word.slice(1));
    else operands.push(word);
  }
  return operands;
}
