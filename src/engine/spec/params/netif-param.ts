// The parameter NETIF: options that add, take away and change bridged devices.
import { parseAddress } from '../ip.ts';
import { kernel } from './enforcer.ts';
import { refused, refusedList, taken, words } from './grammar.ts';
import {
  addressList,
  badName,
  completeNetif,
  mac,
  NAME_MAX,
  type NetifEntry,
  type NetifField,
  overlayNetif,
  parseNetif,
  printNetif,
} from './netif.ts';
import { NETIF_ITEMS, netifOption, netifWay, sameNetif } from './netif-items.ts';
import type { Around, Change, Flag, Grammar, Merged, Param, Reading } from './types.ts';

/** What comes behind it would be another device. */
const ENDS_ENTRY = /[;\n\r]/;

function readAdded(item: string): { entry: NetifEntry } | { remark: string } | null {
  const [ifname = '', address = '', host_ifname = '', hostAddress = '', ...rest] = item.split(',');
  const bridge = rest.join(',');
  if (badName(ifname) || ifname.length > NAME_MAX || host_ifname.length > NAME_MAX || ENDS_ENTRY.test(host_ifname + bridge)) return null;
  if (address !== '' && address.length !== 17) return { remark: 'Invalid container MAC address length' };
  const own = address === '' ? undefined : mac(address);
  if (own === null) return { remark: 'Invalid container MAC address format' };
  const host = hostAddress === '' ? undefined : mac(hostAddress);
  if (host === null) return { remark: 'Invalid host MAC address' };
  const entry: NetifEntry = { ifname };
  if (bridge !== '') entry.bridge = bridge;
  if (own !== undefined) entry.mac = own;
  if (host_ifname !== '') entry.host_ifname = host_ifname;
  if (host !== undefined) entry.host_mac = host;
  return { entry };
}

function readAdd(text: string): Reading {
  const entries: NetifEntry[] = [];
  for (const item of words(text)) {
    const added = readAdded(item);
    if (!added) return refusedList(text);
    if ('remark' in added) return { ok: false, fault: 'syntax', shown: item, remarks: [{ level: -1, text: added.remark }] };
    entries.push(added.entry);
  }
  return taken(printNetif(entries));
}

function mergeNetif(before: string | undefined, change: Change, id: number, around: Around): Merged {
  if (change.set !== undefined) return { ok: true, value: change.set };
  const added = (parseNetif(change.add ?? '') ?? []).map((entry) => completeNetif(entry, id, around));
  const gone = change.del === undefined ? undefined : words(change.del);
  const edits = (change.edit?.split(';') ?? []).map(
    (edit) => Object.fromEntries(edit.split(',').map((item) => item.split('='))) as NetifEntry,
  );
  if (added.length === 0 && !gone && edits.length === 0) return { ok: true, value: null };
  const stored = gone?.[0] === 'all' ? [] : (parseNetif(before ?? '') ?? []);
  let entries: readonly NetifEntry[] = overlayNetif(stored, added).filter((entry) => !gone?.includes(entry.ifname ?? ''));
  for (const edit of edits) {
    const { ifname } = edit;
    if (!ifname) return { ok: false, text: 'Invalid usage.  Option --ifname not specified' };
    if (!entries.some((entry) => entry.ifname === ifname)) {
      return { ok: false, text: `Invalid usage: veth device ${ifname} is not configured, use --netif_add option first` };
    }
    entries = overlayNetif(entries, [edit]).map(withoutNone);
  }
  return { ok: true, value: printNetif(entries) };
}

/** An address that is edited to "none" goes. */
const withoutNone = (entry: NetifEntry): NetifEntry =>
  Object.fromEntries(Object.entries(entry).filter(([field, value]) => !(value === NONE && (field === 'ip' || field === 'gw'))));
const NONE = 'none';

const joinEntries = (first: string, second: string): string => printNetif(overlayNetif(parseNetif(first) ?? [], parseNetif(second) ?? []));

const devices: Grammar = {
  hint: 'IFNAME[,MAC[,HOST_IFNAME[,HOST_MAC[,BRIDGE]]]]',
  read: readAdd,
  readFile(text) {
    const entries = parseNetif(text);
    return entries ? taken(printNetif(entries)) : refused;
  },
  join: joinEntries,
  merge: mergeNetif,
  items: NETIF_ITEMS,
  way: netifWay,
  same: sameNetif,
  option: netifOption,
  examples: ['ifname=eth0,bridge=br0,mac=00:18:51:AA:BB:01,host_ifname=veth101.0,host_mac=00:18:51:AA:BB:02'],
};

const names: Grammar = {
  ...devices,
  hint: 'names of devices in the container, or all',
  option: (value) => value,
  read: (text) => taken(words(text).join(' ')),
  join: (first, second) => `${first} ${second}`,
  examples: ['eth0', 'all'],
};

/** One field of the entry that --ifname names; the last option counts, but --ifname and --bridge may stand only once. */
function field(name: NetifField, read: (value: string) => Reading, help: string, flag: string = name): Flag {
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
