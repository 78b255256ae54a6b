// All kinds of interfaces. A new one is a file beside this that says what must exist for its values, and its line here.
import { words } from '../spec/params/grammar.ts';
import { parseLinks } from '../spec/params/links.ts';
import { netifsOf } from '../spec/params/netif.ts';
import { parseRates } from '../spec/params/rate.ts';
import type { Values } from '../spec/params/read.ts';
import type { Around } from '../spec/params/types.ts';
import type { Prefix } from '../spec/prefix.ts';
import { lentThings, whyNotLent } from './lent.ts';
import type { NodeLinks } from './look.ts';
import type { Neighbours } from './node-links.ts';
import { rateThings, whyNoRate } from './rate.ts';
import { subLinkThings, whyNoSubLink } from './sub-links.ts';
import type { Thing } from './thing.ts';
import { translateThings } from './translate.ts';
import { addressesOf, VENET as VENET_NAME, venetName, venetThings } from './venet.ts';
import { type VethWish, vethThings } from './veth.ts';

export interface NetWish {
  readonly id: number;
  /** Of the prefix: part of names that the whole node shares. */
  readonly tag: string;
  /** Canonical, of the config. */
  readonly values: Values;
  readonly neighbours: Neighbours;
  /** Of the device that VE_ROUTE_SRC_DEV names, "" where it names none; null for one without an IPv4 address. */
  readonly source: string | null;
  readonly around: Pick<Around, 'hardware'>;
  readonly side: Pick<VethWish, 'mtu' | 'bridge' | 'six'>;
  /** Addresses that go out as the node's. */
  readonly masked: readonly Prefix[];
  /** Of a device of the node; see node-links.ts. */
  readonly settings: (device: string) => readonly string[];
  /** Of the node, where a kind looks at them; empty otherwise. */
  readonly links: NodeLinks;
  /** Of those, which carry logins, with whose. */
  readonly carriers: ReadonlyMap<string, string>;
}

/** What cannot be, before anything changes: as the error says it. */
export interface Refusal {
  readonly link: string;
  /** Completes "Network device NAME …". */
  readonly why: string;
}

export interface Kind {
  /** Keys of the table that it takes. */
  readonly keys: readonly string[];
  /** IP families that the node forwards for it; [] where the values ask for none of the kind. */
  families(values: Values): readonly (4 | 6)[];
  /** It must know the links of the node. */
  looks?(values: Values): boolean;
  /** Links of the node that go into the container, and are no neighbours' any more. */
  taken?(values: Values): readonly string[];
  refuses?(wish: NetWish, before: readonly Thing[]): Refusal | null;
  /** What must exist, in the order in which it is made; `before`: what does. */
  things(wish: NetWish, before: readonly Thing[]): readonly Thing[];
}

const VENET: Kind = {
  keys: ['IP_ADDRESS'],
  families: (values) => addressesOf(values.get('IP_ADDRESS')).map(({ family }) => family),
  things: ({ id, tag, values, neighbours, source }, before) =>
    venetThings({ id, tag, addresses: addressesOf(values.get('IP_ADDRESS')), neighbours, source: source ?? '' }, before),
};

const lentNames = (values: Values): readonly string[] => words(values.get('NETDEV') ?? '');

const NETDEV: Kind = {
  keys: ['NETDEV'],
  families: () => [],
  looks: (values) => lentNames(values).length > 0,
  taken: lentNames,
  refuses({ values, links, carriers }, before) {
    const has = new Set(before.flatMap(([kind, name = '']) => (kind === 'lent' ? [name] : [])));
    const [first] = lentNames(values).flatMap((link) => {
      const why = has.has(link) ? null : whyNotLent(link, links, carriers);
      return why === null ? [] : [{ link, why }];
    });
    return first ?? null;
  },
  things: ({ values, links, settings }, before) => lentThings(lentNames(values), links, settings, before),
};

const VETH: Kind = {
  keys: ['NETIF'],
  families: () => [],
  things: ({ id, values, around, side }, before) => vethThings({ id, devices: netifsOf(values.get('NETIF'), id, around), ...side }, before),
};

const SUB_LINKS: Kind = {
  keys: ['VZDECK_LINKS'],
  families: () => [],
  looks: (values) => Boolean(values.get('VZDECK_LINKS')),
  refuses: ({ values, links }) => whyNoSubLink(values.get('VZDECK_LINKS'), lentNames(values), links),
  things: ({ id, values }) => subLinkThings(id, values.get('VZDECK_LINKS')),
};

const TRANSLATION: Kind = {
  keys: ['VZDECK_FORWARD'],
  families: () => [],
  things: (wish) => translateThings(wish, wish.values.get('IP_ADDRESS'), wish.values.get('VZDECK_FORWARD')),
};

/** Names inside of devices that the node has no end of. */
const wholeInside = (values: Values): readonly string[] => [
  ...lentNames(values),
  ...parseLinks(values.get('VZDECK_LINKS')).map(({ name }) => name),
];

/** Keys that `twinInside` looks at. */
export const NAMING_KEYS: readonly string[] = ['NETIF', 'NETDEV', 'VZDECK_LINKS'];
/** The second of two interfaces that would have the same name inside; null for values that can hold together. */
export function twinInside(id: number, values: Values, around: NetWish['around']): Refusal | null {
  const names = ['lo', VENET_NAME, ...netifsOf(values.get('NETIF'), id, around).map(({ ifname }) => ifname), ...wholeInside(values)];
  const twin = names.find((name, at) => names.indexOf(name) < at);
  return twin === undefined ? null : { link: twin, why: 'is what another interface of this container is called inside' };
}

/** Keys that `rateRefusal` looks at. */
export const RATE_KEYS: readonly string[] = ['VZDECK_RATE', 'NETDEV', 'VZDECK_LINKS'];
/** Null for values that can hold together. */
export const rateRefusal = (values: Values): Refusal | null => whyNoRate(wholeInside(values), values.get('VZDECK_RATE'));

/** Names that have a rate of their own and that no interface has. */
export function idleRates(id: number, values: Values, around: NetWish['around']): readonly string[] {
  const has = new Set([VENET_NAME, ...netifsOf(values.get('NETIF'), id, around).map(({ ifname }) => ifname), ...wholeInside(values)]);
  return [...(parseRates(values.get('VZDECK_RATE') ?? '0') ?? [])].flatMap(([name]) => (name === '' || has.has(name) ? [] : [name]));
}

const RATE: Kind = {
  keys: ['VZDECK_RATE'],
  families: () => [],
  refuses: ({ values }) => rateRefusal(values),
  things({ id, tag, values, around }) {
    const venet = addressesOf(values.get('IP_ADDRESS')).length === 0 ? [] : [{ inner: VENET_NAME, link: venetName(tag, id) }];
    const veths = netifsOf(values.get('NETIF'), id, around).map(({ ifname, hostName }) => ({ inner: ifname, link: hostName }));
    return rateThings([...venet, ...veths], values.get('VZDECK_RATE'));
  },
};

const ALL: readonly Kind[] = [VENET, NETDEV, VETH, SUB_LINKS, TRANSLATION, RATE];

/** Loopback only, whatever else there is. */
export const WHETHER = 'VZDECK_NETWORK';
export const KIND_KEYS: readonly string[] = [...ALL.flatMap(({ keys }) => keys), WHETHER];
export const kindsOf = (values: Values): readonly Kind[] => (values.get(WHETHER) === 'empty' ? [] : ALL);
