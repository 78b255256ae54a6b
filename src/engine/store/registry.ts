// Which containers there are: configs and what they say, where their files lie. Knows nothing of what runs.
import { VzError } from '../errors.ts';
import { above } from '../host/paths.ts';
import type { Files, Host } from '../host/port.ts';
import { isCtid } from '../spec/ctid.ts';
import { strerror } from '../spec/errno.ts';
import { expandPath } from '../spec/params/grammar.ts';
import { type ReadConf, readConf, saveConf, type Values } from '../spec/params/read.ts';
import type { Remark } from '../spec/params/types.ts';
import type { NodeConfig } from './node-config.ts';

export interface CtConfig {
  readonly id: number;
  /** Path of the config. */
  readonly file: string;
  readonly exists: boolean;
  /** What the config itself says. */
  readonly own: Values;
  /** With what vz.conf says for all containers below it. */
  readonly values: Values;
  readonly remarks: readonly Remark[];
}

type Disk = Pick<Host, 'files'>;

/** Ids of all configs, ascending; 0 too, if the node has a config of its own. */
export function configIds({ files }: Disk, node: NodeConfig): { readonly ids: readonly number[]; readonly remarks: readonly Remark[] } {
  const names = (files.list(node.confDir) ?? []).filter((name) => /^\d+\.conf$/.test(name));
  const idOf = (name: string): number => Number(name.slice(0, -'.conf'.length));
  const invalid = names.filter((name) => !isCtid(idOf(name)));
  return {
    ids: names
      .map(idOf)
      .filter(isCtid)
      .sort((a, b) => a - b),
    remarks: invalid.map((name) => ({ level: -1, text: `Warning: invalid CTID in config file name: ${name}, skipping` })),
  };
}

/** What is needed of a config for whoever looks at many. */
export interface Wanted {
  /** Without aliases. */
  readonly keys: readonly string[];
  /** Of a file whose text has none of what is looked for, only what vz.conf says for all is needed. */
  readonly within?: (text: string) => boolean;
}

/** A backslash may stand in the middle of anything. */
const worthReading = (text: string, { within = () => true }: Partial<Wanted>): boolean => text.includes('\\') || within(text);

/** Reads a container's config, or what is `wanted` of it; without a file it is one in which nothing stands. Throws VzError 'config-unread'. */
export function readCt({ files }: Disk, node: NodeConfig, id: number, wanted: Partial<Wanted> = {}): CtConfig {
  const file = node.conf(id);
  let text: string | null;
  try {
    text = files.read(file);
  } catch (error) {
    throw new VzError('config-unread', { path: file, cause: strerror(error) }, error);
  }
  const { values: own, remarks }: ReadConf =
    text === null || !worthReading(text, wanted) ? { values: new Map(), remarks: [] } : readConf(text, file, node.around, wanted.keys);
  // A layout of vz.conf is for new containers only.
  const values = new Map(node.defaults);
  values.delete('VE_LAYOUT');
  for (const [key, value] of own) values.set(key, value);
  return { id, file, exists: text !== null, own, values, remarks };
}

/** The same for whoever looks at many: a config that cannot be read says nothing but why. */
export function lookAtCt(disk: Disk, node: NodeConfig, id: number, wanted?: Wanted): CtConfig {
  try {
    return readCt(disk, node, id, wanted);
  } catch (error) {
    if (!(error instanceof VzError)) throw error;
    const nothing = new Map<string, string>();
    return { id, file: node.conf(id), exists: true, own: nothing, values: nothing, remarks: [{ level: -1, text: error.message }] };
  }
}

/** VE_PRIVATE or VE_ROOT as the config means it, without the prefix; null when it is not set. */
export function configuredPath(config: CtConfig, key: 'VE_PRIVATE' | 'VE_ROOT'): string | null {
  const template = config.values.get(key);
  return template ? expandPath(template, config.id) : null;
}

/** The same with the prefix, for texts; "" when it is not set. */
export function shownPath(node: NodeConfig, config: CtConfig, key: 'VE_PRIVATE' | 'VE_ROOT'): string {
  const path = configuredPath(config, key);
  return path === null ? '' : node.shown(path);
}

/** Where the private area lies on this node; null when VE_PRIVATE is not set. */
export function privateOf(node: NodeConfig, config: CtConfig): string | null {
  const path = configuredPath(config, 'VE_PRIVATE');
  return path === null ? null : node.place(path);
}

/** The mount point on this node; null when VE_ROOT is not set. */
export function rootOf(node: NodeConfig, config: CtConfig): string | null {
  const path = configuredPath(config, 'VE_ROOT');
  return path === null ? null : node.place(path);
}

/**
 * The layout that the config names; where it names none, an image descriptor in the private area means ploop.
 * Only names are looked at, level by level without following a link.
 */
export function layoutOf({ files }: Disk, node: NodeConfig, config: CtConfig): 'simfs' | 'overlay' | 'ploop' {
  const named = config.own.get('VE_LAYOUT');
  if (named === 'simfs' || named === 'overlay' || named === 'ploop') return named;
  const area = privateOf(node, config);
  const image = area !== null && files.lstat(`${area}/root.hdd`)?.type === 'dir' && files.lstat(`${area}/root.hdd/DiskDescriptor.xml`);
  return image ? 'ploop' : 'simfs';
}

/** Where a link leads in the end, so that a config that is one stays one. */
function target(files: Files, path: string, depth = 8): string {
  const link = files.lstat(path)?.type === 'link' ? files.readLink(path) : null;
  if (link === null || depth === 0) return path;
  return target(files, link.startsWith('/') ? link : `${above(path)}/${link}`, depth - 1);
}

function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** So many arguments does a call take without trouble. */
const PIECE = 8192;

/** Text whose characters are the bytes of the UTF-8 form: what is not changed in a config stays byte for byte, whatever its encoding. */
function asBytes(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += PIECE) pieces.push(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
  return pieces.join('');
}
const NOTHING = new Uint8Array();
const utf8 = (text: string): string => asBytes(new TextEncoder().encode(text));

/**
 * Writes changed values into the config, atomically; lines of other values, comments and order stay. A missing file is made.
 * `base`: a sample's text that takes the place of what the file holds; `unset`: keys of which nothing is to be left.
 */
export function saveCt(
  { files }: Disk,
  config: Pick<CtConfig, 'file' | 'own'>,
  changed: Values,
  base?: string,
  unset: readonly string[] = [],
): void {
  const before = files.readBytes(config.file);
  const encode = (values: Values): Values => new Map([...values].map(([key, value]) => [key, utf8(value)]));
  const text = saveConf(base === undefined ? asBytes(before ?? NOTHING) : utf8(base), encode(config.own), encode(changed), unset);
  const bytes = bytesOf(text);
  if (before && bytes.length === before.length && bytes.every((byte, at) => byte === before[at])) return;
  files.write(target(files, config.file), bytes, before ? (files.stat(config.file)?.mode ?? 0o644) : 0o644);
}
