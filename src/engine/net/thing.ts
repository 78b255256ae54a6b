// What a network is made of, as data: each thing says by which line of ip(8) or nft(8) it comes and goes, and where it stands. A kind of interface is
// a list of things; everything else (change, undo, clean-up, the record, a test's look at the node) works from such lists alone.
import { SETS, type SetName, type TableFamily } from './sets.ts';
import { placeOf } from './table.ts';

/**
 * node: line of ip(8) in the node's network namespace; inside: in the container's; table: line of nft(8) on what is in tables, before all links; untable:
 * after them, so that a guard stands as long as what it guards (routes.c and elements.c say which lines); switch: a file below /proc/sys/net of the node
 * that goes with its link; raise: a link that comes up after that. shared: a link of the node, its name first, that is made by the first container that
 * needs it and taken away after the last; one that somebody else has made is only used. cut: index of a link in the container, whatever it is called,
 * that goes before anything comes, so that another may have its name. shape, unshape: line of `tc -batch` on the node, where what is gone is no error.
 * pin, lend, return, unpin, announce: what the launcher does itself; home: line of `ip -batch`, when what is returned is back.
 */
const WHERES = [
  'table',
  'shared',
  'pin',
  'cut',
  'unshape',
  'node',
  'shape',
  'lend',
  'switch',
  'raise',
  'inside',
  'return',
  'home',
  'unpin',
  'announce',
  'untable',
] as const;
export type Where = (typeof WHERES)[number];

interface Shape {
  readonly where: Where;
  /** Where it goes, if that is elsewhere. */
  readonly goes?: Where;
  /** `t`: name of our tables. Arguments are those of the thing. */
  readonly add: (t: string, ...args: string[]) => readonly string[];
  /** Not an error where the thing is gone already: it is made sure of first, in the same batch. */
  readonly del: (t: string, ...args: string[]) => readonly string[];
}

/** By which our routes are known from those of others to the same place. */
export const OUR_METRIC = 187;

const element = (t: string, set: string, value: string): string => `element ${placeOf(t, set)} ${set} { ${value} }`;
const counted = (t: string, map = '', counter = '', link = ''): readonly string[] => [
  `add counter ${placeOf(t, map)} ${counter}`,
  `add ${element(t, map, `"${link}" : "${counter}"`)}`,
];

