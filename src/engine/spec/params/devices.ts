// Devices that a container may use: by number, by name, by PCI address.

import { cgroup, nobody } from './enforcer.ts';
import { refused, refusedList, taken, union, words } from './grammar.ts';
import { mergeWords } from './net.ts';
import type { Around, Change, Grammar, Merged, Param, Reading } from './types.ts';

/** Loop devices show any file of the node. */
const LOOP_MAJOR = 7;

/** Letters in the order r w q, each once; "" for none; null when there is another one. */
function rights(text: string): string | null {
  if (text === 'none') return 'none';
  if (!/^[rwq]*$/.test(text)) return null;
  return [...'rwq'].filter((letter) => text.includes(letter)).join('');
}

const deviceOf = (item: string): string => item.slice(0, item.lastIndexOf(':'));

/** The last word about a device counts. */
const lastWords = (items: readonly string[]): string =>
  [...new Map(items.filter((item) => item !== '').map((item) => [deviceOf(item), item])).values()].join(' ');
const join = (first: string, second: string): string => lastWords([...words(first), ...words(second)]);

function merge(before: string | undefined, change: Change): Merged {
  if (!change.set) return { ok: true, value: null };
  const value = words(join(before ?? '', change.set))
    .filter((item) => !item.endsWith(':none'))
    .join(' ');
  return { ok: true, value: before === undefined && value === '' ? null : value };
}

const print = (value: string): string => (value === '' ? '' : `${value} `);

/** A device by number: all minors where minor is null; access of r and w. */
export interface NumberedDevice {
  readonly type: 'b' | 'c';
  readonly major: number;
  readonly minor: number | null;
  readonly access: string;
}

/** Quota rights (q) have no counterpart. */
const access = (rights: string): string => rights.replace('q', '');

/** Of a canonical value of DEVICES. */
export function parseDevices(value: string | undefined): readonly NumberedDevice[] {
  return words(value ?? '').flatMap((item) => {
    const [type, major, minor, allowed] = item.split(':');
    if (type !== 'b' && type !== 'c') return [];
    return [{ type, major: Number(major), minor: minor === 'all' ? null : Number(minor), access: access(allowed ?? '') }];
  });
}

/** Of a canonical value of DEVNODES: names below /dev of the node, which may be gone. Names that lead elsewhere are left out. */
export function parseDevnodes(value: string | undefined): readonly { readonly name: string; readonly access: string }[] {
  return words(value ?? '').flatMap((item) => {
    const name = deviceOf(item);
    const good = /^[\w.+:-]+(\/[\w.+:-]+)*$/.test(name) && !/(^|\/)\.\.?(\/|$)/.test(name);
    return good ? [{ name, access: access(item.slice(name.length + 1)) }] : [];
  });
}

function readNumber(item: string): string | null {
  const match = /^([bc]):(\d+):(\d+|all):(.+)$/.exec(item);
  const allowed = rights(match?.[4] ?? 'x');
  if (!match || !allowed || Number(match[2]) === LOOP_MAJOR) return null;
  return `${match[1]}:${Number(match[2])}:${match[3] === 'all' ? 'all' : Number(match[3])}:${allowed}`;
}

const byNumber: Grammar = {
  hint: 'b|c:MAJOR:MINOR|all:[r][w][q]|none, separated by blanks',
  read(text) {
    const items = words(text).map(readNumber);
    return items.every((item) => item !== null) ? taken(lastWords(items)) : refusedList(text);
  },
  join,
  merge,
  print,
  examples: ['c:10:200:rw', 'c:10:200:rw b:8:all:r', ''],
};

/** NAME:rights of one word; a text says why it is refused, null that it is so without one. */
function readName(item: string, around: Around): { readonly item: string } | { readonly remark: string } | null {
  const at = item.lastIndexOf(':');
  const name = item.slice(0, at);
  if (at < 0) return null;
  const device = around.device(`/dev/${name}`);
  if (typeof device === 'string') return { remark: `Incorrect device name /dev/${name}: ${device}` };
  if (device.type === 'other') return { remark: `The /dev/${name} is not block or character device` };
  if (device.major === LOOP_MAJOR) return { remark: `Device ${name} is not allowed to be assigned to a CT` };
  const allowed = rights(item.slice(at + 1));
  return allowed === null ? null : { item: allowed === '' ? '' : `${name}:${allowed}` };
}

function readNames(text: string, around: Around): Reading {
  const items: string[] = [];
  for (const word of words(text)) {
    const device = readName(word, around);
    if (!device) return refusedList(text);
    if ('remark' in device) return { ...refusedList(text), remarks: [{ level: -1, text: device.remark }] };
    items.push(device.item);
  }
  return taken(lastWords(items));
}

const byName: Grammar = {
  hint: 'NAME:[r][w][q]|none, NAME below /dev of the node, separated by blanks',
  read: readNames,
  // A config may have come from another node: names that are not here stay in it.
  readFile: (text) => taken(words(text).join(' ')),
  join,
  merge,
  print,
  examples: ['null:rw', 'null:rw net/tun:rw', ''],
};

/** [DOMAIN:]BUS:SLOT.FUNCTION; as with sscanf, what follows is not looked at. */
function readPci(item: string): string | null {
  const match = /^(?:([0-9a-f]+):)?([0-9a-f]+):([0-9a-f]+)\.(\d+)/i.exec(item);
  if (!match) return null;
  const hex = (text: string | undefined, width: number): string =>
    Number.parseInt(text ?? '0', 16)
      .toString(16)
      .padStart(width, '0');
  return `${hex(match[1], 4)}:${hex(match[2], 2)}:${hex(match[3], 2)}.${Number(match[4])}`;
}

const pci: Grammar = {
  hint: '[DOMAIN:]BUS:SLOT.FUNCTION, separated by blanks',
  read(text) {
    const items = words(text).map(readPci);
    return items.includes(null) ? refused : taken(items.join(' '));
  },
  join: union,
  merge: mergeWords,
  examples: ['0000:00:1f.2', ''],
};

export const DEVICES: Param = {
  key: 'DEVICES',
  grammar: byNumber,
  flags: [{ name: 'devices', op: 'set' }],
  repeat: 'add',
  acts: 'live',
  effect: 'live',
  enforcer: cgroup('devices', { 1: 'devices.allow' }, 'a BPF program on v2'),
  help: 'devices that may be used, by number; a node is made inside where the kernel knows its name',
};
export const DEVNODES: Param = {
  key: 'DEVNODES',
  grammar: byName,
  flags: [{ name: 'devnodes', op: 'set' }],
  repeat: 'add',
  acts: 'live',
  effect: 'live',
  enforcer: cgroup('devices', { 1: 'devices.allow' }, 'a BPF program on v2'),
  help: 'devices that may be used, by name; their nodes are made inside',
};
export const PCI: Param = {
  key: 'PCI',
  grammar: pci,
  flags: [
    { name: 'pci_add', op: 'add' },
    { name: 'pci_del', op: 'del', help: 'gives PCI devices back' },
  ],
  repeat: 'add',
  acts: 'live',
  effect: 'none',
  enforcer: nobody('a container without rights over the machine cannot own a PCI device: give it the nodes of its driver by --devnodes'),
  help: 'PCI devices of the node that the container gets',
};
