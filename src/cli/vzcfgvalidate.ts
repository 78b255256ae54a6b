// vzcfgvalidate: do the values of a config fit each other? With -r what does not is mended, with -i after asking.
import { type Engine, isVswap, type NodeSize, repairText, type Step, validation } from '../engine/index.ts';
import { type OptionSpec, scanOptions } from './args.ts';
import { CliExit } from './command.ts';
import { inputLines, type Lines } from './stdin.ts';
import { HelpAsked, Misuse, type Tool } from './tool.ts';

const USAGE = `Usage: vzcfgvalidate [-r|-i] [-v yes|no] CONFIGFILE

    -r           mend what does not fit, and save it
    -i           the same, asking each time
    -v yes|no    judge it as one of RAM and swap, or of beancounters; by default as what it is
`;

const OPTIONS: readonly OptionSpec[] = [
  { name: '', short: 'r', value: false },
  { name: '', short: 'i', value: false },
  { name: '', short: 'v', value: true },
  { name: '', short: 'h', value: false },
];

/** Exit status of a config that does not fit. */
const FAILED = 2;

interface Asked {
  repair: boolean;
  ask: boolean;
  vswap: boolean | null;
}

/** Enter is yes; when nobody answers any more, no. */
async function yes(lines: Lines): Promise<boolean> {
  for (;;) {
    process.stderr.write(' (y/n) [y] ');
    const line = await lines.next();
    if (line === null || line.startsWith('n')) return false;
    if (line === '' || line.startsWith('y')) return true;
  }
}

const told = ({ found }: Extract<Step, { found: unknown }>): string => {
  const { barrier, limit } = found.repair;
  return { both: `${barrier}:${limit}`, barrier: String(barrier), limit: String(limit) }[found.told];
};

/** Tells one step; `mend`: it is to be mended. */
async function tell(step: Step, { repair, ask }: Asked, lines: Lines): Promise<{ readonly mend: boolean; readonly fails: boolean }> {
  if ('missing' in step) {
    process.stderr.write(`Error: parameter ${step.missing} not found\n`);
    return { mend: false, fails: true };
  }
  const { severity, text } = step.found;
  process.stderr.write(`${severity}: ${text}\n`);
  if (repair || ask) process.stdout.write(`set to ${told(step)}\n`);
  const mend = ask ? await yes(lines) : repair;
  return { mend, fails: !mend && severity !== 'Recommendation' };
}

async function validate(engine: Engine, file: string, asked: Asked): Promise<number> {
  const tools = engine.tools();
  const config = tools.configAt(file);
  if (config === null) throw new CliExit(1, `Container configuration file ${file} not found`);
  const { values, remarks } = config;
  for (const { level, text } of remarks) if (level < 0) process.stderr.write(`${text}\n`);
  const size: NodeSize = engine.size();
  const steps = validation(values, size, asked.vswap ?? isVswap(values));
  const lines = inputLines();
  let failed = false;
  let at = steps.next();
  while (!at.done) {
    const { mend, fails } = await tell(at.value, asked, lines);
    failed ||= fails;
    at = steps.next(mend);
  }
  lines.close();
  if (failed) return FAILED;
  if (asked.repair || asked.ask) {
    const mended = [...at.value].map(([name, pair]) => [name.toUpperCase(), repairText(name, pair)] as const);
    await tools.saveConfigAt(file, { values: new Map([...values, ...mended]) });
    process.stdout.write(`CT configuration saved to ${file}\n`);
  }
  process.stderr.write('Validation completed: success\n');
  return 0;
}

export const VZCFGVALIDATE: Tool = {
  name: 'vzcfgvalidate',
  help: 'do the values of a config fit each other; -r mends what does not',
  usage: USAGE,
  options: ['-r', '-i', '-v'],
  operands: 'files',
  run(args, open) {
    const asked: Asked = { repair: false, ask: false, vswap: null };
    const words = scanOptions(args, OPTIONS, ({ spec, value }) => {
      if (spec.short === 'h') throw new HelpAsked();
      if (spec.short === 'r') asked.repair = true;
      else if (spec.short === 'i') asked.ask = true;
      else if (value !== 'yes' && value !== 'no') throw new Misuse(`Invalid argument for -v: ${value}`);
      else asked.vswap = value === 'yes';
    });
    if (asked.repair && asked.ask) throw new Misuse('-r mends without asking, -i asks: give one of them');
    if (words[0] === undefined) throw new Misuse('');
    return validate(open(), words[0], asked);
  },
};
