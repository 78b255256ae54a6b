// vzubc: the beancounters of containers in human units, as a table; of the kernel, of a file, or of standard input.
import {
  type Engine,
  inPages,
  parseCtid,
  parseUbcText,
  shortAmount,
  type TextRow,
  type TextUbc,
  UBC_VERSION,
  type UbcText,
  USUAL_WATERMARKS,
} from '../engine/index.ts';
import { CliExit } from './command.ts';
import { type UbcRowShown, type UbcTableOptions, ubcBlock, ubcTable } from './format/vzubc.ts';
import { allInput } from './stdin.ts';
import { HelpAsked, Misuse, type Tool } from './tool.ts';
import { watching } from './watching.ts';

interface Asked {
  watch: boolean;
  differences: boolean;
  title: boolean;
  every: number;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
  held: number | null;
  maxheld: number | null;
  relative: boolean;
  incremental: boolean;
  forget: boolean;
  /** Where values of the last run lie; null: in our own place. */
  store: string | null;
  file: string | null;
  readonly words: string[];
}

const USAGE = `Usage: vzubc [OPTIONS] [CTID|NAME…]

    -w, --watch          again and again, until Ctrl-C; -wd shows what changed, -wt has no title
    -wn SECONDS          so often (2)
    -q, --quiet          only what has failed or is near its barrier
    -qh RATIO            held is near above this part of the barrier (0.5); above 1 it is percent
    -qm RATIO            maxheld is (0.8)
    -v, --verbose        rows without a barrier as well
    -r, --relative       failures since the last run; -rc forgets the last run
    -i, --incremental    with what held has changed since the last run; -ic forgets it
    -rd DIR, -id DIR     where values of the last run are kept
    -c, --color          colours
    -f, --file FILE      a file as /proc/user_beancounters or /proc/bc/resources; - is standard input
    -h, --help           this
`;

type Taker = (asked: Asked, value: string) => void;
const number = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new Misuse(`Error: ${text} is no number`);
  return value;
};
/** Above 1 it is percent. */
const ratio = (text: string): number => (number(text) > 1 ? number(text) / 100 : number(text));

const FLAGS: Readonly<Record<string, Taker>> = {
  w: (a) => Object.assign(a, { watch: true }),
  wd: (a) => Object.assign(a, { watch: true, differences: true }),
  wt: (a) => Object.assign(a, { watch: true, title: false }),
  q: (a) => Object.assign(a, { quiet: true }),
  v: (a) => Object.assign(a, { verbose: true }),
  r: (a) => Object.assign(a, { relative: true }),
  rc: (a) => Object.assign(a, { relative: true, forget: true }),
  i: (a) => Object.assign(a, { incremental: true }),
  ic: (a) => Object.assign(a, { incremental: true, forget: true }),
  c: (a) => Object.assign(a, { color: true }),
  h: () => {
    throw new HelpAsked();
  },
};
const VALUES: Readonly<Record<string, Taker>> = {
  wn: (a, value) => Object.assign(a, { watch: true, every: Math.max(0.1, number(value)) }),
  qh: (a, value) => Object.assign(a, { held: ratio(value) }),
  qm: (a, value) => Object.assign(a, { maxheld: ratio(value) }),
  rd: (a, value) => Object.assign(a, { relative: true, store: value }),
  id: (a, value) => Object.assign(a, { incremental: true, store: value }),
  f: (a, value) => Object.assign(a, { file: value }),
};
const LONG: Readonly<Record<string, string>> = {
  '--watch': '-w',
  '--quiet': '-q',
  '--verbose': '-v',
  '--relative': '-r',
  '--incremental': '-i',
  '--color': '-c',
  '--file': '-f',
  '--help': '-h',
};

function readWords(args: readonly string[]): Asked {
  const asked: Asked = {
    watch: false,
    differences: false,
    title: true,
    every: 2,
    quiet: false,
    verbose: false,
    color: false,
    held: null,
    maxheld: null,
    relative: false,
    incremental: false,
    forget: false,
    store: null,
    file: null,
    words: [],
  };
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const name = (LONG[word] ?? word).slice(1);
    if (!word.startsWith('-') || word === '-') asked.words.push(word);
    else if (Object.hasOwn(FLAGS, name)) FLAGS[name]?.(asked, '');
    else if (Object.hasOwn(VALUES, name)) {
      const value = rest.shift();
      if (value === undefined || value === '') throw new Misuse(`Error: option ${word} requires an argument`);
      VALUES[name]?.(asked, value);
    } else throw new Misuse(`Unrecognized option: ${word}`);
  }
  if (asked.watch && asked.color) throw new Misuse("Error: can't use --watch and --color together");
  if (asked.quiet && asked.verbose) throw new Misuse("Error: options --quiet and --verbose can't be used together");
  if ((asked.held !== null || asked.maxheld !== null) && !asked.quiet && !asked.color)
    throw new Misuse('Error: -qh and -qm only make sense with --quiet or --color');
  return asked;
}

