// Links, routes and neighbours of a place, as `ip -j` tells them; names from inside are foreign.
import { type Prefix, parsePrefixes } from '../../spec/prefix.ts';
import type { Place } from './step.ts';

export interface PathLink {
  readonly name: string;
  readonly up: boolean;
  readonly carrier: boolean;
  readonly arp: boolean;
  readonly mac: string;
  readonly master: string;
  readonly addresses: readonly string[];
  /** Of its addresses: whose hosts are asked for on the link itself. */
  readonly networks: readonly Prefix[];
}

export interface PathRoute {
  readonly device: string;
  /** "" for none. */
  readonly gateway: string;
  readonly source: string;
  readonly local: boolean;
  /** "" where there is a route; else the kernel's word. */
  readonly error: string;
}

type Told = Readonly<Record<string, unknown>>;
const text = (of: Told, key: string): string => (typeof of[key] === 'string' ? (of[key] as string) : '');
const list = (of: Told, key: string): readonly unknown[] => (Array.isArray(of[key]) ? (of[key] as readonly unknown[]) : []);

export async function linksAt(place: Place): Promise<ReadonlyMap<string, PathLink>> {
  const { told } = await place.ip('addr');
  return new Map(
    (told as readonly Told[]).map((link) => {
      const flags = list(link, 'flags');
      const name = text(link, 'ifname');
      const has = list(link, 'addr_info') as readonly Told[];
      const addresses = has.map((address) => text(address, 'local'));
      const networks = parsePrefixes(has.map((address) => `${text(address, 'local')}/${address['prefixlen']}`).join(' '));
      const mac = text(link, 'link_type') === 'ether' ? text(link, 'address') : '';
      const up = flags.includes('UP');
      return [
        name,
        {
          name,
          up,
          carrier: !flags.includes('NO-CARRIER'),
          arp: !flags.includes('NOARP'),
          mac,
          master: text(link, 'master'),
          addresses,
          networks,
        },
      ];
    }),
  );
}

export async function routeAt(place: Place, ...words: readonly string[]): Promise<PathRoute> {
  const { told, error } = await place.ip('route', 'get', ...words);
  const [route] = told as readonly Told[];
  if (route === undefined)
    return { device: '', gateway: '', source: '', local: false, error: error.replace(/^RTNETLINK answers: /, '') || 'no route' };
  const via = route['via'] as Told | undefined;
  return {
    device: text(route, 'dev'),
    gateway: text(route, 'gateway') || (via === undefined ? '' : text(via, 'host')),
    source: text(route, 'prefsrc'),
    local: text(route, 'type') === 'local',
    error: '',
  };
}

/** "REACHABLE", "FAILED" … ; "" for one that nobody has asked for. */
export async function neighbourAt(place: Place, address: string, device: string): Promise<string> {
  const { told } = await place.ip('neigh', 'show', 'to', address, 'dev', device);
  const [entry] = told as readonly Told[];
  return entry === undefined ? '' : String(list(entry, 'state')[0] ?? '');
}

export async function answersFor(place: Place, address: string, device: string): Promise<boolean> {
  const { told } = await place.ip(...(address.includes(':') ? ['-6'] : []), 'neigh', 'show', 'proxy', 'dev', device);
  return (told as readonly Told[]).some((entry) => text(entry, 'dst') === address);
}
