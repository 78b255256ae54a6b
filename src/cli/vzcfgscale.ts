// vzcfgscale: a config with its limits times a factor, on standard output or in another file.
import { findingsIn, type ScaleFactors, scaleValues } from '../engine/index.ts';
import { type OptionSpec, scanOptions } from './args.ts';
import { CliExit } from './command.ts';
import { HelpAsked, Misuse, type Tool } from './tool.ts';

const USAGE = `Usage: vzcfgscale [OPTIONS] CONFIGFILE

    -o, --output-file FILE     into this file; what it held is kept as FILE.bak. Without it standard output
    -a, --all FACTOR           all that the others are about
    -c, --cpu-only FACTOR      CPU units
    -d, --disk-only FACTOR     disk limits
    -u, --ubc-only FACTOR      beancounters
    -n, --network-only FACTOR  network rates
    -r, --remove               drop what belongs to one container alone: name, addresses, paths
    -v, --validate             refuse a result in which an Error of vzcfgvalidate is left
    -h, --help                 this
`;

const value = (name: string, short: string): OptionSpec => ({ name, short, value: true });
const flag = (name: string, short: string): OptionSpec => ({ name, short, value: false });
const OPTIONS: readonly OptionSpec[] = [
  value('output-file', 'o'),
  value('all', 'a'),
  value('cpu-only', 'c'),
  value('disk-only', 'd'),
  value('ubc-only', 'u'),
  value('network-only', 'n'),
  flag('remove', 'r'),
  flag('validate', 'v'),
  flag('help', 'h'),
];

/** Belong to one container: two that share them are in each other's way. */
const OWN_KEYS = 'HOSTNAME NAMESERVER SEARCHDOMAIN TEMPLATESET TEMPLATES VE_ROOT VE_PRIVATE IP_ADDRESS NAME'.split(' ');

const FACTORS: Readonly<Record<string, readonly (keyof ScaleFactors)[]>> = {
  'cpu-only': ['cpu'],
  'disk-only': ['disk'],
  'ubc-only': ['ubc'],
  'network-only': ['net'],
  all: ['cpu', 'disk', 'ubc', 'net'],
};

function factorOf(text: string): number {
  const factor = Number(text);
  if (text.trim() === '' || !Number.isFinite(factor) || factor <= 0) throw new CliExit(1, `Bad parameter ${text}`);
  return factor;
}

interface Asked {
  readonly given: ReadonlyMap<string, string>;
  readonly file: string;
}

function readWords(args: readonly string[]): Asked {
  const given = new Map<string, string>();
  const words = scanOptions(args, OPTIONS, ({ spec, value: text }) => {
    if (spec.name === 'help') throw new HelpAsked();
    given.set(spec.name, text);
  });
  if (words.length > 1) throw new CliExit(1, `non-option ARGV-elements: ${words.join(' ')} `);
  if (words[0] === undefined) throw new Misuse('');
  return { given, file: words[0] };
}

export const VZCFGSCALE: Tool = {
  name: 'vzcfgscale',
  help: 'a config with its limits times a factor',
  usage: USAGE,
  options: OPTIONS.map(({ name }) => `--${name}`),
  operands: 'files',
  async run(args, open) {
    const { given, file } = readWords(args);
    const asked = Object.entries(FACTORS).flatMap(([name, kinds]) => {
      const text = given.get(name);
      return text === undefined ? [] : kinds.map((kind) => [kind, factorOf(text)] as const);
    });
    const factors: ScaleFactors = Object.fromEntries(asked);
    const engine = open();
    const tools = engine.tools();
    const config = tools.configAt(file);
    if (config === null) throw new CliExit(1, `No such file ${file}`);
    const changed = scaleValues(new Map([...config.others, ...config.values]), factors);
    const unset = given.has('remove') ? OWN_KEYS : [];
    const broken = findingsIn(new Map([...config.values, ...changed]), engine.size()).filter(
      ({ severity }) => severity !== 'Recommendation',
    );
    for (const { severity, text } of given.has('validate') ? broken : []) process.stderr.write(`${severity}: ${text}\n`);
    if (given.has('validate') && broken.some(({ severity }) => severity === 'Error')) return 1;
    const output = given.get('output-file');
    if (output === undefined) process.stdout.write(tools.configText(file, { values: changed, unset }));
    else await tools.saveConfigAt(file, { values: changed, unset }, output);
    process.stderr.write('Scale completed: success\n');
    return 0;
  },
};
