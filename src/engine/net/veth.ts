// veth: a link that carries frames, with a MAC of its own on each end. The container sets it up itself; on the node it is a port of a bridge, or stands
// alone. Under its mac_filter it sends as itself only, and is sent nothing that is for others.
import { type Address, asNumber, linkLocalOf, parseAddress } from '../spec/ip.ts';
import type { Netif } from '../spec/params/netif.ts';
import type { Thing } from './thing.ts';

export interface VethWish {
  readonly id: number;
  readonly devices: readonly Netif[];
  /** Of the node's links, in bytes; null for one that is not there. */
  readonly mtu: (link: string) => number | null;
  /** What a bridge that we make has: a MAC that is its own, whichever ports come and go, and devices of the node. */
  readonly bridge: (name: string) => { readonly mac: string; readonly ports: readonly string[] };
  /** The node speaks IPv6. */
  readonly six: boolean;
}

const ETHERNET_MTU = 1500;
/** As venet's, and beyond them: see there. */
const FIRST_INDEX = 0x6000_0000;
const PLACES = 0x1fff_ffff;
/** Devices of one container that have places next to each other. */
const MANY = 16;

/** A device keeps its index as long as it is there. */
function indexes({ id, devices }: VethWish, before: readonly Thing[]): ReadonlyMap<string, string> {
  const kept = new Map(before.flatMap((thing) => (thing[0] === 'cable' ? [[thing[2] ?? '', thing[3] ?? '']] : [])));
  const taken = new Set(kept.values());
  let next = 0;
  return new Map(
    devices.map(({ ifname }) => {
      const index = (): string => String(FIRST_INDEX + ((id * MANY + next) % PLACES));
      const has = kept.get(ifname);
      if (has !== undefined) return [ifname, has];
      while (taken.has(index())) next++;
      taken.add(index());
      return [ifname, index()];
    }),
  );
}

/** A bridge takes frames for the MAC of a port's near end itself, so that must not be the one of its far end. */
const nearMac = ({ mac, hostMac }: Netif): string => (hostMac === mac ? `fe${hostMac.slice(2)}` : hostMac);

const parsed = (list: readonly string[]): readonly Address[] => list.flatMap((text) => parseAddress(text) ?? []);

/** Elements under which it sends. Without addresses that are known it may have any that nobody else has, or that the node routes to it. */
function filterThings({ hostName, mac, addresses, bridge }: Netif): readonly Thing[] {
  const link = `"${hostName}"`;
  const own = parsed(addresses);
  const six = [...own.filter(({ family }) => family === 6).map(({ text }) => text), linkLocalOf(mac)];
  const listed: readonly Thing[] = [
    ['element', 'listed', link],
    ...own.flatMap(({ family, text }): readonly Thing[] => [
      ...(family === 4 ? [['element', 'port4', `${link} . ${text}`] as const] : []),
      ['element', `kept${family}`, text],
      ...(family === 6 ? [['element', 'keptTarget', asNumber(text)] as const] : []),
    ]),
    ...six.flatMap((text): readonly Thing[] => [
      ['element', 'port6', `${link} . ${text}`],
      ['element', 'target', `${link} . ${asNumber(text)}`],
    ]),
  ];
  // what is no bridge's port is the node's to route
  const routed: readonly Thing[] = [
    ['tally', 'foreign', `foreign-${hostName}`, hostName],
    ...(own.length === 0
      ? [['element', 'alone', `${link} . ${mac}`] as const]
      : [
          ...own.map(({ family, text }): Thing => ['element', `own${family}`, `${link} . ${text}`]),
          ['element', 'own6', `${link} . ${linkLocalOf(mac)}`] as const,
        ]),
    ['element', 'guarded', link],
  ];
  return [
    ['tally', 'forged', `forged-${hostName}`, hostName],
    ['element', 'mac', `${link} . ${mac}`],
    ...(own.length === 0 ? [] : listed),
    ...(bridge === '' ? routed : []),
    ['element', 'filtered', link],
  ];
}

function insideThings({ ifname, mac, addresses, gateways, configured }: Netif): readonly Thing[] {
  if (!configured) return [['innerMac', ifname, mac]];
  return [
    ['innerMac', ifname, mac],
    ['innerUp', ifname],
    ...parsed(addresses).map(({ family, text, mask }): Thing => {
      const length = mask ?? (family === 4 ? 32 : 128);
      return ['address', `${text}/${length}`, ifname, ...(family === 6 ? ['nodad'] : [])];
    }),
    ...parsed(gateways).map(({ family, text }): Thing => ['way', family === 4 ? 'default' : '::/0', ifname, 'via', text, 'onlink']),
  ];
}

/** What must exist; `before`: what there is. */
export function vethThings(wish: VethWish, before: readonly Thing[] = []): readonly Thing[] {
  const index = indexes(wish, before);
  const kept = new Map(before.flatMap((thing) => (thing[0] === 'cable' ? [[thing[2], thing[4]]] : [])));
  const bridges = [...new Set(wish.devices.flatMap(({ bridge }) => bridge || []))].map((name) => ({ name, ...wish.bridge(name) }));
  const mtuIn = (name: string): number => {
    const ports = bridges.find((bridge) => bridge.name === name)?.ports ?? [];
    return (
      wish.mtu(name) ?? Math.min(...[...ports.map((port) => wish.mtu(port) ?? ETHERNET_MTU)], ...(ports.length === 0 ? [ETHERNET_MTU] : []))
    );
  };
  return [
    ...wish.devices.flatMap((device) => (device.filtered ? filterThings(device) : [])),
    ...bridges.map(({ name, mac, ports }): Thing => ['bridge', name, mac, ...ports]),
    ...wish.devices.flatMap((device): readonly Thing[] => {
      const { hostName, ifname, bridge } = device;
      const mtu = kept.get(ifname) ?? String(bridge === '' ? ETHERNET_MTU : mtuIn(bridge));
      return [
        ['cable', hostName, ifname, index.get(ifname) ?? '', mtu],
        ['mac', hostName, nearMac(device)],
        ['port', hostName, bridge],
        ['nodeUp', hostName],
        ...(wish.six ? [['switch', `ipv6/conf/${hostName}/accept_ra`, '0'] as const] : []),
        ...insideThings(device),
      ];
    }),
  ];
}
