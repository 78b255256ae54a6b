// Sample configs of the node: which there are, what each says, and how one is made from a container.
import { VzError } from '../errors.ts';
import { saveConf, type Values } from '../spec/params/read.ts';
import { readCt } from '../store/registry.ts';
import { journaled } from './journaled.ts';
import { readSample } from './read-sample.ts';
import type { VerbContext } from './verb.ts';

export interface SampleConfig {
  readonly name: string;
  /** Canonical. */
  readonly values: Values;
}

const FILE = /^ve-(.+)\.conf-sample$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** What makes a container the one it is, and what follows from how it was made: in no sample. */
export const NOT_IN_SAMPLES: ReadonlySet<string> = new Set(
  (
    'VE_ROOT VE_PRIVATE VE_LAYOUT OSTEMPLATE ORIGIN_SAMPLE NAME HOSTNAME DESCRIPTION IP_ADDRESS NETIF NETDEV PCI ' +
    'LOCAL_UID LOCAL_GID VZDECK_IDBASE VZDECK_USERLAND'
  ).split(' '),
);

/** By name; one that cannot be read says nothing. */
export function listSamples(context: VerbContext): readonly SampleConfig[] {
  const names = (context.host.files.list(context.node.confDir) ?? []).flatMap((file) => FILE.exec(file)?.[1] ?? []).sort();
  return names.map((name) => ({ name, values: valuesOf(context, name) }));
}

function valuesOf(context: VerbContext, name: string): Values {
  try {
    return new Map([...(readSample(context, name)?.values ?? [])].filter(([key]) => !NOT_IN_SAMPLES.has(key)));
  } catch (error) {
    if (error instanceof VzError) return new Map();
    throw error;
  }
}

/** Why a sample can't be called so; "" when it can. */
export const sampleNameFault = (name: string): string =>
  NAME.test(name) ? '' : 'Letters, digits and _ . - only, a letter or digit first, at most 64';

/** Throws VzError 'bad-value' for a name that is none, 'sample-exists', 'config-unread'. */
export async function makeSample(context: VerbContext, id: number, name: string): Promise<void> {
  const { host, node } = context;
  const fault = sampleNameFault(name);
  if (fault !== '') throw new VzError('bad-value', { key: 'name of the sample', value: name, hint: fault });
  await journaled(context, { verb: 'sample', id }, async () => {
    const path = node.sample(name);
    if (host.files.lstat(path) !== null) throw new VzError('sample-exists', { path });
    const values = new Map([...readCt(host, node, id).own].filter(([key]) => !NOT_IN_SAMPLES.has(key)));
    host.files.write(path, saveConf(`# Made from container ${id}\n`, new Map(), values), 0o644);
  });
}
