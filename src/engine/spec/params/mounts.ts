// Bind mounts: directories and files of the node that a container sees inside. Knows how they are written, not whether they are there.
import { kernel } from './enforcer.ts';
import { refusedList, taken, union, words } from './grammar.ts';
import type { Change, Grammar, Merged, Param, Reading } from './types.ts';

/** In the order in which they are written, and what each does. */
export const BIND_OPTIONS = {
  ro: 'nothing can be written, whatever root inside does',
  noexec: 'no program of it is executed',
  nosuid: 'setuid bits in it do not count',
  nodev: 'device nodes in it cannot be opened; always so',
  noatime: 'reading leaves no time of access',
  rec: 'with the file systems that are mounted below it',
  plain: 'ids are not mapped: owners show as nobody, what is made belongs to ids of the container’s range',
  trusted: 'although users of the node reach it, and root inside could leave setuid programs there for them',
} as const;
export type BindOption = keyof typeof BIND_OPTIONS;

const OPTIONS = Object.keys(BIND_OPTIONS) as readonly BindOption[];

export interface BindMount {
  /** On the node. */
  readonly source: string;
  /** In the container. */
  readonly place: string;
  readonly options: readonly BindOption[];
}

/** Without the marks of the list, links of a path to itself, and what would end a line. */
const PATH = /^(\/(?!\.{1,2}(?:\/|$))[^/\s:,"'`$\\]+)+$/;
/** What the container's own views of the kernel stand on. */
const KERNELS = /^\/(proc|sys|dev)(\/|$)/;

const plainPath = (text: string): string => text.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');

const printBind = ({ source, place, options }: BindMount): string => [`${source}:${place}`, ...options].join(',');

/** A text says why it is none. */
function readBind(item: string): BindMount | string {
  const [paths = '', ...options] = item.split(',');
  const [source = '', place = '', ...more] = paths.split(':').map(plainPath);
  const unknown = options.find((option) => !OPTIONS.includes(option as BindOption));
  if (more.length > 0 || place === '') return 'expected SOURCE:PLACE[,OPTION…]';
  if (unknown !== undefined) return `there is no option ${unknown}, only ${OPTIONS.join(', ')}`;
  for (const path of [source, place])
    if (!PATH.test(path)) return `${path || 'the source'} is no absolute path without blanks, quotes, colons, "." and ".."`;
  if (KERNELS.test(place)) return `${place} belongs to the container’s own view of the kernel`;
  if (KERNELS.test(source)) return `${source} speaks of the whole node; devices are given by --devnodes`;
  return { source, place, options: OPTIONS.filter((option) => options.includes(option)) };
}

/** Of a canonical value. */
export function parseBinds(value: string | undefined): readonly BindMount[] {
  return words(value ?? '').flatMap((item) => {
    const bind = readBind(item);
    return typeof bind === 'string' ? [] : [bind];
  });
}

export const printBinds = (binds: readonly BindMount[]): string => binds.map(printBind).join(' ');

/** The last word about a place counts. */
function join(first: string, second: string): string {
  return printBinds([...new Map([...parseBinds(first), ...parseBinds(second)].map((bind) => [bind.place, bind])).values()]);
}

function read(text: string): Reading {
  const binds: BindMount[] = [];
  for (const item of words(text)) {
    const bind = readBind(item);
    if (typeof bind === 'string')
      return { ok: false, fault: 'syntax', shown: item, remarks: [{ level: -1, text: `Bind mount ${item}: ${bind}` }] };
    binds.push(bind);
  }
  return taken(join('', printBinds(binds)));
}

/** Taken away before new ones come. */
function merge(before: string | undefined, change: Change): Merged {
  if (change.set !== undefined) return { ok: true, value: change.set };
  if (change.add === undefined && change.del === undefined) return { ok: true, value: null };
  const gone = words(change.del ?? '');
  const kept = parseBinds(before).filter(({ place }) => gone[0] !== 'all' && !gone.includes(place));
  return { ok: true, value: join(printBinds(kept), change.add ?? '') };
}

const binds: Grammar = {
  hint: `SOURCE:PLACE[,OPTION…], separated by blanks; options: ${OPTIONS.join(', ')}`,
  read,
  readFile: (text) => {
    const reading = read(text);
    return reading.ok ? reading : refusedList(text);
  },
  join,
  merge,
  examples: ['/srv/data:/data', '/srv/data:/data,ro,noexec /srv/list:/etc/list', ''],
};

const places: Grammar = {
  ...binds,
  hint: 'places in the container, separated by blanks, or all',
  read: (text) => {
    const list = words(text).map(plainPath);
    return list[0] === 'all' || list.every((place) => PATH.test(place)) ? taken(list.join(' ')) : refusedList(text);
  },
  join: union,
  examples: ['/data', 'all'],
};

export const BINDMOUNT: Param = {
  key: 'BINDMOUNT',
  grammar: binds,
  flags: [
    { name: 'bindmount_add', op: 'add' },
    { name: 'bindmount_del', op: 'del', grammar: places, help: 'takes bind mounts away, by their places' },
  ],
  repeat: 'add',
  acts: 'live',
  effect: 'live',
  enforcer: kernel('a clone of the mount with mapped ids and locked flags'),
  help: 'directories and files of the node that the container sees inside',
};
