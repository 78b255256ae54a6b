// Network parameters but for NETIF: addresses of venet, devices that are lent, names and resolvers.
import { isUnspecified, parseAddress, printAddress } from '../ip.ts';
import { distribution, kernel } from './enforcer.ts';
import { refusedList, taken, text, union, wordList, words } from './grammar.ts';
import { withWordItems, wordItems } from './items.ts';
import type { Around, Change, Grammar, Items, Merged, Param, Reading } from './types.ts';

const bare = (address: string): string => address.split('/')[0] ?? '';

/** Words that stand for an address which is chosen when they meet what is stored: each for one. */
const AUTO: ReadonlyMap<string, 4 | 6> = new Map([
  ['auto', 4],
  ['auto6', 6],
]);
const isAuto = (word: string): boolean => AUTO.has(word);
/** Of a canonical value. */
export const asksForFree = (list: string): boolean => words(list).some(isAuto);

/** Of addresses that differ only in their mask the first one counts. */
function distinct(list: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return list.filter((word) => isAuto(word) || (!seen.has(bare(word)) && seen.add(bare(word))));
}

function readAddresses(value: string, allowAll: boolean): Reading {
  const list = words(value).filter((word) => !isAuto(word));
  const chosen = words(value).filter(isAuto);
  if (chosen.length > 0 && !allowAll) {
    const rest = readAddresses(list.join(' '), false);
    return rest.ok ? taken([rest.value, ...chosen].filter((word) => word !== '').join(' ')) : rest;
  }
  if (allowAll && list[0] === 'all') return taken('all');
  const parsed = list.map(parseAddress);
  if (parsed.includes(null)) return refusedList(value);
  return taken(distinct(parsed.flatMap((a) => (a && !isUnspecified(a) ? [printAddress(a)] : []))).join(' '));
}

/** Why one of these words, which the original passes over, can't be meant; "" where none is such. */
export function nobodysAddress(text: string): string {
  const none = words(text).find((word) => {
    const address = parseAddress(word);
    return address !== null && isUnspecified(address);
  });
  return none === undefined
    ? ''
    : `${none} is nobody's address: it stands for none, or for any. Choose one, or --ipadd auto: a free one of the pools`;
}

const stored = (value: string | undefined): readonly string[] => words(value ?? '');

const noneFree = (word: string): string => `No address is free for ${word}: VZDECK_POOL in vz.conf names the prefixes that there are`;

/** Addresses, and one that is free for each `auto`; `not`: those that are given away already. */
export function chosenAddresses(
  list: string,
  id: number,
  { free }: Pick<Around, 'free'>,
  not: readonly string[],
): { readonly ok: true; readonly addresses: readonly string[] } | { readonly ok: false; readonly text: string } {
  const given = words(list).filter((word) => !isAuto(word));
  const addresses: string[] = [];
  for (const word of words(list)) {
    const family = AUTO.get(word);
    const found = family === undefined ? word : free?.(family, id, [...not, ...given, ...addresses]);
    if (!found) return { ok: false, text: noneFree(word) };
    addresses.push(found);
  }
  return { ok: true, addresses };
}

/** Deleted before added; what is added anew, even unchanged, moves to the end, as a change of its mask would. */
function mergeAddresses(before: string | undefined, change: Change, id: number, around: Around): Merged {
  if (change.set !== undefined) return { ok: true, value: change.set };
  const chosen = chosenAddresses(change.add ?? '', id, around, stored(before));
  if (!chosen.ok) return chosen;
  const add = chosen.addresses;
  const del = words(change.del ?? '');
  if (add.length + del.length === 0) return { ok: true, value: null };
  const gone = new Set([...add, ...del].map(bare));
  const kept = del[0] === 'all' ? [] : stored(before).filter((a) => !gone.has(bare(a)));
  if (before === undefined && kept.length + add.length === 0 && del[0] !== 'all') return { ok: true, value: null };
  return { ok: true, value: [...kept, ...add].join(' ') };
}

const oneAddress = wordItems(
  'address',
  'IPv4 or IPv6, with or without /mask; auto or auto6: one that is free',
  (word) => readAddresses(word, false),
  bare,
);

