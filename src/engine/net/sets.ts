// Sets and maps of our tables of nftables, in which a packet is looked up once, however many containers and addresses there are.

/**
 * inet: what the node routes. bridge: frames of ports, before any bridge has looked at them. ip, ip6: translation, which makes the kernel keep an entry
 * for each connection of the node; so they are there only where somebody asks for it.
 */
export type TableFamily = 'inet' | 'bridge' | 'ip' | 'ip6';

export type Version = '4' | '6';
type Translating<V extends Version> = Record<`${'forward' | 'self' | 'masked' | 'inner'}${V}`, readonly [TableFamily, string]>;

/** `forward`: ports of the node; `self`: containers that come back to themselves; `masked`: who goes out as the node; `inner`: links to containers. */
function translating<V extends Version>(version: V, family: TableFamily, type: string): Translating<V> {
  const sets = {
    forward: `map forward${version} { type inet_proto . inet_service : ${type} . inet_service; }`,
    self: `set self${version} { type ${type} . ${type}; }`,
    masked: `set masked${version} { type ${type}; }`,
    inner: `set inner${version} { type ifname; }`,
  };
  const all = Object.entries(sets).map(([name, text]): [string, readonly [TableFamily, string]] => [`${name}${version}`, [family, text]]);
  return Object.fromEntries(all) as Translating<V>;
}

/**
 * Sets and maps, by the family in whose table they are. `opened4`: devices of the node on which packets are forwarded for our containers' sake only;
 * `closed`: families in which it forwards none but ours; `near`: MACs of its own. `alone`: links with the MACs behind them that are no bridge's ports
 * and whose addresses are not known: what the node routes to such a one may come from it.
 * `filtered`: ports under a mac_filter; `listed`: those of them whose addresses are known; `kept`: their addresses, which no other port
 * may use; `node`: those of the node, of its routers and of containers on venet, which may change at any time. Targets of neighbour discovery have no type in nft < 1.0.9, so they are numbers.
 */
export const SETS = {
  guarded: ['inet', 'set guarded { type ifname; }'],
  own4: ['inet', 'set own4 { type ifname . ipv4_addr; }'],
  own6: ['inet', 'set own6 { type ifname . ipv6_addr; }'],
  opened4: ['inet', 'set opened4 { type ifname; }'],
  closed: ['inet', 'set closed { typeof meta nfproto; }'],
  near: ['inet', 'set near { type ether_addr; }'],
  alone: ['inet', 'set alone { type ifname . ether_addr; }'],
  foreign: ['inet', 'map foreign { type ifname : counter; }'],
  filtered: ['bridge', 'set filtered { type ifname; }'],
  listed: ['bridge', 'set listed { type ifname; }'],
  mac: ['bridge', 'set mac { type ifname . ether_addr; }'],
  port4: ['bridge', 'set port4 { type ifname . ipv4_addr; }'],
  port6: ['bridge', 'set port6 { type ifname . ipv6_addr; }'],
  target: ['bridge', 'set target { typeof iifname . @th,64,128; }'],
  kept4: ['bridge', 'set kept4 { type ipv4_addr; }'],
  kept6: ['bridge', 'set kept6 { type ipv6_addr; }'],
  keptTarget: ['bridge', 'set keptTarget { typeof @th,64,128; }'],
  node4: ['bridge', 'set node4 { type ipv4_addr; }'],
  node6: ['bridge', 'set node6 { type ipv6_addr; }'],
  nodeTarget: ['bridge', 'set nodeTarget { typeof @th,64,128; }'],
  forged: ['bridge', 'map forged { type ifname : counter; }'],
  ...translating('4', 'ip', 'ipv4_addr'),
  ...translating('6', 'ip6', 'ipv6_addr'),
} as const satisfies Readonly<Record<string, readonly [TableFamily, string]>>;
export type SetName = keyof typeof SETS;