function idOf(engine: Engine, word: string): number {
  const id = parseCtid(word) ?? engine.idOf(word);
  if (id === null) throw new CliExit(1, `CT ID ${word} is invalid.`);
  return id;
}

/** `words`: those that are no container are told of later. */
async function textOf(engine: Engine, file: string | null, words: readonly string[]): Promise<UbcText> {
  if (file === '-') return parseUbcText(await allInput());
  const ids = words.flatMap((word) => parseCtid(word) ?? engine.idOf(word) ?? []);
  const tools = engine.tools();
  return file === null ? tools.wholeAccounts(words.length === 0 ? undefined : ids) : tools.accounts(file);
}

type Notes = ReturnType<ReturnType<Engine['tools']>['notes']>;

/** What the last run saw of a figure, 0n for nothing; what it is now is kept for the next one. */
function since(notes: Notes, key: string, now: bigint): bigint {
  const text = notes.read(key) ?? '';
  if (now > 0n || text !== '') notes.write(key, String(now));
  return /^\d{1,20}$/.test(text.trim()) ? BigInt(text.trim()) : 0n;
}

function changeOf(name: string, before: bigint, now: bigint): string {
  if (now === before) return '';
  const amount = shortAmount(now > before ? now - before : before - now, inPages(name));
  return `${now > before ? '+' : '-'}${amount}`;
}

function rowsOf({ id, rows }: TextUbc, asked: Asked, notes: Notes | null): readonly UbcRowShown[] {
  return rows
    .filter(({ name }) => name !== 'dummy')
    .map((row: TextRow): UbcRowShown => {
      if (notes === null) return { ...row, change: '' };
      const failed = asked.relative ? since(notes, `ubc.${id}.${row.name}.failcnt`, row.failcnt) : 0n;
      const change = asked.incremental ? changeOf(row.name, since(notes, `ubc.${id}.${row.name}.held`, row.held), row.held) : '';
      return { ...row, failcnt: row.failcnt >= failed ? row.failcnt - failed : row.failcnt, change };
    });
}

async function tableOf(engine: Engine, asked: Asked): Promise<string> {
  const { version, accounts } = await textOf(engine, asked.file, asked.words);
  if (version !== null && version !== UBC_VERSION) throw new CliExit(1, `Error: unknown version: ${version}`);
  const compares = asked.relative || asked.incremental;
  if (compares && accounts.some(({ id }) => id === null))
    throw new CliExit(1, 'Error: can not use relative/incremental modes: BCID is unknown');
  const ids = asked.words.map((word) => idOf(engine, word));
  const notes = compares ? engine.tools().notes(asked.store) : null;
  if (asked.forget) notes?.clear(/^ubc\.\d+\.[a-z]+\.(failcnt|held)$/);
  const marks = { held: asked.held ?? USUAL_WATERMARKS.held, maxheld: asked.maxheld ?? USUAL_WATERMARKS.maxheld };
  const options: UbcTableOptions = { ...asked, marks };
  const chosen = accounts.filter(({ id }) => ids.length === 0 || id === null || ids.includes(id));
  return ubcTable(
    chosen.map((account) => ubcBlock(account.id, rowsOf(account, asked, notes), options)),
    options,
  );
}

export const VZUBC: Tool = {
  name: 'vzubc',
  help: 'beancounters of containers in human units; --watch, --quiet',
  usage: USAGE,
  options: [...Object.keys(LONG), ...[...Object.keys(FLAGS), ...Object.keys(VALUES)].map((name) => `-${name}`)],
  operands: 'containers',
  misuse: { to: 'out', exit: 1 },
  async run(args, open) {
    const asked = readWords(args);
    const engine = open();
    if (!asked.watch) {
      process.stdout.write(await tableOf(engine, asked));
      return 0;
    }
    const title = asked.title ? `Every ${asked.every.toFixed(1)}s: vzubc ${asked.words.join(' ')}`.trimEnd() : '';
    return watching({ every: asked.every, title, differences: asked.differences }, () => tableOf(engine, asked));
  },
};
