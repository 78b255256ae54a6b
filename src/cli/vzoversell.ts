// vzoversell: RAM and swap of all containers against what the node has.
import { type OversellFlag, type Oversold, oversell, PAGE, shortAmount, shortPercent, UBC_VERSION } from '../engine/index.ts';
import { CliExit } from './command.ts';
import { HelpAsked, type Tool } from './tool.ts';

const USAGE = `Usage: vzoversell [FILE]

FILE is one as /proc/bc/resources; without it what runs now is told.
`;

const FLAGS: Readonly<Record<OversellFlag, readonly [letter: string, help: string]>> = {
  guessed: ['R', 'non-VSwap container, RAM limit guessed based on privvmpages'],
  'no-ram': ['U', 'unlimited RAM, not counted into total RAM limit'],
  'no-swap': ['S', 'unlimited swap (ok for non-vswap), not counted into total swap limit'],
  'ram-fails': ['f', 'RAM failctl > 0 (swap used), use vzubc to check details'],
  fails: ['F', 'beancounter failctl > 0, use vzubc to check details'],
};

const pages = (value: bigint): string => shortAmount(value, true).padStart(5);
const four = ({ held, maxheld, limit, failcnt }: Oversold): string =>
  `${pages(held)} ${pages(maxheld)} ${pages(limit)} ${shortAmount(failcnt).padStart(5)}`;

export const VZOVERSELL: Tool = {
  name: 'vzoversell',
  help: 'RAM and swap of all containers against what the node has',
  usage: USAGE,
  options: ['-h', '--help'],
  operands: 'files',
  run(args, open) {
    if (args.some((word) => word === '-h' || word === '--help')) throw new HelpAsked();
    const tools = open().tools();
    const { version, accounts } = tools.accounts(args[0]);
    if (version !== null && version !== UBC_VERSION) throw new CliExit(1, `Error: unknown version: ${version}`);
    const node = tools.memory();
    const { rows, ram, swap } = oversell(accounts);
    const had = { RAM: BigInt(node.ram) / PAGE, Swap: BigInt(node.swap) / PAGE };
    const sums: readonly (readonly [string, bigint, bigint])[] = [
      ['RAM', had.RAM, ram.limit],
      ['Swap', had.Swap, swap.limit],
      ['RAM+Swap', had.RAM + had.Swap, ram.limit + swap.limit],
    ];
    const flags = new Set(rows.flatMap((row) => row.flags));
    const legend = Object.entries(FLAGS).filter(([flag]) => flags.has(flag as OversellFlag));
    process.stdout.write(
      [
        '           --------- RAM ---------  -------- Swap ---------  Flags\n',
        '            used  peak limit fails   used  peak limit fails\n',
        ...rows.map(
          (row) =>
            `${String(row.id).padStart(10)} ${four(row.ram)}  ${four(row.swap)}  ${row.flags.map((flag) => FLAGS[flag][0]).join('')}\n`,
        ),
        '           ----- ----- ----- -----  ----- ----- ----- -----\n',
        ` TOTAL     ${four(ram)}  ${four(swap)}\n\n`,
        ...sums.map(
          ([name, all, sold]) =>
            `${name.padEnd(10)} available: ${pages(all)}  allocated: ${pages(sold)}  oversell: ${shortPercent(sold, all)}\n`,
        ),
        ...(legend.length === 0 ? [] : ['\nFlags:\n', ...legend.map(([, [letter, help]]) => `  ${letter}: ${help}\n`)]),
      ].join(''),
    );
    return 0;
  },
};
