// NETIF: bridged devices of a container, "ifname=eth0,bridge=br0,mac=…,host_ifname=…,host_mac=…;ifname=eth1,…". The original passes over ip, gw and
// configure, which are ours (as later versions of it have them).
import { parseAddress, printAddress } from '../ip.ts';
import { kernel } from './enforcer.ts';
import { refused, refusedList, taken, words } from './grammar.ts';
import type { Around, Change, Flag, Grammar, Merged, Param, Reading } from './types.ts';

const FIELDS = ['ifname', 'bridge', 'mac', 'host_ifname', 'host_mac', 'mac_filter', 'ip', 'gw', 'configure'] as const;
type Field = (typeof FIELDS)[number];
type Entry = { [F in Field]?: string | undefined };

/** IFNAMSIZ − 1. Editing flags of the old tools take one more. */
const NAME_MAX = 15;

const print = (entry: Entry): string => FIELDS.flatMap((f) => (entry[f] === undefined ? [] : [`${f}=${entry[f]}`])).join(',');
const printAll = (entries: readonly Entry[]): string => entries.map(print).join(';');

/** Six hex pairs; the separator is not looked at. Upper case with colons. */
function mac(text: string): string | null {
  const pairs =
    /^([0-9a-f]{2})[^0-9a-f]([0-9a-f]{2})[^0-9a-f]([0-9a-f]{2})[^0-9a-f]([0-9a-f]{2})[^0-9a-f]([0-9a-f]{2})[^0-9a-f]([0-9a-f]{2})$/i.exec(
      text,
    );
  return pairs ? pairs.slice(1).join(':').toUpperCase() : null;
}

/** A name that would break NETIF, or lead out of /sys/class/net. */
const badName = (name: string): boolean => name === '' || /[;,=/\n\r]/.test(name);

/** Addresses separated by blanks, canonical; null for anything else. */
function addressList(text: string): string | null {
  const parsed = words(text).map(parseAddress);
  return parsed.includes(null) ? null : parsed.flatMap((a) => (a ? printAddress(a) : [])).join(' ');
}
const READ: Partial<Record<Field, (text: string) => string | null>> = { mac, host_mac: mac, ip: addressList, gw: addressList };

function parseEntry(text: string): Entry | null {
  const entry: Entry = {};
  for (const item of text.split(',')) {
    const at = item.indexOf('=');
    const field = FIELDS.find((f) => f === item.slice(0, at));
    if (!field || entry[field] !== undefined) continue;
    const text = item.slice(at + 1);
    const value = READ[field]?.(text) ?? (READ[field] ? null : text);
    if (value === null) return null;
    entry[field] = value;
  }
  return entry.ifname === undefined ? null : entry;
}

/** null: an entry without ifname or with a bad address. */
export function parseNetif(text: string): readonly Entry[] | null {
  const entries = text
    .split(';')
    .filter((e) => e !== '')
    .map(parseEntry);
  return entries.every((e) => e !== null) ? entries : null;
}

/** One-at-a-time hash over pairs of characters, as vzctl makes addresses from names (32 bits). */
function hash(text: string, seed: number): number {
  let h = seed >>> 0;
  for (let i = 0; i + 1 < text.length; i++) {
    h = (h + text.charCodeAt(i)) >>> 0;
    const t = ((text.charCodeAt(i + 1) << 11) ^ h) >>> 0;
    h = ((h << 16) ^ t) >>> 0;
    h = (h + (h >>> 11)) >>> 0;
  }
  h = (h ^ (h << 3)) >>> 0;
  h = (h + (h >>> 5)) >>> 0;
  h = (h ^ (h << 4)) >>> 0;
  h = (h + (h >>> 17)) >>> 0;
  h = (h ^ (h << 25)) >>> 0;
  return (h + (h >>> 6)) >>> 0;
}

/** A stable address for a device name: the tools' vendor prefix, then three bytes that differ from node to node. */
export function generatedMac(device: string, id: number, hardware: string): string {
  const h = hash(`${device}:${id}:${hardware} `, id);
  const bytes = [h, h >>> 8, h >>> 15].map((n) => (n & 255).toString(16).padStart(2, '0'));
  return `00:18:51:${bytes.join(':')}`.toUpperCase();
}

const hostNameOf = (id: number, ifname: string): string => `veth${id}.${/\D(\d+)/.exec(ifname)?.[1] ?? '0'}`;

