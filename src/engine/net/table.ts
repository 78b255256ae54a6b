// Our tables of nftables, one in each family that is in use: sets and maps that a packet is looked up in once, however many containers and addresses
// there are. What is in them the kinds of interfaces say; nothing outside these tables is touched.

/** Name of our tables: "vzdeck", with the tag of a prefix that is not the node's own. */
export const tableOf = (tag: string): string => `vzdeck${tag === '' ? '' : `-${tag}`}`;

/**
 * inet: what the node routes. bridge: frames of ports, before any bridge has looked at them. ip, ip6: translation, which makes the kernel keep an entry
 * for each connection of the node; so they are there only where somebody asks for it.
 */
export type TableFamily = 'inet' | 'bridge' | 'ip' | 'ip6';

type Version = '4' | '6';
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
 * Sets and maps, by the family in whose table they are. `opened`: devices of the node on which packets are forwarded for our containers' sake only,
 * `level`: those that it may leave again as it has come.
 * `filtered`: ports under a mac_filter; `listed`: those of them whose addresses are known; `kept`: their addresses, which no other port
 * may use; `node`: those of the node and of its routers, which may change at any time. Targets of neighbour discovery have no type in nft < 1.0.9, so they are numbers.
 */
export const SETS = {
  guarded: ['inet', 'set guarded { type ifname; }'],
  own4: ['inet', 'set own4 { type ifname . ipv4_addr; }'],
  own6: ['inet', 'set own6 { type ifname . ipv6_addr; }'],
  opened4: ['inet', 'set opened4 { type ifname; }'],
  opened6: ['inet', 'set opened6 { type ifname; }'],
  level: ['inet', 'set level { type ifname . ifname; }'],
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

/** hook "": one that is jumped to from another, which stands below it. */
type Chain = readonly [name: string, hook: string, rules: readonly string[]];

const translation = (version: Version, family: 'ip' | 'ip6', own: string): readonly Chain[] => {
  const port = `dnat to meta l4proto . th dport map @forward${version}`;
  return [
    ['port', 'type nat hook prerouting priority -100; policy accept;', [`fib daddr type local ${port}`]],
    ['ownPort', 'type nat hook output priority -100; policy accept;', [`${family} daddr != ${own} fib daddr type local ${port}`]],
    [
      'mask',
      'type nat hook postrouting priority 100; policy accept;',
      [
        `ct status dnat ${family} saddr . ${family} daddr @self${version} masquerade`,
        `${family} saddr @masked${version} oifname != @inner${version} masquerade`,
      ],
    ],
  ];
};

/**
 * Before the connection table is asked (-200), so that what a container forges costs no entry there. Whoever is in `guarded` or `filtered` and is found
 * nowhere sends nothing. What comes back from a chain that is jumped to is dropped.
 */
const CHAINS: Readonly<Record<TableFamily, readonly Chain[]>> = {
  inet: [
    [
      'guard',
      'type filter hook prerouting priority -350; policy accept;',
      [
        'iifname != @guarded accept',
        'iifname . ip saddr @own4 accept',
        'iifname . ip6 saddr @own6 accept',
        'counter name iifname map @foreign',
        'drop',
      ],
    ],
    [
      'transit',
      'type filter hook forward priority -10; policy accept;',
      [
        // what a bridge carries on comes by here with br_netfilter
        'iifname . oifname @level accept',
        'meta nfproto ipv4 iifname @opened4 oifname != @guarded drop',
        'meta nfproto ipv6 iifname @opened6 oifname != @guarded drop',
      ],
    ],
  ],
  bridge: [
    [
      'frames',
      '',
      [
        'arp htype != 1 return',
        'arp ptype != 0x0800 return',
        'arp hlen != 6 return',
        'arp plen != 4 return',
        'iifname . arp saddr ether != @mac return',
        'arp saddr ip 0.0.0.0 goto probe',
        'iifname . arp saddr ip @port4 accept',
        'iifname @listed return',
        'arp saddr ip != @kept4 arp saddr ip != @node4 accept',
      ],
    ],
    // it asks whether somebody has an address already
    [
      'probe',
      '',
      ['iifname . arp daddr ip @port4 accept', 'iifname @listed return', 'arp daddr ip != @kept4 arp daddr ip != @node4 accept'],
    ],
    [
      'packets4',
      '',
      [
        'udp sport 67 return',
        'icmp type { redirect, router-advertisement } return',
        'ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept',
        'ip saddr 0.0.0.0 ip protocol igmp accept',
        'iifname . ip saddr @port4 accept',
        'iifname @listed return',
        'ip saddr != @kept4 ip saddr != @node4 accept',
      ],
    ],
    // a neighbour's answer, or its question whether somebody has an address already, is about the address in it
    [
      'neighbour',
      '',
      ['iifname . @th,64,128 @target accept', 'iifname @listed return', '@th,64,128 != @keptTarget @th,64,128 != @nodeTarget accept'],
    ],
    [
      'packets6',
      '',
      [
        'udp sport 547 return',
        'icmpv6 type { nd-router-advert, nd-redirect } return',
        'ip6 saddr :: icmpv6 type nd-neighbor-solicit goto neighbour',
        'ip6 saddr :: icmpv6 type { nd-router-solicit, mld2-listener-report, mld-listener-report } accept',
        'ip6 saddr :: return',
        'iifname . ip6 saddr @port6 jump told',
        'iifname @listed return',
        'ip6 saddr != @kept6 ip6 saddr != @node6 jump told',
      ],
    ],
    ['told', '', ['icmpv6 type nd-neighbor-advert goto neighbour', 'accept']],
    [
      'guard',
      'type filter hook prerouting priority -350; policy accept;',
      [
        'iifname != @filtered accept',
        // other protocols carry addresses that nobody looks at: VLAN tags, spanning tree
        'iifname . ether saddr @mac ether type arp jump frames',
        'iifname . ether saddr @mac ether type ip jump packets4',
        'iifname . ether saddr @mac ether type ip6 jump packets6',
        'counter name iifname map @forged',
        'drop',
      ],
    ],
    // a bridge that does not know where somebody is, asks all ports
    [
      'private',
      'type filter hook postrouting priority 350; policy accept;',
      [
        'oifname != @filtered accept',
        'oifname . ether daddr @mac accept',
        'ether daddr & 01:00:00:00:00:00 == 01:00:00:00:00:00 accept',
        'drop',
      ],
    ],
  ],
  ip: translation('4', 'ip', '127.0.0.0/8'),
  ip6: translation('6', 'ip6', '::1'),
};

/** Sets that every change fills anew. */
const REREAD: readonly SetName[] = ['node4', 'node6', 'nodeTarget'];

const named = (t: string, text: string): string => text.replace(/^(\w+) /, (_, kind: string) => `${kind} ${t} `);

/** Family and name of the table that a set is in. */
export const placeOf = (t: string, set: string): string => `${SETS[set as SetName][0]} ${t}`;

/** Lines that make the tables as they must be, whatever is there of them: the beginning of every `nft -f`. */
export function skeleton(t: string, families: readonly TableFamily[]): readonly string[] {
  return families.flatMap((family) => {
    const place = `${family} ${t}`;
    return [
      `add table ${place}`,
      ...Object.values(SETS).flatMap(([of, text]) => (of === family ? [`add ${named(place, text)}`] : [])),
      ...CHAINS[family].flatMap(([name, hook]) => [
        `add chain ${place} ${name}${hook === '' ? '' : ` { ${hook} }`}`,
        `flush chain ${place} ${name}`,
      ]),
      ...(family === 'bridge' ? REREAD.map((set) => `flush set ${place} ${set}`) : []),
      ...CHAINS[family].flatMap(([name, , rules]) => rules.map((rule) => `add rule ${place} ${name} ${rule}`)),
    ];
  });
}

/** Lines that take them away, with all that is in them. */
export const removal = (t: string, families: readonly TableFamily[]): readonly string[] =>
  families.flatMap((family) => [`add table ${family} ${t}`, `delete table ${family} ${t}`]);
