// A container's config as a file: values in and out of it, whatever runs. What acts on a running container is set's affair.
import { VzError } from '../errors.ts';
import { parseConf } from '../spec/conf.ts';
import { strerror } from '../spec/errno.ts';
import { checkConf, type Finding } from '../spec/params/check.ts';
import { paramOf } from '../spec/params/table.ts';
import type { Around } from '../spec/params/types.ts';
import { type CtConfig, configIds, readCt, saveCt } from '../store/registry.ts';
import { assignName } from '../store/registry-names.ts';
import { runVerb } from './run-verb.ts';
import { liveState, viewNode } from './state.ts';
import type { Reader, VerbContext } from './verb.ts';

export interface ConfigEdit {
  /** By key, as the file would have it: bare amounts are in base units. Keys that are no parameter's are for scripts. */
  readonly set?: Readonly<Record<string, string>>;
  readonly unset?: readonly string[];
}

/** What a shell takes for a name. */
const KEY = /^[A-Za-z_]\w*$/;

/** Where they lie cannot change under what runs. */
const FIXED = ['VE_PRIVATE', 'VE_ROOT'];

/** Canonical value under its usual key. Throws VzError 'bad-value'. */
function canonical([key, text]: readonly [string, string], around: Around): readonly [string, string] {
  const param = paramOf(key);
  if (!param && !KEY.test(key)) throw new VzError('bad-value', { key, value: text, hint: 'a key of letters, digits and _' });
  if (!param && /[\n\r\0]/.test(text)) throw new VzError('bad-value', { key, value: text, hint: 'text of one line' });
  if (!param) return [key, text];
  const reading = (param.grammar.readFile ?? param.grammar.read)(text, around);
  if (!reading.ok) throw new VzError('bad-value', { key: param.key, value: text, hint: param.grammar.hint });
  return [param.key, reading.value];
}

/** Throws VzError 'no-config', 'bad-value', 'path-running', 'name-conflict', 'name-link'. Nothing is changed then. */
export async function editConfig(context: VerbContext, id: number, edit: ConfigEdit): Promise<void> {
  const { host, node, report } = context;
  await runVerb(context, { verb: 'config', id, behind: ['set', 'config'] }, async (_undo, telling) => {
    const config = readCt(host, node, id);
    if (!config.exists) throw new VzError('no-config');
    const set = new Map(Object.entries(edit.set ?? {}).map((one) => canonical(one, node.around)));
    const unset = (edit.unset ?? []).map((key) => paramOf(key)?.key ?? key);
    const { init } = liveState(context, viewNode(host), { id, exists: true, root: '' });
    const touched = [...set.keys(), ...unset];
    for (const key of init ? FIXED : []) if (touched.includes(key)) throw new VzError('path-running', { key });
    if (touched.includes('NAME')) assignName(host, node, id, set.get('NAME') ?? '', config.own.get('NAME'));
    telling.changed(config.values, new Map([...set, ...unset.map((key) => [key, ''] as const)]));
    const before = host.files.read(config.file);
    saveCt(host, config, set, undefined, unset);
    if (host.files.read(config.file) === before) {
      report({ level: 0, text: 'No changes in CT configuration, not saving' });
      return;
    }
    report({ level: 0, text: `CT configuration saved to ${config.file}` });
    if (init) report({ level: 0, text: `What runs is as it was: vzdeck diff ${id} compares` });
  });
}

type Disk = Pick<Reader, 'host' | 'node'>;

/** What the text of a config says under keys that are no parameter's; of two lines the last one counts, as it does for shells. */
export function otherKeys(text: string): ReadonlyMap<string, string> {
  const { lines } = parseConf(text);
  return new Map(lines.filter(({ key }) => !paramOf(key) && KEY.test(key)).map(({ key, value }) => [key, value]));
}

export const otherValues = ({ host }: Disk, { file }: CtConfig): ReadonlyMap<string, string> => otherKeys(host.files.read(file) ?? '');

/** Every config of the node: vz.conf, containers, samples. */
export function configFiles({ host, node }: Disk): readonly string[] {
  const samples = (host.files.list(node.confDir) ?? []).filter((name) => /^ve-.*\.conf-sample$/.test(name)).sort();
  return [node.vzConf, ...configIds(host, node).ids.map(node.conf), ...samples.map((name) => `${node.confDir}/${name}`)];
}

/** What is wrong with a config. Throws VzError 'config-unread'. */
export function checkConfig({ host, node }: Disk, file: string): readonly Finding[] {
  let text: string | null;
  let cause = strerror('ENOENT');
  try {
    text = host.files.read(file);
  } catch (error) {
    text = null;
    cause = strerror(error);
  }
  if (text === null) throw new VzError('config-unread', { path: file, cause });
  return checkConf(text, node.around, /\/\d+\.conf$/.test(file));
}
