// Ports of the node that lead to a container, "tcp:8080:80 udp:53:53".
import { kernel } from './enforcer.ts';
import { refusedList, taken, union, words } from './grammar.ts';
import { mergeWords } from './net.ts';
import type { Grammar, Items, Param, Reading } from './types.ts';

export interface Forward {
  readonly protocol: 'tcp' | 'udp';
  /** Of the node, and of the container. */
  readonly port: number;
  readonly to: number;
}

const ITEM = /^(tcp|udp):(\d{1,5}):(\d{1,5})$/;
const isPort = (n: number): boolean => n > 0 && n < 65_536;

/** Of a canonical value; what is none is left out. */
export function parseForwards(value: string | undefined): readonly Forward[] {
  return words(value ?? '').flatMap((item) => {
    const [, protocol, port, to] = ITEM.exec(item) ?? [];
    const forward = { protocol: protocol as Forward['protocol'], port: Number(port), to: Number(to) };
    return isPort(forward.port) && isPort(forward.to) ? [forward] : [];
  });
}

const print = ({ protocol, port, to }: Forward): string => `${protocol}:${port}:${to}`;

/** A port of the node leads to one place: the last word about it counts. */
const distinct = (list: readonly Forward[]): string =>
  [...new Map(list.map((one) => [`${one.protocol}:${one.port}`, one])).values()].map(print).join(' ');

function read(text: string): Reading {
  const forwards = parseForwards(text);
  return forwards.length === words(text).length ? taken(distinct(forwards)) : refusedList(text);
}

const PROTOCOLS = ['tcp', 'udp'];
const portFault = (text: string): string | null =>
  /^\d{1,5}$/.test(text) && isPort(Number(text)) ? null : 'expected a port from 1 to 65535';

const items: Items = {
  one: 'port',
  fields: [
    { name: 'protocol', help: 'tcp or udp', choices: PROTOCOLS },
    { name: 'port', help: 'of the node', fault: portFault },
    { name: 'inside', help: 'port of the container that it leads to', fault: portFault },
  ],
  split: (value) => parseForwards(value).map(({ protocol, port, to }) => ({ protocol, port: String(port), inside: String(to) })),
  separator: ' ',
  free: 'This port of the node leads to no other container',
  read: ({ protocol = '', port = '', inside = '' }) => read(`${protocol}:${port}:${inside}`),
  identity: ({ protocol = '', port = '' }) => `${protocol}:${Number(port)}`,
};

const forwards: Grammar = {
  hint: 'PROTOCOL:PORT:PORT_INSIDE, separated by blanks; tcp or udp',
  read,
  join: (first, second) => distinct(parseForwards(`${first} ${second}`)),
  merge: (before, change) => {
    const merged = mergeWords(change.del === 'all' ? '' : before, change.del === 'all' ? { ...change, del: '' } : change);
    if (change.del === 'all' && merged.ok && merged.value === null) return { ok: true, value: '' };
    return merged.ok && merged.value !== null ? { ok: true, value: distinct(parseForwards(merged.value)) } : merged;
  },
  items,
  examples: ['tcp:8080:80', 'tcp:8080:80 udp:5353:53', ''],
};

const gone: Grammar = {
  ...forwards,
  hint: 'as they were added, or all',
  read: (text) => (text === 'all' ? taken('all') : read(text)),
  join: union,
  examples: ['tcp:8080:80', 'all'],
};

export const VZDECK_FORWARD: Param = {
  key: 'VZDECK_FORWARD',
  field: 'forward',
  grammar: forwards,
  flags: [
    { name: 'forward', op: 'add' },
    { name: 'forward_del', op: 'del', grammar: gone, help: 'takes ports of the node back, or all' },
  ],
  repeat: 'add',
  acts: 'live',
  effect: 'live',
  enforcer: kernel('nftables: what comes to the node at this port goes to the container’s first address'),
  help: 'ports of the node that lead to the container',
};