/** An entry of a config with all that it has or that follows from it; addresses in lower case. */
export interface Netif {
  readonly ifname: string;
  readonly bridge: string;
  readonly mac: string;
  readonly hostName: string;
  readonly hostMac: string;
  readonly filtered: boolean;
  /** With masks as given. */
  readonly addresses: readonly string[];
  readonly gateways: readonly string[];
  /** The engine sets its addresses inside. */
  readonly configured: boolean;
}

/** Of names the first entry counts. What a config leaves open follows from the name on the node. */
export function netifsOf(value: string | undefined, id: number, around: Pick<Around, 'hardware'>): readonly Netif[] {
  return overlay([], parseNetif(value ?? '') ?? []).map((entry) => {
    const { ifname = '', bridge = '', mac_filter, ip = '', gw = '', configure } = entry;
    const hostName = entry.host_ifname || hostNameOf(id, ifname);
    const own = entry.mac || generatedMac(hostName, id, around.hardware());
    return {
      ifname,
      bridge,
      mac: own.toLowerCase(),
      hostName,
      hostMac: (entry.host_mac || own).toLowerCase(),
      filtered: mac_filter !== 'off',
      addresses: words(ip),
      gateways: words(gw),
      configured: configure === 'all',
    };
  });
}

/** The same entries, but with these names on the node; by name in the container. */
export const withHostNames = (value: string, names: ReadonlyMap<string, string>): string =>
  printAll((parseNetif(value) ?? []).map((entry) => ({ ...entry, host_ifname: names.get(entry.ifname ?? '') ?? entry.host_ifname })));

/** What an added entry leaves open: names and addresses that follow from the container's id and the device's name. */
function complete(entry: Entry, id: number, around: Around): Entry {
  const { ifname = '' } = entry;
  const host_ifname = entry.host_ifname || hostNameOf(id, ifname);
  const made = entry.mac || generatedMac(ifname, id, around.hardware());
  const onlyName = !entry.mac && !entry.host_ifname;
  const host_mac = entry.host_mac || (onlyName ? generatedMac(host_ifname, id, around.hardware()) : made);
  return { ...entry, mac: made, host_ifname, host_mac };
}

function readAdded(item: string): { entry: Entry } | { remark: string } | null {
  const [ifname = '', address = '', host_ifname = '', hostAddress = '', ...rest] = item.split(',');
  if (badName(ifname) || ifname.length > NAME_MAX || host_ifname.length > NAME_MAX) return null;
  if (address !== '' && address.length !== 17) return { remark: 'Invalid container MAC address length' };
  const own = address === '' ? undefined : mac(address);
  if (own === null) return { remark: 'Invalid container MAC address format' };
  const host = hostAddress === '' ? undefined : mac(hostAddress);
  if (host === null) return { remark: 'Invalid host MAC address' };
  const bridge = rest.join(',');
  const entry: Entry = { ifname };
  if (bridge !== '') entry.bridge = bridge;
  if (own !== undefined) entry.mac = own;
  if (host_ifname !== '') entry.host_ifname = host_ifname;
  if (host !== undefined) entry.host_mac = host;
  return { entry };
}

function readAdd(text: string): Reading {
  const entries: Entry[] = [];
  for (const item of words(text)) {
    const added = readAdded(item);
    if (!added) return refusedList(text);
    if ('remark' in added) return { ok: false, fault: 'syntax', shown: item, remarks: [{ level: -1, text: added.remark }] };
    entries.push(added.entry);
  }
  return taken(printAll(entries));
}

/** Fields of `over` win; entries that `base` does not have come last. */
function overlay(base: readonly Entry[], over: readonly Entry[]): readonly Entry[] {
  const first = new Map<string | undefined, Entry>();
  for (const entry of over) if (!first.has(entry.ifname)) first.set(entry.ifname, entry);
  const names = new Set(base.map((entry) => entry.ifname));
  return [
    ...base.map((entry) => ({ ...entry, ...first.get(entry.ifname) })),
    ...over.filter((entry) => !names.has(entry.ifname) && first.get(entry.ifname) === entry),
  ];
}

