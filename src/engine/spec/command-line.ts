// Command lines as texts: quoted so that a shell reads back the same words, and without what nobody else may read. Pure.

/** The words as one line. */
export const quoteWords = (words: readonly string[]): string =>
  words.map((word) => (/^[\w@%+=:,./{}\u2026-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');

/** Options of which the value is a secret behind its first colon; the original's getopt takes every beginning of a name. */
const SECRET = ['userpasswd'];
/** What the program inside is given may be a secret: only its name is kept. */
const RUNS_PROGRAM = new Set(['exec', 'exec2', 'exec3', 'enter', 'runscript']);
const HIDDEN = '***';

const isSecret = (option: string): boolean => {
  const name = /^--([a-z_]+)$/.exec(option)?.[1] ?? '';
  return name !== '' && SECRET.some((secret) => secret.startsWith(name));
};

const hide = (value: string): string => (value.includes(':') ? `${value.slice(0, value.indexOf(':'))}:${HIDDEN}` : HIDDEN);

/** The words of a call with secret values hidden; of a program that runs inside, without its arguments. */
export function secretless(words: readonly string[]): readonly string[] {
  const verb = words.findIndex((word) => RUNS_PROGRAM.has(word));
  const shown = verb >= 0 && words.length > verb + 3 ? [...words.slice(0, verb + 3), '…'] : words;
  return shown.map((word, at) => {
    const [option = '', value] = word.split(/=(.*)/s);
    if (value !== undefined && isSecret(option)) return `${option}=${hide(value)}`;
    return isSecret(shown[at - 1] ?? '') ? hide(word) : word;
  });
}

/** The words with secrets put back, in order, where the program's start has left "-" for each (bin/vzdeck). */
export function withSecrets(words: readonly string[], secrets: readonly string[]): readonly string[] {
  const left = [...secrets];
  return words.map((word, at) => {
    if (/^--u[a-z]*=-$/.test(word) && isSecret(word.slice(0, -2))) return `${word.slice(0, -1)}${left.shift() ?? '-'}`;
    return word === '-' && isSecret(words[at - 1] ?? '') ? (left.shift() ?? '-') : word;
  });
}