/** `auto` becomes the address that would be chosen now. */
const addressItems: Items = {
  ...oneAddress,
  free: 'Neither the node nor another container has it',
  read(item, { id, around, others }) {
    const [word = '', more] = words(item['address'] ?? '');
    const family = AUTO.get(word);
    const nobodys = nobodysAddress(word);
    if (nobodys !== '') return { ok: false, fault: 'syntax', remarks: [{ level: -1, text: nobodys }] };
    if (family === undefined || more !== undefined) return oneAddress.read(item, { id, around, others });
    const free = around.free?.(family, id, others);
    return free
      ? { ...taken(free), remarks: [{ level: 0, text: `${free} is free` }] }
      : { ok: false, fault: 'syntax', remarks: [{ level: -1, text: noneFree(word) }] };
  },
};

const addresses: Grammar = {
  hint: 'IPv4 or IPv6 addresses with or without /mask, separated by blanks; auto, auto6: one of the node’s pools',
  read: (value) => readAddresses(value, false),
  join: (first, second) => distinct([...words(first), ...words(second)]).join(' '),
  merge: mergeAddresses,
  items: addressItems,
  examples: ['10.0.0.1', '10.0.0.1/24 2001:db8::1', ''],
  words: [...AUTO.keys()],
};
const gone: Grammar = { ...addresses, hint: 'addresses, or all', read: (value) => readAddresses(value, true), join: union };

/** Lists of which single words are added and taken away. */
export function mergeWords(before: string | undefined, change: Change): Merged {
  if (change.set !== undefined) return { ok: true, value: change.set };
  const del = new Set(words(change.del ?? ''));
  const list = [...new Set([...stored(before), ...words(change.add ?? '')])].filter((w) => !del.has(w));
  const value = list.join(' ');
  return { ok: true, value: value === (before ?? '') ? null : value };
}

/** Devices that every container has of its own. */
const OWN_DEVICES = /^(venet|tun|tap|lo)/;

const readLent = (value: string): Reading =>
  words(value).some((name) => OWN_DEVICES.test(name)) ? refusedList(value) : taken(words(value).join(' '));

const lent: Grammar = {
  hint: 'names of network devices of the node, separated by blanks',
  read: readLent,
  join: union,
  merge: mergeWords,
  items: wordItems('device', 'name of a network device of the node', readLent),
  examples: ['eth1', 'eth1 eth2', ''],
};

export const IP_ADDRESS: Param = {
  key: 'IP_ADDRESS',
  grammar: addresses,
  flags: [
    { name: 'ipadd', op: 'add' },
    { name: 'ip', op: 'add', help: 'the same as --ipadd' },
    { name: 'ipdel', op: 'del', grammar: gone, help: 'takes addresses away, or all' },
  ],
  repeat: 'add',
  acts: 'live',
  effect: 'live',
  enforcer: kernel('routes and nftables: nothing else leaves the container'),
  help: 'addresses on venet0',
  field: 'ip',
};
export const NETDEV: Param = {
  key: 'NETDEV',
  field: 'netdev',
  grammar: lent,
  flags: [
    { name: 'netdev_add', op: 'add' },
    { name: 'netdev_del', op: 'del', help: 'gives network devices back to the node' },
  ],
  repeat: 'add',
  acts: 'live',
  effect: 'live',
  enforcer: kernel('the container has the device itself'),
  help: 'network devices of the node that are moved into the container',
};
export const HOSTNAME: Param = {
  key: 'HOSTNAME',
  grammar: text,
  flags: [{ name: 'hostname', op: 'set' }],
  repeat: 'first',
  acts: 'live',
  effect: 'live',
  enforcer: kernel('its UTS namespace'),
  help: 'host name',
  field: 'hostname',
};
export const NAMESERVER: Param = {
  key: 'NAMESERVER',
  grammar: withWordItems(wordList, 'server', 'address of a name server; inherit: those of the node'),
  flags: [{ name: 'nameserver', op: 'set' }],
  repeat: 'add',
  acts: 'live',
  effect: 'live',
  enforcer: distribution('writes /etc/resolv.conf'),
  help: 'name servers; inherit takes those of the node',
  field: 'nameserver',
};
export const SEARCHDOMAIN: Param = {
  key: 'SEARCHDOMAIN',
  grammar: withWordItems(wordList, 'domain', 'a domain that names are looked for in; inherit: those of the node'),
  flags: [{ name: 'searchdomain', op: 'set' }],
  repeat: 'add',
  acts: 'live',
  effect: 'live',
  enforcer: distribution('writes /etc/resolv.conf'),
  help: 'search domains; inherit takes those of the node',
  field: 'searchdomain',
};