function mergeNetif(before: string | undefined, change: Change, id: number, around: Around): Merged {
  if (change.set !== undefined) return { ok: true, value: change.set };
  const added = (parseNetif(change.add ?? '') ?? []).map((entry) => complete(entry, id, around));
  const gone = change.del === undefined ? undefined : words(change.del);
  const edit = change.edit === undefined ? undefined : Object.fromEntries(change.edit.split(',').map((item) => item.split('=')));
  if (added.length === 0 && !gone && !edit) return { ok: true, value: null };
  const stored = gone?.[0] === 'all' ? [] : (parseNetif(before ?? '') ?? []);
  let entries: readonly Entry[] = overlay(stored, added).filter((entry) => !gone?.includes(entry.ifname ?? ''));
  if (edit) {
    const { ifname } = edit as Entry;
    if (!ifname) return { ok: false, text: 'Invalid usage.  Option --ifname not specified' };
    if (!entries.some((entry) => entry.ifname === ifname)) {
      return { ok: false, text: `Invalid usage: veth device ${ifname} is not configured, use --netif_add option first` };
    }
    entries = overlay(entries, [edit as Entry]).map(withoutNone);
  }
  return { ok: true, value: printAll(entries) };
}

/** An address that is edited to "none" goes. */
const withoutNone = (entry: Entry): Entry =>
  Object.fromEntries(Object.entries(entry).filter(([field, value]) => !(value === NONE && (field === 'ip' || field === 'gw'))));
const NONE = 'none';

const joinEntries = (first: string, second: string): string => printAll(overlay(parseNetif(first) ?? [], parseNetif(second) ?? []));

const devices: Grammar = {
  hint: 'IFNAME[,MAC[,HOST_IFNAME[,HOST_MAC[,BRIDGE]]]]',
  read: readAdd,
  readFile(text) {
    const entries = parseNetif(text);
    return entries ? taken(printAll(entries)) : refused;
  },
  join: joinEntries,
  merge: mergeNetif,
  examples: ['ifname=eth0,bridge=br0,mac=00:18:51:AA:BB:01,host_ifname=veth101.0,host_mac=00:18:51:AA:BB:02'],
};

const names: Grammar = {
  ...devices,
  hint: 'names of devices in the container, or all',
  read: (text) => taken(words(text).join(' ')),
  join: (first, second) => `${first} ${second}`,
  examples: ['eth0', 'all'],
};

/** One field of the entry that --ifname names; the last option counts, but --ifname and --bridge may stand only once. */
function field(name: Field, read: (value: string) => Reading, help: string, flag: string = name): Flag {
  const as = (reading: Reading): Reading => (reading.ok && reading.value !== '' ? taken(`${name}=${reading.value}`) : reading);
  const grammar: Grammar = { ...devices, hint: flag, read: (value) => as(read(value)), join: joinFields, examples: [] };
  return { name: flag, op: 'edit', field: name, grammar, help };
}

function joinFields(first: string, second: string): string {
  const byField = new Map([...first.split(','), ...second.split(',')].filter((i) => i !== '').map((i) => [i.split('=')[0], i]));
  return [...byField.values()].join(',');
}

const readName = (value: string): Reading => (value.length > NAME_MAX + 1 || /[;,/\n\r]/.test(value) ? refused : taken(value));
const readMac = (value: string): Reading => {
  const address = mac(value);
  return address === null ? refused : taken(address);
};

const readChoice =
  (...choices: readonly string[]) =>
  (value: string): Reading =>
    choices.includes(value) ? taken(value) : refused;
const readList = (value: string): Reading => {
  const list = value === NONE ? NONE : addressList(value);
  return list === null ? refused : taken(list);
};
/** One of each family at most, without masks. */
const readGateways = (value: string): Reading => {
  const list = words(value).map(parseAddress);
  const families = new Set(list.map((a) => a?.family));
  return value !== NONE && (families.size < list.length || list.some((a) => a?.mask !== null)) ? refused : readList(value);
};

/** Edited fields stand in the option table apart from the list, in this order. */
export const NETIF: Param = {
  key: 'NETIF',
  grammar: devices,
  flags: [
    { name: 'netif_add', op: 'add' },
    { name: 'netif_del', op: 'del', grammar: names, help: 'takes network devices away' },
    field('ifname', readName, 'the device that the following options change'),
    field('mac_filter', readChoice('on', 'off'), 'on: frames with other source addresses are dropped'),
    field('mac', readMac, 'hardware address in the container'),
    field('host_mac', readMac, 'hardware address on the node'),
    field('host_ifname', readName, 'name on the node'),
    field('bridge', readName, 'bridge of the node that the device joins'),
    field('ip', readList, 'addresses of the device with masks, or none: with mac_filter on it sends from no other', 'address'),
    field('gw', readGateways, 'default gateways, one of each family, or none', 'gateway'),
    field('configure', readChoice('none', 'all'), 'all: addresses and gateways are set in the container, too'),
  ],
  repeat: 'add',
  acts: 'live',
  effect: 'live',
  enforcer: kernel('veth and bridges; mac_filter by nftables'),
  help: 'bridged network devices',
};
