// Which sample config a new container starts from, and which value wins: vz.conf < an existing config < the sample < the command line.
import { VzError } from '../errors.ts';
import { strerror } from '../spec/errno.ts';
import type { Values } from '../spec/params/read.ts';
import type { CtConfig } from '../store/registry.ts';
import { readSample } from './read-sample.ts';
import type { VerbContext } from './verb.ts';

export interface Sample {
  /** Text of the sample, which becomes the config; null: the config that is there stays. */
  readonly text: string | null;
  readonly values: Values;
}

const NO_SAMPLE: Sample = { text: null, values: new Map() };

function read(context: VerbContext, name: string, hint: string): Sample {
  const sample = readSample(context, name);
  if (sample) return sample;
  throw new VzError('sample-missing', { path: context.node.sample(name), cause: strerror('ENOENT'), after: hint });
}

const KEPT = [
  'Warning: CT config file already exists, not applying a default config sample.',
  'It might lead to incomplete CT configuration, you can use --applyconfig to fix.',
];

/** `wanted` is --config. Throws VzError 'sample-missing', 'sample-refused' (82). */
export function chooseSample(context: VerbContext, config: CtConfig, wanted: string | undefined): Sample {
  const { node, report } = context;
  if (wanted !== undefined) {
    const sample = read(context, wanted, '');
    if (config.exists) throw new VzError('sample-refused', { path: config.file });
    return sample;
  }
  const usual = node.values.get('CONFIGFILE');
  if (!usual) return NO_SAMPLE;
  if (!config.exists) return read(context, usual, `Fix the value of CONFIGFILE in ${node.vzConf}`);
  for (const text of KEPT) report({ level: 0, text });
  return NO_SAMPLE;
}
