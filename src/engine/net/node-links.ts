// The node's own side: the devices on which it answers for containers, and what the kernel must be told there so that packets pass. Reads what is,
// and says what must be; changes nothing.
import type { DeviceAddress, Files } from '../host/port.ts';
import { isLinkName } from '../spec/link-name.ts';

const NO_MAC = '00:00:00:00:00:00';
const linkLocal = ({ family, address }: DeviceAddress): boolean => (family === 6 ? /^fe[89ab]/i : /^169\.254\./).test(address);

/** NEIGHBOUR_DEVS of vz.conf: "", all, detect (of old, as all) or "list:eth0 eth1". */
function chosen(wish: string): (device: string) => boolean {
  if (!wish.startsWith('list:')) return () => true;
  const names = new Set(wish.slice(5).split(/\s+/));
  return (device) => names.has(device);
}

export type Neighbours = Readonly<Record<4 | 6, readonly string[]>>;

/** Devices with neighbours who ask for addresses (ARP, ND): they have a MAC, and an address of more than the link. */
export function neighbourDevices(addresses: readonly DeviceAddress[], wish: string): Neighbours {
  const asked = chosen(wish);
  const of = (family: 4 | 6): readonly string[] => [
    ...new Set(
      addresses
        .filter((a) => a.family === family && isLinkName(a.device) && !a.loopback && a.mac !== NO_MAC && !linkLocal(a) && asked(a.device))
        .map(({ device }) => device),
    ),
  ];
  return { 4: of(4), 6: of(6) };
}

/** Bytes of the largest packet of a link of the namespace that we are in; null for one that is not there. */
export function mtuOf(files: Pick<Files, 'read' | 'stat'>, link: string): number | null {
  const text = files.read(hasSix(files) ? `/proc/sys/net/ipv6/conf/${link}/mtu` : `/sys/class/net/${link}/mtu`);
  return text === null ? null : Number(text);
}

export const hasSix = (files: Pick<Files, 'stat'>): boolean => files.stat('/proc/sys/net/ipv6') !== null;

const SETTINGS = ['ipv4/conf', 'ipv4/neigh', 'ipv6/conf', 'ipv6/neigh'] as const;
/** Of no use elsewhere, or nothing that can be read and written back. */
const NO_SETTING: ReadonlySet<string> = new Set(['mtu', 'stable_secret', 'mc_forwarding']);

/** "path value" below /proc/sys/net of all that a device has otherwise than a new one would. */
export function settingsOf(files: Pick<Files, 'read' | 'list'>, device: string): readonly string[] {
  return SETTINGS.flatMap((dir) =>
    (files.list(`/proc/sys/net/${dir}/${device}`) ?? []).flatMap((name) => {
      if (NO_SETTING.has(name)) return [];
      const [mine, others] = [device, 'default'].map((of) => files.read(`/proc/sys/net/${dir}/${of}/${name}`)?.trim());
      // in a network namespace of its own a node has no defaults for neighbours
      return mine === undefined || others === undefined || mine === others ? [] : [`${dir}/${device}/${name} ${mine}`];
    }),
  );
}

/** VZDECK_BRIDGES of vz.conf: "br0=eth1,eth2 br1": devices of the node that are ports of a bridge that we make. */
export function portsOf(wish: string, bridge: string): readonly string[] {
  const entry = wish.split(/\s+/).find((word) => word.startsWith(`${bridge}=`));
  return entry === undefined
    ? []
    : entry
        .slice(bridge.length + 1)
        .split(',')
        .filter((name) => name !== '');
}

/** A file below /proc/sys/net that has to say something else as long as containers have a network, and what it said. */
export interface Switched {
  readonly path: string;
  readonly before: string;
  readonly value: string;
}

export interface Passage {
  /** In the order in which they are written; given back in reverse. */
  readonly switched: readonly Switched[];
  /** There nothing was forwarded before, and nothing is but for containers: devices of IPv4; ["all"] of IPv6, where the kernel knows no others. */
  readonly opened: Readonly<Record<4 | 6, readonly string[]>>;
}

/** `files`: its /proc/sys/net is the namespace's that we are in. `families`: of the addresses that containers have. */
export function passage(files: Pick<Files, 'read' | 'list'>, neighbours: Neighbours, families: ReadonlySet<4 | 6>): Passage {
  const said = (path: string): string => files.read(`/proc/sys/net/${path}`)?.trim() ?? '';
  const off = (path: string): boolean => said(path) === '0';
  const set = (path: string, value: string): readonly Switched[] => {
    const before = said(path);
    return before === '' || before === value ? [] : [{ path, before, value }];
  };
  const four = families.has(4) ? neighbours[4] : [];
  const opened4 = four.filter((device) => off(`ipv4/conf/${device}/forwarding`));
  // a proxy that stands in for hosts of somebody else's waits for them to answer first, up to 0.8 s; ours have nobody else
  const switched4 = [
    ...opened4.flatMap((device) => set(`ipv4/conf/${device}/forwarding`, '1')),
    ...four.flatMap((device) => set(`ipv4/neigh/${device}/proxy_delay`, '0')),
  ];
  if (!families.has(6)) return { switched: switched4, opened: { 4: opened4, 6: [] } };
  // IPv6 is forwarded by all devices or by none, those that come later (default) among them. A node that forwards takes no router's word any more,
  // unless it is told to
  const all = (files.list('/proc/sys/net/ipv6/conf') ?? []).filter((name) => !['all', 'lo'].includes(name));
  const closed = off('ipv6/conf/all/forwarding');
  const listening = closed ? all.filter((device) => said(`ipv6/conf/${device}/accept_ra`) === '1') : [];
  return {
    switched: [
      ...switched4,
      ...listening.flatMap((device) => set(`ipv6/conf/${device}/accept_ra`, '2')),
      ...set('ipv6/conf/all/forwarding', '1'),
      ...neighbours[6].flatMap((device) => [...set(`ipv6/conf/${device}/proxy_ndp`, '1'), ...set(`ipv6/neigh/${device}/proxy_delay`, '0')]),
    ],
    opened: { 4: opened4, 6: closed ? ['all'] : [] },
  };
}
