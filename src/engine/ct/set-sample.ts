// What a sample config asks of an existing container (--applyconfig).
import { VzError } from '../errors.ts';
import { type Changes, readConf } from '../spec/params/read.ts';
import type { VerbContext } from './verb.ts';

/** What makes a container the one it is, and planning values, are not taken from a sample. */
const NOT_TAKEN = new Set('VE_ROOT VE_PRIVATE VE_LAYOUT OSTEMPLATE HOSTNAME DESCRIPTION IP_ADDRESS AVNUMPROC VZDECK_IDBASE'.split(' '));

/** Changes that a sample leads to. Throws VzError 'no-applyconfig' when there is no such sample. */
export function sampleChanges({ host, node, report }: VerbContext, name: string): Changes {
  const path = node.sample(name);
  const text = name.includes('/') ? null : host.files.read(path);
  if (text === null) throw new VzError('no-applyconfig', { path });
  const { values, remarks } = readConf(text, path, node.around);
  for (const remark of remarks) report(remark);
  if (!values.has('ORIGIN_SAMPLE')) values.set('ORIGIN_SAMPLE', name);
  return new Map([...values].filter(([key]) => !NOT_TAKEN.has(key)).map(([key, set]) => [key, { set }]));
}
