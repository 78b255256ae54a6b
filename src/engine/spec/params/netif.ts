// NETIF: bridged devices of a container, "ifname=eth0,bridge=br0,mac=…,host_ifname=…,host_mac=…;ifname=eth1,…". The original passes over ip, gw and
// configure, which are ours (as later versions of it have them).
import { parseAddress, printAddress } from '../ip.ts';
import { words } from './grammar.ts';
import type { Around } from './types.ts';

export const NETIF_FIELDS = ['ifname', 'bridge', 'mac', 'host_ifname', 'host_mac', 'mac_filter', 'ip', 'gw', 'configure'] as const;
export type NetifField = (typeof NETIF_FIELDS)[number];
/** As it is written: what it leaves open is missing. */
export type NetifEntry = { [F in NetifField]?: string | undefined };

/** IFNAMSIZ − 1. Editing flags of the old tools take one more. */
export const NAME_MAX = 15;

const print = (entry: NetifEntry): string => NETIF_FIELDS.flatMap((f) => (entry[f] === undefined ? [] : [`${f}=${entry[f]}`])).join(',');
export const printNetif = (entries: readonly NetifEntry[]): string => entries.map(print).join(';');

/** Six hex pairs; the separator is not looked at. Upper case with colons. */
export function mac(text: string): string | null {
  const pairs =
    /^([0-9a-f]{2})[^0-9a-f]([0-9a-f]{2})[^0-9a-f]([0-9a-f]{2})[^0-9a-f]([0-9a-f]{2})[^0-9a-f]([0-9a-f]{2})[^0-9a-f]([0-9a-f]{2})$/i.exec(
      text,
    );
  return pairs ? pairs.slice(1).join(':').toUpperCase() : null;
}

/** A name that would break NETIF, or lead out of /sys/class/net. */
export const badName = (name: string): boolean => name === '' || /[;,=/\n\r]/.test(name);

/** Addresses separated by blanks, canonical; null for anything else. */
export function addressList(text: string): string | null {
  const parsed = words(text).map(parseAddress);
  return parsed.includes(null) ? null : parsed.flatMap((a) => (a ? printAddress(a) : [])).join(' ');
}
const READ: Partial<Record<NetifField, (text: string) => string | null>> = { mac, host_mac: mac, ip: addressList, gw: addressList };

function parseEntry(text: string): NetifEntry | null {
  const entry: NetifEntry = {};
  for (const item of text.split(',')) {
    const at = item.indexOf('=');
    const field = NETIF_FIELDS.find((f) => f === item.slice(0, at));
    if (!field || entry[field] !== undefined) continue;
    const text = item.slice(at + 1);
    const value = READ[field]?.(text) ?? (READ[field] ? null : text);
    if (value === null) return null;
    entry[field] = value;
  }
  return entry.ifname === undefined ? null : entry;
}

/** null: an entry without ifname or with a bad address. */
export function parseNetif(text: string): readonly NetifEntry[] | null {
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
  return overlayNetif([], parseNetif(value ?? '') ?? []).map((entry) => {
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
  printNetif((parseNetif(value) ?? []).map((entry) => ({ ...entry, host_ifname: names.get(entry.ifname ?? '') ?? entry.host_ifname })));

/** What an added entry leaves open: names and addresses that follow from the container's id and the device's name. */
export function completeNetif(entry: NetifEntry, id: number, around: Around): NetifEntry {
  const { ifname = '' } = entry;
  const host_ifname = entry.host_ifname || hostNameOf(id, ifname);
  const made = entry.mac || generatedMac(ifname, id, around.hardware());
  const onlyName = !entry.mac && !entry.host_ifname;
  const host_mac = entry.host_mac || (onlyName ? generatedMac(host_ifname, id, around.hardware()) : made);
  return { ...entry, mac: made, host_ifname, host_mac };
}

/** Fields of `over` win; entries that `base` does not have come last. */
export function overlayNetif(base: readonly NetifEntry[], over: readonly NetifEntry[]): readonly NetifEntry[] {
  const first = new Map<string | undefined, NetifEntry>();
  for (const entry of over) if (!first.has(entry.ifname)) first.set(entry.ifname, entry);
  const names = new Set(base.map((entry) => entry.ifname));
  return [
    ...base.map((entry) => ({ ...entry, ...first.get(entry.ifname) })),
    ...over.filter((entry) => !names.has(entry.ifname) && first.get(entry.ifname) === entry),
  ];
}
