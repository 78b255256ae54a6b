// Bridged devices one by one: their fields for a form, and the options of vzctl set that lead from some devices to others.
import { taken } from './grammar.ts';
import {
  addressList,
  completeNetif,
  mac,
  NAME_MAX,
  NETIF_FIELDS,
  type NetifEntry,
  type NetifField,
  parseNetif,
  printNetif,
} from './netif.ts';
import type { Change, Item, ItemField, Items } from './types.ts';

const macFault = (text: string): string | null => (mac(text) === null ? 'expected six pairs of hex digits, 00:18:51:AA:BB:01' : null);
const nameFault = (text: string): string | null =>
  text.length > NAME_MAX || /[;,=/:\s]/.test(text) ? `expected a name of at most ${NAME_MAX} letters, without , ; = / : and blanks` : null;
const listFault = (text: string): string | null =>
  addressList(text) === null ? 'expected IPv4 or IPv6 addresses, separated by blanks' : null;
const single = (text: string): string | null => (text.includes('/') ? 'expected addresses without /mask' : listFault(text));

const FIELDS: readonly (ItemField & { readonly name: NetifField })[] = [
  { name: 'ifname', help: 'name in the container', fault: nameFault },
  { name: 'bridge', help: 'bridge of the node that it joins, made if it is not there', open: true, fault: nameFault },
  { name: 'ip', help: 'its addresses with /mask: with mac_filter on it sends from no other', open: true, fault: listFault },
  { name: 'gw', help: 'default gateways, one of each family', open: true, fault: single },
  { name: 'configure', help: 'all: addresses and gateways are set inside, too', choices: ['none', 'all'], open: true },
  { name: 'mac_filter', help: 'on: frames with other source addresses are dropped', choices: ['on', 'off'], open: true },
  { name: 'mac', help: 'hardware address inside; open: it follows from the name', open: true, fault: macFault },
  { name: 'host_ifname', help: 'name on the node; open: it follows from CTID and name', open: true, fault: nameFault },
  { name: 'host_mac', help: 'hardware address on the node; open: it follows, too', open: true, fault: macFault },
];

/** What a field means that is not there. */
const USUAL: NetifEntry = { mac_filter: 'on', configure: 'none' };
/** What takes a field away. */
const NOTHING: NetifEntry = { ...USUAL, ip: 'none', gw: 'none' };
/** What an option that adds a device has besides its name, in its order. */
const ADDED = ['mac', 'host_ifname', 'host_mac', 'bridge'] as const;

const entryOf = (item: Item): NetifEntry => Object.fromEntries(NETIF_FIELDS.flatMap((name) => (item[name] ? [[name, item[name]]] : [])));
/** Without what is said that would be so anyhow. */
const brief = (entry: NetifEntry): NetifEntry =>
  Object.fromEntries(
    Object.entries(entry).filter(([name, value]) => value !== undefined && value !== '' && value !== USUAL[name as NetifField]),
  );

export const NETIF_ITEMS: Items = {
  one: 'device',
  fields: FIELDS,
  separator: ';',
  free: 'Nobody else has its names, MACs and addresses',
  split: (value) => (parseNetif(value) ?? []).map((entry) => ({ ...USUAL, ...entry }) as Item),
  read(item, { id, around }) {
    const [entry] = parseNetif(printNetif([brief(entryOf(item))])) ?? [];
    if (entry === undefined) return { ok: false, fault: 'syntax' };
    const whole = completeNetif(entry, id, around);
    const chosen = (['mac', 'host_ifname', 'host_mac'] as const).filter((name) => entry[name] === undefined);
    const remarks = chosen.length === 0 ? [] : [{ level: 0 as const, text: chosen.map((name) => `${name} ${whole[name]}`).join(', ') }];
    return { ...taken(printNetif([whole])), remarks };
  },
  identity: ({ ifname = '' }) => ifname,
};

/** Devices as an option adds them: "eth0,MAC,HOST_IFNAME,HOST_MAC,BRIDGE eth1,…". */
export const netifOption = (value: string): string =>
  (parseNetif(value) ?? [])
    .map((entry) => [entry.ifname, ...ADDED.map((name) => entry[name] ?? '')].join(',').replace(/,+$/, ''))
    .join(' ');

export const sameNetif = (a: string, b: string): boolean => {
  const plain = (value: string): string =>
    printNetif((parseNetif(value) ?? []).map(brief).toSorted((one, other) => ((one.ifname ?? '') < (other.ifname ?? '') ? -1 : 1)));
  return plain(a) === plain(b);
};

/** Devices that come, go, and have other fields; what no option adds is changed after it. */
export function netifWay(before: string, wanted: string): Change {
  const had = new Map((parseNetif(before) ?? []).map((entry) => [entry.ifname, entry]));
  const want = (parseNetif(wanted) ?? []).map(brief);
  const gone = [...had.keys()].filter((name) => !want.some(({ ifname }) => ifname === name));
  const fresh = want.filter(({ ifname }) => !had.has(ifname));
  const added = (entry: NetifEntry): NetifEntry =>
    Object.fromEntries(Object.entries(entry).filter(([name]) => name === 'ifname' || (ADDED as readonly string[]).includes(name)));
  const edits = want.flatMap((entry): readonly NetifEntry[] => {
    const old = brief(had.get(entry.ifname) ?? added(entry));
    const differs = NETIF_FIELDS.filter((name) => (entry[name] ?? '') !== (old[name] ?? ''));
    // a bridge is not taken away by an option
    const fields = differs.flatMap((name) => {
      const value = entry[name] ?? NOTHING[name];
      return value === undefined ? [] : [[name, value]];
    });
    return fields.length === 0 ? [] : [{ ifname: entry.ifname, ...Object.fromEntries(fields) }];
  });
  return {
    ...(gone.length === 0 ? {} : { del: gone.join(' ') }),
    ...(fresh.length === 0 ? {} : { add: printNetif(fresh.map(added)) }),
    ...(edits.length === 0 ? {} : { edit: printNetif(edits) }),
  };
}
