// A sample config by its name: what it says, and where that comes from.
import { VzError } from '../errors.ts';
import { strerror } from '../spec/errno.ts';
import { readConf } from '../spec/params/read.ts';
import type { VerbContext } from './verb.ts';

export interface ReadSample {
  readonly text: string;
  /** With ORIGIN_SAMPLE. */
  readonly values: Map<string, string>;
}

function readText({ files }: VerbContext['host'], path: string): string | null {
  try {
    return files.read(path);
  } catch (error) {
    throw new VzError('sample-missing', { path, cause: strerror(error) }, error);
  }
}

/** null: there is none of that name. What is wrong in it is reported. Throws VzError 'sample-missing' for one that cannot be read. */
export function readSample({ host, node, report }: VerbContext, name: string): ReadSample | null {
  const path = node.sample(name);
  const text = name.includes('/') ? null : readText(host, path);
  if (text === null) return null;
  const { values, remarks } = readConf(text, path, node.around);
  for (const remark of remarks) report(remark);
  if (!values.has('ORIGIN_SAMPLE')) values.set('ORIGIN_SAMPLE', name);
  return { text, values };
}
