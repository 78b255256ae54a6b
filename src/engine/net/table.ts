// Our one table of nftables: sets and maps that a packet is looked up in once, however many containers and addresses there are. What is in them the
// kinds of interfaces say; nothing outside the table is touched.

/** "inet vzdeck", with the tag of a prefix that is not the node's own. */
export const tableOf = (tag: string): string => `inet vzdeck${tag === '' ? '' : `-${tag}`}`;

/** Sets and maps. `opened`: devices of the node on which packets are forwarded for our containers' sake only. */
export const SETS = {
  guarded: 'set guarded { type ifname; }',
  own4: 'set own4 { type ifname . ipv4_addr; }',
  own6: 'set own6 { type ifname . ipv6_addr; }',
  opened4: 'set opened4 { type ifname; }',
  opened6: 'set opened6 { type ifname; }',
  foreign: 'map foreign { type ifname : counter; }',
} as const;
export type SetName = keyof typeof SETS;

/**
 * Before the connection table is asked (-200), so that what a container forges costs no entry there. Whoever is in `guarded` and is found nowhere
 * sends nothing.
 */
const CHAINS: readonly (readonly [name: string, hook: string, rules: readonly string[]])[] = [
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
    ['meta nfproto ipv4 iifname @opened4 oifname != @guarded drop', 'meta nfproto ipv6 iifname @opened6 oifname != @guarded drop'],
  ],
];

const named = (t: string, text: string): string => text.replace(/^(\w+) /, (_, kind: string) => `${kind} ${t} `);

/** Lines that make the table as it must be, whatever is there of it: the beginning of every `nft -f`. */
export function skeleton(t: string): readonly string[] {
  return [
    `add table ${t}`,
    ...Object.values(SETS).map((text) => `add ${named(t, text)}`),
    ...CHAINS.flatMap(([name, hook, rules]) => [
      `add chain ${t} ${name} { ${hook} }`,
      `flush chain ${t} ${name}`,
      ...rules.map((rule) => `add rule ${t} ${name} ${rule}`),
    ]),
  ];
}

/** Lines that take it away, with all that is in it. */
export const removal = (t: string): readonly string[] => [`add table ${t}`, `delete table ${t}`];
