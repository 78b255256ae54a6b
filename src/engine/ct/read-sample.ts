// A sample config by its name: what it says, and where that comes from.
import { readConf } from '../spec/params/read.ts';
import type { VerbContext } from './verb.ts';

export interface ReadSample {
  readonly text: string;
  /** With ORIGIN_SAMPLE. */
  readonly values: Map<string, string>;
}

/** null: there is none of that name. What is wrong in it is reported. */
export function readSample({ host, node, report }: VerbContext, name: string): ReadSample | null {
  const path = node.sample(name);
  const text = name.includes('/') ? null : host.files.read(path);
  if (text === null) return null;
  const { values, remarks } = readConf(text, path, node.around);
  for (const remark of remarks) report(remark);
  if (!values.has('ORIGIN_SAMPLE')) values.set('ORIGIN_SAMPLE', name);
  return { text, values };
}
