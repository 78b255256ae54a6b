// Links of the node as ip(8) tells them, and what one of them has that it loses on its way into a container, as lines that give it back.
import type { Host } from '../host/port.ts';

export interface NodeLink {
  readonly name: string;
  readonly index: number;
  readonly up: boolean;
  readonly loopback: boolean;
  /** "" for one without. */
  readonly mac: string;
  readonly mtu: number;
  /** What it is a part of: a bridge, a bond. */
  readonly master: string | null;
  /** Of the node, on which it stands as VLANs do; null for one that stands alone, or on one of another namespace. */
  readonly on: string | null;
  /** Number of a VLAN (802.1Q); null for what is none. */
  readonly vlan: number | null;
  /** Of a virtual one: veth, vlan, bridge …; "" otherwise. */
  readonly kind: string;
  /** Without masks. */
  readonly addresses: readonly string[];
  /** The node's default route leads through it. */
  readonly wayOut: boolean;
  /** Lines of `ip -batch` that give it back, in order, what it has. */
  readonly home: readonly string[];
}
export type NodeLinks = ReadonlyMap<string, NodeLink>;

interface Told {
  readonly ifname: string;
  readonly ifindex: number;
  readonly flags: readonly string[];
  readonly link_type: string;
  readonly address?: string;
  readonly mtu: number;
  readonly master?: string;
  readonly link?: string;
  readonly altnames?: readonly string[];
  readonly linkinfo?: { readonly info_kind?: string; readonly info_data?: { readonly id?: number; readonly protocol?: string } };
  readonly addr_info: readonly ToldAddress[];
}
interface ToldAddress {
  readonly family: string;
  readonly local: string;
  readonly address?: string;
  readonly prefixlen: number;
  readonly broadcast?: string;
  readonly scope: string;
  readonly label?: string;
  readonly dynamic?: boolean;
  readonly noprefixroute?: boolean;
  readonly nodad?: boolean;
}
interface ToldRoute {
  readonly type?: string;
  readonly dst: string;
  readonly dev?: string;
  readonly gateway?: string;
  readonly table?: string;
  readonly protocol?: string;
  readonly scope?: string;
  readonly prefsrc?: string;
  readonly metric?: number;
  readonly flags?: readonly string[];
  readonly nexthops?: readonly ToldHop[];
}
interface ToldHop {
  readonly dev?: string;
  readonly gateway?: string;
  readonly via?: { readonly host: string; readonly family: string };
  readonly weight?: number;
  readonly flags?: readonly string[];
}

/** What the kernel makes by itself it makes again. */
const givenBack = ({ family, scope, dynamic }: ToldAddress): boolean => family === 'inet' || (scope !== 'link' && !dynamic);

const addressLine = (name: string, a: ToldAddress): string =>
  [
    `addr add ${a.local}${a.address === undefined ? '' : ` peer ${a.address}`}/${a.prefixlen} dev ${name}`,
    ...(a.broadcast === undefined ? [] : [`brd ${a.broadcast}`]),
    ...(a.label === undefined || a.family !== 'inet' ? [] : [`label ${a.label}`]),
    ...(a.scope === 'global' ? [] : [`scope ${a.scope}`]),
    ...(a.noprefixroute ? ['noprefixroute'] : []),
    ...(a.nodad ? ['nodad'] : []),
  ].join(' ');

const onlink = ({ flags = [] }: ToldHop): readonly string[] => (flags.includes('onlink') ? ['onlink'] : []);
const hopWords = (hop: ToldHop): string =>
  [
    'nexthop',
    ...(hop.gateway === undefined ? [] : [`via ${hop.gateway}`]),
    ...(hop.via === undefined ? [] : [`via ${hop.via.family} ${hop.via.host}`]),
    ...(hop.dev === undefined ? [] : [`dev ${hop.dev}`]),
    ...(hop.weight === undefined ? [] : [`weight ${hop.weight}`]),
    ...onlink(hop),
  ].join(' ');

