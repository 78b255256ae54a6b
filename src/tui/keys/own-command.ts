// A command of the person at the keyboard as data: its words, the variables in them, and how they become arguments. No shell ever reads
// a value: words are split before the values come in, and each stays one argument. Pure.

/** What stands for something of the container, as `{name}`. */
export const VARIABLES = {
  ctid: 'its number',
  name: 'its NAME',
  hostname: 'its HOSTNAME',
  ip: 'its first address',
  private: 'its private area on the node',
  root: 'its mount point on the node',
  status: 'running, stopped …',
  template: 'its OSTEMPLATE',
  answer: 'what was typed when the command asked',
} as const;
export type Variable = keyof typeof VARIABLES;
export type VariableValues = Readonly<Record<Variable, string>>;

export interface OwnCommand {
  /** Its action is called `own:` and this. */
  readonly name: string;
  readonly keys: readonly string[];
  /** One or two words, for footer and palette. */
  readonly label: string;
  /** One sentence, for help; "" where the command line says enough. */
  readonly help: string;
  /** The command line, variables still in it. */
  readonly words: readonly string[];
  /** Runs in the container instead of on the node. */
  readonly inside: boolean;
  /** Has a screen of its own: it gets the terminal until it ends. */
  readonly terminal: boolean;
  /** Modes in which it is offered; empty: wherever what it is about can be chosen. */
  readonly where: readonly string[];
  /** States of the container in which it makes sense; empty: all. */
  readonly states: readonly string[];
  /** The sentence of the question before it; "": none is asked. */
  readonly confirm: string;
  /** What is asked for before it runs; "": nothing. */
  readonly ask: string;
  /** Enter is no answer to the question. */
  readonly danger: boolean;
  /** It changes nothing: also done in read-only mode. */
  readonly reads: boolean;
}

const VARIABLE = /\{([a-z]+)\}/g;

export const isVariable = (name: string): name is Variable => Object.hasOwn(VARIABLES, name);

/** Names in braces, known or not. */
export const variablesIn = (words: readonly string[]): readonly string[] => [
  ...new Set(words.flatMap((word) => Array.from(word.matchAll(VARIABLE), ([, name]) => name ?? ''))),
];

/** It can only be done to a container. */
export const isAboutCt = ({ inside, words }: Pick<OwnCommand, 'inside' | 'words'>): boolean =>
  inside || variablesIn(words).some((name) => name !== 'answer');

/** A line as words, with the quotes and backslashes of a shell and nothing else of it; null where a quote is not closed. */
export function splitWords(line: string): readonly string[] | null {
  const words = line.match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
  const left = line.replace(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g, '');
  if (left.trim() !== '') return null;
  return words.map((word) =>
    word.replace(/\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, plain?: string, soft?: string, hard?: string) =>
      soft === undefined ? (hard ?? plain ?? '') : soft.replace(/\\(["\\$`])/g, '$1'),
    ),
  );
}

/** The words with values in place of variables. */
export const fillWords = (words: readonly string[], values: Partial<VariableValues>): readonly string[] =>
  words.map((word) => word.replace(VARIABLE, (whole, name: string) => (isVariable(name) ? (values[name] ?? whole) : whole)));

const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh']);
const READ_AS_SCRIPT = new Set(['eval', 'ssh', 'su']);

/** A word in which a value would be read as a part of a script, whoever wrote it; null: none. */
export function scriptWithVariable(words: readonly string[]): string | null {
  const suspicious = words.filter((_, i) => {
    const before = words.slice(0, i);
    const shell = before.some((one) => SHELLS.has(one.replace(/^.*\//, '')));
    const script = shell && /^-[a-z]*c$/.test(before.at(-1) ?? '');
    return script || before.some((one) => READ_AS_SCRIPT.has(one.replace(/^.*\//, '')));
  });
  return suspicious.find((word) => variablesIn([word]).length > 0) ?? null;
}

/** The command line as it is run on the node, as far as the values are known. */
export function nodeWords(command: OwnCommand, values: Partial<VariableValues>): readonly string[] {
  const words = fillWords(command.words, values);
  return command.inside ? ['vzctl', 'exec3', values.ctid ?? '{ctid}', ...words] : words;
}
