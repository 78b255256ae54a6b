// vzcalc: what one container takes of the node's memory and processes, is promised of it, and may take at most.
import {
  type Engine,
  isVswap,
  MEMORY_COLUMNS,
  type MemoryColumn,
  memoryShares,
  memoryUse,
  pairOf,
  parseCtid,
  printFixed,
  type TextRow,
} from '../engine/index.ts';
import { type OptionSpec, scanOptions } from './args.ts';
import { CliExit } from './command.ts';
import { HelpAsked, hint, Misuse, type Tool } from './tool.ts';

const USAGE = `Usage: vzcalc [-v] CTID

    -v    line by line; without it the greatest of each column

It reads beancounters: a config of RAM and swap is refused with the names of those that it lacks, as by the original. What such containers
hold and may take is told by vzdeck node view, vzoversell, and vzdeck ubc CTID.
`;

const HINT = 'Its config is one of RAM and swap: vzdeck node view tells what it and all others may take, vzdeck ubc CTID what it holds';

const OPTIONS: readonly OptionSpec[] = [
  { name: '', short: 'v', value: false },
  { name: '', short: 'h', value: false },
];

const NEEDED = 'NUMPROC VMGUARPAGES KMEMSIZE TCPSNDBUF TCPRCVBUF OTHERSOCKBUF DGRAMRCVBUF PRIVVMPAGES'.split(' ');

/** What a config says, as rows of which nothing is held. */
function promisedRows(values: ReadonlyMap<string, string>): readonly TextRow[] {
  return [...values].flatMap(([key, text]) => {
    const pair = /^[A-Z]+$/.test(key) ? pairOf(text) : null;
    return pair ? [{ name: key.toLowerCase(), held: 0n, maxheld: 0n, failcnt: 0n, ...pair }] : [];
  });
}

type Cell = number | null;
interface Line {
  readonly name: string;
  readonly cells: readonly [current: Cell, promised: Cell, most: Cell];
}

const COLUMNS: readonly (readonly [name: string, columns: readonly [MemoryColumn, MemoryColumn | null, MemoryColumn | null]])[] = [
  ['Low Mem', ['lowUtil', 'lowCommit', 'lowCommit']],
  ['Total RAM', ['ramUtil', null, null]],
  ['Mem + Swap', ['swapUtil', 'swapCommit', null]],
  ['Alloc. Mem', ['allocUtil', 'allocCommit', 'allocLimit']],
];

/** Fractions of what the node has; `current`: null when it does not run. */
function linesOf(engine: Engine, current: readonly TextRow[] | null, promised: readonly TextRow[]): readonly Line[] {
  const tools = engine.tools();
  const node = tools.memory();
  const now = current && memoryShares(memoryUse(current), node);
  const then = memoryShares(memoryUse(promised), node);
  const processes = (rows: readonly TextRow[], part: 'held' | 'barrier'): number =>
    Number(rows.find(({ name }) => name === 'numproc')?.[part] ?? 0n) / tools.threads();
  const share = (column: MemoryColumn | null): Cell =>
    column && (MEMORY_COLUMNS[column].kernel === 'held' ? (now?.[column] ?? null) : then[column]);
  return [
    ...COLUMNS.map(([name, [util, commit, limit]]): Line => ({ name, cells: [share(util), share(commit), share(limit)] })),
    { name: 'Num. Proc', cells: [current && processes(current, 'held'), null, processes(promised, 'barrier')] },
  ];
}

const cell = (value: Cell): string => (value === null ? 'n/a' : printFixed(value * 100, 2)).padStart(10);

/** Spaces behind "n/a" of the second line are the original's. */
const printed = ({ name, cells }: Line): string => `${name.padEnd(10)} ${cells.map(cell).join(' ')}${name === 'Total RAM' ? ' ' : ''}\n`;

function greatest(lines: readonly Line[], at: 0 | 1 | 2): Cell {
  const known = lines.flatMap(({ cells }) => cells[at] ?? []);
  return known.length === 0 ? null : Math.max(...known);
}

function calculate(engine: Engine, word: string, verbose: boolean): number {
  const id = parseCtid(word);
  if (id === null) throw new CliExit(1, `Invalid CT ID: ${word}`);
  const config = engine.config(id);
  if (!config.exists) throw new CliExit(1, `Container configuration file: ${config.file} not found`);
  const missing = NEEDED.filter((key) => !config.own.has(key));
  if (missing.length > 0 && isVswap(config.own)) hint(HINT);
  if (missing.length > 0) throw new CliExit(1, missing.map((key) => `Error: parameter ${key} not found`).join('\n'));
  const account = engine
    .tools()
    .accounts(undefined, [id])
    .accounts.find((one) => one.id === id);
  const lines = linesOf(engine, account?.rows ?? null, promisedRows(config.own));
  const sum: Line = { name: 'Memory', cells: [greatest(lines, 0), greatest(lines, 1), greatest(lines, 2)] };
  const details = verbose ? `${lines.map(printed).join('')}--------------------------------------------\n` : '';
  process.stdout.write(`Resource     Current(%)  Promised(%)  Max(%)\n${details}${printed(sum)}`);
  return 0;
}

export const VZCALC: Tool = {
  name: 'vzcalc',
  help: 'what one container takes of the node, is promised and may take at most',
  usage: USAGE,
  options: ['-v', '-h'],
  operands: 'containers',
  run(args, open) {
    let verbose = false;
    const words = (() => {
      try {
        return scanOptions(args, OPTIONS, ({ spec }) => {
          if (spec.short === 'h') throw new HelpAsked();
          verbose = true;
        });
      } catch (error) {
        if (error instanceof HelpAsked) throw error;
        // alone of all these programs it shows no usage then
        throw new CliExit(1, `vzcalc: ${(error as Error).message}`);
      }
    })();
    if (words[0] === undefined) throw new Misuse('');
    return calculate(open(), words[0], verbose);
  },
};