export const THINGS = {
  /** A veth pair: name on the node, name inside, index inside, MAC on both ends. What is inside goes with it. */
  pair: {
    where: 'node',
    add: (_t, name, inner, index, mac) => [
      `link add name ${inner} index ${index} netns container address ${mac} arp off type veth peer name ${name} address ${mac} arp off`,
      `link set dev ${name} addrgenmode none`,
      `link set dev ${name} up`,
    ],
    del: (_t, name) => [`link del dev ${name}`],
  },
  /** name, MAC, then devices of the node that are its ports. */
  bridge: {
    where: 'shared',
    add: (_t, name, mac, ...ports) => [
      `link add name ${name} address ${mac} type bridge stp_state 0 forward_delay 0`,
      `link set dev ${name} addrgenmode none`,
      ...ports.flatMap((port) => [`link set dev ${port} master ${name}`, `link set dev ${port} up`]),
    ],
    del: (_t, name, _mac, ...ports) => [...ports.map((port) => `link set dev ${port} nomaster`), `link del dev ${name}`],
  },
  /** A veth pair that carries frames: name on the node, name inside, index inside, bytes of the largest packet. */
  cable: {
    where: 'node',
    add: (_t, name, inner, index, mtu) => [
      `link add name ${inner} index ${index} netns container mtu ${mtu} type veth peer name ${name} mtu ${mtu}`,
    ],
    del: (_t, name) => [`link del dev ${name}`],
  },
  /** MAC on the node: link, MAC. */
  mac: { where: 'node', add: (_t, link, mac) => [`link set dev ${link} address ${mac}`], del: () => [] },
  innerMac: { where: 'inside', add: (_t, link, mac) => [`link set dev ${link} address ${mac}`], del: () => [] },
  /** link, its bridge or "". */
  port: {
    where: 'node',
    add: (_t, link, bridge) => [bridge === '' ? `link set dev ${link} nomaster` : `link set dev ${link} master ${bridge} addrgenmode none`],
    del: () => [],
  },
  nodeUp: { where: 'raise', add: (_t, link) => [link], del: () => [] },
  /** The node's way to an address: address/length, link, and where that is chosen the address that the node sends from. */
  route: {
    where: 'node',
    add: (_t, to, link, source = '') => [`route add ${to} dev ${link} metric ${OUR_METRIC}${source === '' ? '' : ` src ${source}`}`],
    // with a metric of its own it takes the place of nobody else's
    del: (_t, to, link) => ['replace', 'del'].map((verb) => `route ${verb} ${to} dev ${link} metric ${OUR_METRIC}`),
  },
  /** The node answers for an address (ARP, ND) on a device of its own. */
  proxy: {
    where: 'node',
    add: (_t, address, device) => [`neigh replace proxy ${address} dev ${device}`],
    del: (_t, address, device) => [`neigh replace proxy ${address} dev ${device}`, `neigh del proxy ${address} dev ${device}`],
  },
  /** A VLAN of the node: name, the link that carries it, id. */
  vlan: {
    where: 'shared',
    add: (_t, name, link, id) => [`link add link ${link} name ${name} type vlan id ${id}`],
    del: (_t, name) => [`link del dev ${name}`],
  },
  ifb: {
    where: 'node',
    // up in a line of its own: the kernel would be quicker with an address
    add: (_t, name) => [`link add name ${name} type ifb`, `link set dev ${name} addrgenmode none`, `link set dev ${name} up`],
    del: (_t, name) => [`link del dev ${name}`],
  },
  /** What leaves a link leaves it no faster: link, kbit/s, bytes that may pass at once. */
  bucket: {
    where: 'shape',
    goes: 'unshape',
    add: (_t, link, kbit, burst) => [`qdisc replace dev ${link} root tbf rate ${kbit}kbit burst ${burst} latency 50ms`],
    del: (_t, link) => [`qdisc del dev ${link} root`],
  },
  /** What comes in by a link goes through an ifb first: link, ifb. */
  steer: {
    where: 'shape',
    goes: 'unshape',
    add: (_t, link, ifb) => [
      `qdisc add dev ${link} ingress`,
      `filter add dev ${link} parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev ${ifb}`,
    ],
    del: (_t, link) => [`qdisc del dev ${link} ingress`],
  },
  /** What stands on a link of the node: name and index inside, that link, "address MAC" or "", type with its words. */
  sub: {
    where: 'node',
    goes: 'cut',
    add: (_t, name, index, link, address, type) => [
      `link add link ${link} name ${name} index ${index} netns container ${address} type ${type}`,
    ],
    del: (_t, _name, index) => [index],
  },
  /** The container's network namespace stays until what must be taken away from it has been. */
  pin: { where: 'pin', goes: 'unpin', add: () => ['net'], del: () => ['net'] },
  /** A link of the node's own that moves in: name, index inside, index on the node. */
  lent: {
    where: 'lend',
    goes: 'return',
    add: (_t, name, inner) => [`${name} ${inner}`],
    del: (_t, name, inner, index) => [`${inner} ${name} ${index}`],
  },
  /** What one had before, and gets back: name, line. */
  home: { where: 'home', add: () => [], del: (_t, name, line = '') => [`${name} ${line}`] },
  /** Neighbours on a device of the node are told that an address is here: address, device. */
  told: { where: 'announce', add: (_t, address, device) => [`${address} ${device}`], del: () => [] },
  /** path below /proc/sys/net, value. */
  switch: { where: 'switch', add: (_t, path, value) => [`${path} ${value}`], del: () => [] },
  innerUp: { where: 'inside', add: (_t, link) => [`link set dev ${link} up`], del: () => [] },
  up: { where: 'inside', add: (_t, link) => [`link set dev ${link} addrgenmode none`, `link set dev ${link} up`], del: () => [] },
  /** address/length, link, further words. */
  address: {
    where: 'inside',
    add: (_t, address, link, ...more) => [`addr add ${[address, 'dev', link, ...more].join(' ')}`],
    del: (_t, address, link) => [`addr replace ${address} dev ${link}`, `addr del ${address} dev ${link}`],
  },
  /** address/length, link, further words. */
  way: {
    where: 'inside',
    add: (_t, to, link, ...more) => [`route replace ${[to, 'dev', link, ...more].join(' ')}`],
    del: (_t, to, link, ...more) => [`route replace`, `route del`].map((verb) => `${verb} ${[to, 'dev', link, ...more].join(' ')}`),
  },
  /** set of our tables, element. */
  element: {
    where: 'table',
    goes: 'untable',
    add: (t, set, value) => [`add ${element(t, set, value)}`],
    del: (t, set, value) => [`add ${element(t, set, value)}`, `delete ${element(t, set, value)}`],
  },
  /** Packets that a rule drops, counted for each link: map of our tables, counter, link. */
  tally: {
    where: 'table',
    goes: 'untable',
    add: counted,
    del: (t, map = '', counter = '', link = '') => [
      ...counted(t, map, counter, link),
      `delete ${element(t, map, `"${link}"`)}`,
      `delete counter ${placeOf(t, map)} ${counter}`,
    ],
  },
} as const satisfies Readonly<Record<string, Shape>>;

