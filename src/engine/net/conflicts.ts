// Why a container cannot have an address: somebody has it, or the node would lose its own way. Pure: from lists to the first reason.
import { type Address, parseAddress } from '../spec/ip.ts';
import { holds, type Prefix, parsePrefixes } from '../spec/prefix.ts';

/** A way that the node knows; without those of its own addresses. */
export interface Route {
  readonly text: string;
  readonly to: Prefix;
  readonly device: string;
  /** The next hop; "" for what is on the link itself, and for what is refused. */
  readonly via: string;
}

export interface Others {
  /** Of the node itself, without masks. */
  readonly own: readonly { readonly address: string; readonly device: string }[];
  readonly routes: readonly Route[];
  /** Addresses that it answers for already, on a device of its own. */
  readonly answered: readonly { readonly address: string; readonly device: string }[];
  /** Where the administrator is who asks; null for one who is here. */
  readonly peer: string | null;
  /** Addresses of other containers' configs, also of those that do not run. */
  readonly containers: readonly { readonly id: number; readonly addresses: readonly Address[] }[];
}

/** Addresses that mean something else everywhere. */
const SPECIAL: readonly (readonly [RegExp, string])[] = [
  [/^127\.|^::1$/, 'is loopback: every container has it of its own'],
  [/^(22[4-9]|23\d)\.|^ff/i, 'is multicast: nobody has it alone'],
  [/^(24\d|25[0-5])\.|^0\./, 'is reserved'],
  [/^fe[89ab]|^169\.254\./i, 'is link-local: a device has its own on its wire, and no router passes it on'],
  [/^::ffff:/i, 'is an IPv4 address in IPv6 form: give it as IPv4'],
];

/** Bits of the widest networks that anybody was ever given; wider ones, two of them as well, are what a default route is for. */
const WIDEST = { 4: 8, 6: 16 } as const;

/** Completes "address A …"; null for an address that may be had. */
export function conflictOf(address: Address, { own, routes, answered, peer, containers }: Others): string | null {
  const { text, mask, family } = address;
  const special = SPECIAL.find(([pattern]) => pattern.test(text));
  if (special) return special[1];
  if (mask !== null && mask < WIDEST[family])
    return `has a prefix that swallows the default route: /${mask} (/${WIDEST[family]} is the widest)`;
  const mine = own.find(({ address }) => address === text);
  if (mine) return `is the node's own, on ${mine.device}`;
  if (text === peer) return 'is where the session that asks for it comes from: that would end';
  if (routes.some(({ via }) => via === text)) return "is that of the node's router: the node would not reach it any more";
  const other = containers.find(({ addresses }) => addresses.some((a) => a.text === text));
  if (other) return `belongs to container ${other.id}`;
  const here = answered.find((one) => one.address === text);
  if (here) return `is one that the node answers for already, on ${here.device} (ip neigh show proxy)`;
  return routeConflict(address, routes, own);
}

/** The kernel takes the last address of each network of its own for all hosts of it (RFC 919), whatever else has a route. */
const isBroadcast = ({ family, first, size }: Prefix, address: Address, own: Others['own']): boolean =>
  family === 4 &&
  size > 2n &&
  holds({ family, first: first + size - 1n, size: 1n }, address) &&
  own.some((one) => one.address.includes('.') && holds({ family, first, size }, { family, text: one.address }));

/** The nearest way that the node knows is the one that counts: a network on its own links has room for containers, one behind a router is elsewhere. */
function routeConflict(address: Address, routes: readonly Route[], own: Others['own']): string | null {
  const [nearest] = routes
    .filter(({ to, text }) => !text.endsWith('/0') && holds(to, address))
    .sort((a, b) => (a.to.size < b.to.size ? -1 : 1));
  if (nearest === undefined) return null;
  const { text, to, device, via } = nearest;
  if (via === '' && isBroadcast(to, address, own)) return `is the broadcast address of ${text}, on ${device}`;
  if (to.size === 1n) return `has a route of the node already (${text} ${via === '' ? `dev ${device}` : `via ${via}`})`;
  return via === '' ? null : `lies behind ${via}: the node has a route to ${text} there`;
}

const little4 = (hex: string): string =>
  [...hex.matchAll(/../g)]
    .reverse()
    .map(([byte]) => Number.parseInt(byte, 16))
    .join('.');
const plain6 = (hex: string): string => parseAddress((hex.match(/.{4}/g) ?? []).join(':'))?.text ?? '';

/** RTF_REJECT (linux/route.h): what goes there is refused, so nobody is there. RTF_LOCAL (linux/ipv6_route.h): an address of the node's. */
const [REJECT, LOCAL] = [0x200, 0x8000_0000];
const bitsOf = (mask: string): number => [...Number.parseInt(mask, 16).toString(2)].filter((bit) => bit === '1').length;

/** Of /proc/net/route and /proc/net/ipv6_route (columns of the kernel's fib_trie.c and ipv6/route.c); default routes among them. */
export function routesOf(four: string, six: string): readonly Route[] {
  const rows = (text: string): readonly (readonly string[])[] => text.split('\n').map((line) => line.trim().split(/\s+/));
  const route = (address: string, bits: number, gateway: string, flags: string, device: string): readonly Route[] => {
    const [to] = parsePrefixes(`${address}/${bits}`);
    const via = Number.parseInt(flags, 16) & REJECT || /^[0:.]*$/.test(gateway) ? '' : gateway;
    return to === undefined || (Number.parseInt(flags, 16) & LOCAL) !== 0 ? [] : [{ text: `${address}/${bits}`, to, device, via }];
  };
  return [
    ...rows(four).flatMap(([device = '', to = '', via = '', flags = '', , , , mask = '']) =>
      /^[0-9A-F]{8}$/i.test(to) ? route(little4(to), bitsOf(mask), little4(via), flags, device) : [],
    ),
    ...rows(six).flatMap(([to = '', bits = '', , , via = '', , , , flags = '', device = '']) =>
      /^[0-9a-f]{32}$/i.test(to) ? route(plain6(to), Number.parseInt(bits, 16), plain6(via), flags, device) : [],
    ),
  ];
}

/** Their next hops. */
export const routersOf = (routes: readonly Route[]): readonly string[] => [...new Set(routes.flatMap(({ via }) => via || []))];

/** IPv4 addresses that the node answers for, of /proc/net/arp; ATF_PUBL (linux/if_arp.h). */
export const answeredOf = (arp: string): Others['answered'] =>
  arp.split('\n').flatMap((line) => {
    const [address = '', , flags = '', , , device = ''] = line.trim().split(/\s+/);
    return Number(flags) & 8 ? [{ address, device }] : [];
  });