/** One of several ways is there still with the others: the whole takes its place. */
const routeLine = (name: string, six: boolean, r: ToldRoute): string =>
  [
    `route ${r.nexthops === undefined ? 'add' : 'replace'} ${r.dst === 'default' && six ? '::/0' : r.dst}`,
    ...(r.gateway === undefined ? [] : [`via ${r.gateway}`]),
    ...(r.nexthops === undefined ? [`dev ${name}`, ...onlink(r)] : []),
    ...(r.table === undefined ? [] : [`table ${r.table}`]),
    ...(r.protocol === undefined ? [] : [`proto ${r.protocol}`]),
    ...(r.scope === undefined ? [] : [`scope ${r.scope}`]),
    ...(r.prefsrc === undefined ? [] : [`src ${r.prefsrc}`]),
    ...(r.metric === undefined ? [] : [`metric ${r.metric}`]),
    ...(r.nexthops ?? []).map(hopWords),
  ].join(' ');

const MADE_BY_KERNEL = new Set(['kernel', 'ra', 'redirect']);
const isPlain = ({ type = 'unicast', protocol = '' }: ToldRoute): boolean => type === 'unicast' && !MADE_BY_KERNEL.has(protocol);

/** From `ip -j -d addr`, `ip -j route show table all` and the same of IPv6. */
export function linksOf(links: readonly Told[], four: readonly ToldRoute[], six: readonly ToldRoute[]): NodeLinks {
  const of = (told: Told): NodeLink => {
    const {
      ifname: name,
      ifindex: index,
      flags,
      link_type,
      address = '',
      mtu,
      master = null,
      link = null,
      altnames = [],
      linkinfo,
      addr_info,
    } = told;
    const mine = ({ dev, nexthops = [] }: ToldRoute): boolean => dev === name || nexthops.some((hop) => hop.dev === name);
    const up = flags.includes('UP');
    return {
      name,
      index,
      up,
      loopback: flags.includes('LOOPBACK'),
      mac: link_type === 'ether' ? address : '',
      mtu,
      master,
      // the other end of a veth stands beside it
      on: linkinfo?.info_kind === 'veth' || link === name ? null : link,
      vlan: linkinfo?.info_data?.protocol === '802.1Q' ? (linkinfo.info_data.id ?? null) : null,
      kind: linkinfo?.info_kind ?? '',
      addresses: addr_info.map(({ local }) => local),
      wayOut: [...four, ...six].some((route) => mine(route) && route.dst === 'default' && route.table === undefined),
      home: [
        `link set dev ${name} mtu ${mtu}${link_type === 'ether' ? ` address ${address}` : ''}`,
        ...altnames.map((other) => `link property add dev ${name} altname ${other}`),
        ...addr_info.filter(givenBack).map((a) => addressLine(name, a)),
        ...(up ? [`link set dev ${name} up`] : []),
        ...four.filter((route) => mine(route) && isPlain(route)).map((route) => routeLine(name, false, route)),
        ...six.filter((route) => mine(route) && isPlain(route)).map((route) => routeLine(name, true, route)),
      ],
    };
  };
  return new Map(links.map((told) => [told.ifname, of(told)]));
}

/** A link, and all that stands on it, or that it is a part of: what goes where it goes. */
export function carriedBy(links: NodeLinks, name: string): readonly NodeLink[] {
  const own = links.get(name);
  const above = [...links.values()].filter((link) => link.on === name || link.name === own?.master);
  return [...(own === undefined ? [] : [own]), ...above.flatMap((link) => carriedBy(links, link.name))];
}

/** All links of the network namespace that we are in. Throws VzError 'no-program'. */
export async function lookAtLinks(host: Pick<Host, 'run'>): Promise<NodeLinks> {
  const [links, four, six] = await Promise.all(
    [
      ['-d', 'addr'],
      ['route', 'show', 'table', 'all'],
      ['-6', 'route', 'show', 'table', 'all'],
    ].map(async (words) => JSON.parse((await host.run('ip', ['-j', ...words], { looks: true })).stdout || '[]')),
  );
  return linksOf(links as readonly Told[], four as readonly ToldRoute[], six as readonly ToldRoute[]);
}
