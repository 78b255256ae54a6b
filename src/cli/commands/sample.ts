// vzdeck sample: the sample configs of the node, what one says, and a new one made of a container.
import { configLine, type Engine, humanBytes, PAGE, pairOf, type RunOptions, type SampleConfig, UNLIMITED } from '../../engine/index.ts';
import { scanOptions } from '../args.ts';
import { CliExit, type OptionRow } from '../command.ts';
import { columns } from '../format/columns.ts';
import { selectContainers } from '../select.ts';

export const SAMPLE_OPTIONS: readonly OptionRow[] = [
  {
    name: 'from',
    value: true,
    hint: 'CONTAINER',
    help: 'make a sample NAME of what the config of this container says, but for what is its own',
  },
];

export interface SampleCall {
  readonly engine: Engine;
  readonly run: RunOptions;
  readonly json: boolean;
  readonly dryRun: boolean;
}

/** Limits that tell samples apart, with bytes of their unit; 0: pieces. */
const SHOWN: readonly (readonly [head: string, key: string, unit: number])[] = [
  ['RAM', 'PHYSPAGES', Number(PAGE)],
  ['SWAP', 'SWAPPAGES', Number(PAGE)],
  ['NUMPROC', 'NUMPROC', 0],
  ['DISK', 'DISKSPACE', 1024],
];

function limit(text: string | undefined, unit: number): string {
  const pair = pairOf(text);
  if (pair === null) return '-';
  if (pair.limit >= UNLIMITED) return 'unlimited';
  return unit === 0 ? String(pair.limit) : humanBytes(Number(pair.limit) * unit);
}

const plain = ({ name, values }: SampleConfig): object => ({ name, values: Object.fromEntries(values) });

function list({ engine, json }: SampleCall): void {
  const samples = engine.samples();
  if (json) process.stdout.write(`${JSON.stringify(samples.map(plain))}\n`);
  else if (samples.length === 0)
    process.stdout.write('No sample yet: vzdeck sample NAME --from CONTAINER makes one, and so does vzsplit -f NAME\n');
  else {
    const rows = samples.map(({ name, values }) => [name, ...SHOWN.map(([, key, unit]) => limit(values.get(key), unit))]);
    process.stdout.write(columns(['NAME', ...SHOWN.map(([head]) => head)], rows));
  }
}

function show({ engine, json }: SampleCall, name: string): void {
  const sample = engine.samples().find((one) => one.name === name);
  if (!sample) throw new CliExit(21, `There is no sample ${name}: vzdeck sample lists them`);
  if (json) process.stdout.write(`${JSON.stringify(plain(sample))}\n`);
  else process.stdout.write([...sample.values].map(([key, value]) => `${configLine(key, value)}\n`).join(''));
}

async function make({ engine, run, json, dryRun }: SampleCall, name: string, from: string): Promise<void> {
  const ids = selectContainers(engine, [from]);
  const [id] = ids;
  if (id === undefined || ids.length > 1) throw new CliExit(21, `A sample is made of one container, and ${from} means ${ids.length}`);
  if (!engine.config(id).exists) throw new CliExit(21, `There is no container ${from}`);
  if (dryRun) {
    const lines = await engine.plan((planned) => planned.makeSample(id, name, run));
    if (json) process.stdout.write(`${JSON.stringify(lines)}\n`);
    else for (const { what, detail } of lines) process.stdout.write(`${what.padEnd(8)} ${detail}\n`);
    return;
  }
  await engine.makeSample(id, name, run);
  if (json) process.stdout.write(`${JSON.stringify({ name, file: engine.node.sample(name) })}\n`);
  else process.stdout.write(`${engine.node.sample(name)} is made: vzdeck create --config ${name} uses it\n`);
}

/** Throws CliExit 20 for too many words, 21 for a sample or container that there is not. */
export async function sample(words: readonly string[], call: SampleCall): Promise<void> {
  let from: string | null = null;
  const [name, ...more] = scanOptions(words, SAMPLE_OPTIONS, ({ value }) => {
    from = value;
  });
  if (more.length > 0) throw new CliExit(20, 'vzdeck sample takes one name');
  if (from !== null && name === undefined) throw new CliExit(20, 'What is the sample to be called? vzdeck sample NAME --from CONTAINER');
  if (name === undefined) list(call);
  else if (from === null) show(call, name);
  else await make(call, name, from);
}
