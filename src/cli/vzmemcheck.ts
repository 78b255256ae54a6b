// vzmemcheck: the memory of the node against what all running containers hold, are promised and may allocate.
import {
  CAPACITY,
  isUnlimited,
  MEMORY_COLUMN_NAMES,
  MEMORY_COLUMNS,
  type MemoryColumn,
  type MemoryUse,
  memoryShares,
  memorySum,
  memoryUse,
  type NodeMemory,
  printFixed,
} from '../engine/index.ts';
import { type OptionSpec, scanOptions } from './args.ts';
import { HelpAsked, hint, type Tool } from './tool.ts';

const USAGE = `Usage: vzmemcheck [-v] [-A]

    -v    container by container
    -A    in megabytes instead of percent

util is what is held, commit what is promised, limit what may be allocated. Containers without limits of these promise without end, in figures
as long as the original has them: for those of RAM and swap see vzoversell and vzdeck node view.
`;

const OPTIONS: readonly OptionSpec[] = ['A', 'v', 'h'].map((short) => ({ name: '', short, value: false }));

const HINT =
  'Containers of RAM and swap have no limits of what is added up here: vzdeck node view adds them up by RAM and swap, vzoversell as well';

const MEGA = 2 ** 20;
const ID = 10;
const INDENT = ' '.repeat(ID + 1);

const line = (cells: readonly number[]): string => `${cells.map((cell) => printFixed(cell, 2).padStart(7)).join(' ')}\n`;
const cells = (use: MemoryUse): readonly number[] => MEMORY_COLUMN_NAMES.map((column) => use[column]);
const scaled = (use: MemoryUse, by: number): MemoryUse =>
  Object.fromEntries(MEMORY_COLUMN_NAMES.map((column) => [column, use[column] * by])) as Record<MemoryColumn, number>;
/** Whole megabytes of what each column is a share of. */
const capacities = (node: NodeMemory): readonly number[] =>
  MEMORY_COLUMN_NAMES.map((column) => Math.floor(Math.floor(CAPACITY[MEMORY_COLUMNS[column].of](node)) / MEGA));

export const VZMEMCHECK: Tool = {
  name: 'vzmemcheck',
  help: "the node's memory against what containers hold, are promised and may allocate",
  usage: USAGE,
  options: ['-v', '-A', '-h'],
  operands: 'none',
  run(args, open) {
    const given = new Set<string>();
    scanOptions(args, OPTIONS, ({ spec }) => {
      if (spec.short === 'h') throw new HelpAsked();
      given.add(spec.short ?? '');
    });
    const [verbose, mega] = [given.has('v'), given.has('A')];
    const tools = open().tools();
    const node = tools.memory();
    const running = tools.running();
    const accounts = tools.accounts().accounts.filter(({ id }) => id !== null && running.includes(id));
    // summed up as it is shown, which the last digits of what is promised without end tell
    const uses = accounts.map(({ rows }) => (mega ? scaled(memoryUse(rows), 1 / MEGA) : scaled(memoryShares(memoryUse(rows), node), 100)));
    const indent = verbose ? INDENT : '';
    process.stdout.write(
      [
        `Output values in ${mega ? 'Mbytes' : '%'}\n`,
        `${verbose ? 'CTID       ' : ''} LowMem  LowMem     RAM MemSwap MemSwap   Alloc   Alloc   Alloc\n`,
        `${indent}   util  commit    util    util  commit    util  commit   limit\n`,
        ...(verbose ? accounts.map(({ id }, at) => `${String(id).padEnd(ID)} ${line(cells(uses[at] as MemoryUse))}`) : []),
        verbose ? `${'-'.repeat(74)}\nSummary:   ` : '',
        line(cells(memorySum(uses))),
        mega ? indent + line(capacities(node)) : '',
      ].join(''),
    );
    if (accounts.some(({ rows }) => rows.some(({ name, limit }) => name === 'kmemsize' && isUnlimited(limit)))) hint(HINT);
    return 0;
  },
};