export type ThingName = keyof typeof THINGS;
/** Its name and its arguments; as it is in JSON. */
export type Thing = readonly [ThingName, ...string[]];

export const whereOf = ([name]: Thing): Where => THINGS[name].where;
/** Name of the link that it makes on the node for its container alone; null for another thing. */
export const linkMadeBy = ([kind, name = '']: Thing): string | null =>
  kind === 'pair' || kind === 'cable' || kind === 'ifb' ? name : null;
export const isInTable = (thing: Thing): boolean => whereOf(thing) === 'table';
export const isShared = (thing: Thing): boolean => whereOf(thing) === 'shared';
const shapeOf = ([name]: Thing): Shape => THINGS[name];
/** A map takes no second value for a key: what goes from it goes before anything comes. */
export const isMapped = ([name, set]: Thing): boolean => name === 'element' && SETS[set as SetName][1].startsWith('map ');
const goesFrom = (thing: Thing): Where => (isMapped(thing) ? 'table' : (shapeOf(thing).goes ?? shapeOf(thing).where));
export const keyOf = (thing: Thing): string => thing.join(' ');

/** Lines of a change, by where they are read. */
export interface Batch extends Readonly<Record<Where, readonly string[]>> {
  /** Indexes of what stays of the kind that is cut. */
  readonly keep: readonly string[];
}

/**
 * What leads from one list of things to another: what comes, in its order, before what goes, in reverse order. So an interface never loses its last
 * address on the way, with which the kernel would take its routes. `t`: see Shape.
 */
export function change(t: string, before: readonly Thing[], after: readonly Thing[]): Batch {
  const [was, will] = [before, after].map((things) => new Set(things.map(keyOf)));
  const comes = after.filter((thing) => !was?.has(keyOf(thing)));
  const goes = before.filter((thing) => !will?.has(keyOf(thing))).reverse();
  // what is inside goes with the pair
  const gone = new Set(goes.flatMap(([name, , inner = '']) => (name === 'pair' || name === 'cable' ? [inner] : [])));
  const coming = (where: Where): readonly string[] =>
    comes.filter((thing) => whereOf(thing) === where).flatMap((thing) => shapeOf(thing).add(t, ...thing.slice(1)));
  const going = (where: Where): readonly string[] =>
    goes
      .filter((thing) => goesFrom(thing) === where && !(where === 'inside' && thing.slice(1).some((word) => gone.has(word))))
      .flatMap((thing) => shapeOf(thing).del(t, ...thing.slice(1)));
  const at = (where: Where): readonly string[] =>
    where === 'table' ? [...going(where), ...coming(where)] : [...coming(where), ...going(where)];
  const stays = before.filter((thing) => goesFrom(thing) === 'cut' && will?.has(keyOf(thing)));
  const keep = stays.flatMap((thing) => shapeOf(thing).del(t, ...thing.slice(1)));
  return { ...(Object.fromEntries(WHERES.map((where) => [where, at(where)])) as Record<Where, readonly string[]>), keep };
}

/** Both, each thing once. */
export function union(first: readonly Thing[], second: readonly Thing[]): readonly Thing[] {
  return [...new Map([...first, ...second].map((thing) => [keyOf(thing), thing])).values()];
}

/** Families of the tables that they are in. */
export const familiesOf = (things: readonly Thing[]): readonly TableFamily[] => [
  ...new Set(things.flatMap((thing) => (whereOf(thing) === 'table' ? SETS[thing[1] as SetName][0] : []))),
];
