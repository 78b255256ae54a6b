// What a sample config asks of an existing container (--applyconfig).
import { VzError } from '../errors.ts';
import type { Changes } from '../spec/params/read.ts';
import { readSample } from './read-sample.ts';
import type { VerbContext } from './verb.ts';

/** What makes a container the one it is, and planning values, are not taken from a sample. */
const NOT_TAKEN = new Set('VE_ROOT VE_PRIVATE VE_LAYOUT OSTEMPLATE HOSTNAME DESCRIPTION IP_ADDRESS AVNUMPROC VZDECK_IDBASE'.split(' '));

/** Changes that a sample leads to. Throws VzError 'no-applyconfig' when there is no such sample. */
export function sampleChanges(context: VerbContext, name: string): Changes {
  const sample = readSample(context, name);
  if (!sample) throw new VzError('no-applyconfig', { path: context.node.sample(name) });
  return new Map([...sample.values].filter(([key]) => !NOT_TAKEN.has(key)).map(([key, set]) => [key, { set }]));
}
