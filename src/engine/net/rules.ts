// Rules of our tables of nftables: what a packet of a container must be like, and where it may go.
import type { SetName, TableFamily, Version } from './sets.ts';

/** hook "": one that is jumped to from another, which stands below it. needs: sets without which it holds nothing, so that no packet passes it for nothing. */
export type Chain = readonly [name: string, hook: string, rules: readonly string[], needs?: readonly SetName[]];

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
export const CHAINS: Readonly<Record<TableFamily, readonly Chain[]>> = {
  inet: [
    [
      'routed',
      '',
      [
        'icmpv6 type { nd-router-advert, nd-redirect } return',
        'icmp type { redirect, router-advertisement } return',
        'ip daddr 127.0.0.0/8 return',
        'fib saddr . iif oif exists accept',
        // who has no address yet
        'ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept',
        'ip6 saddr :: icmpv6 type { nd-neighbor-solicit, nd-router-solicit, mld2-listener-report } accept',
      ],
    ],
    [
      'guard',
      'type filter hook prerouting priority -350; policy accept;',
      [
        'iifname != @guarded accept',
        // of a node with route_localnet (kube-proxy sets it) loopback would be reached from outside; IPv6 has no such switch
        'iifname . ip saddr @own4 ip daddr != 127.0.0.0/8 accept',
        'iifname . ip6 saddr @own6 accept',
        'iifname . ether saddr @alone jump routed',
        'counter name iifname map @foreign',
        'drop',
      ],
    ],
    [
      'transit',
      'type filter hook forward priority -10; policy accept;',
      [
        // what a bridge carries on comes by here with br_netfilter, and is not for a MAC of the node
        'meta iifkind "bridge" meta oifkind "bridge" ether daddr != @near accept',
        'meta nfproto ipv4 iifname @opened4 oifname != @guarded drop',
        'meta nfproto @closed iifname != @guarded oifname != @guarded drop',
      ],
      ['opened4', 'closed'],
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
        'udp dport 68 return',
        'icmp type { redirect, router-advertisement } return',
        'ip daddr 127.0.0.0/8 return',
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
    ['told', '', ['icmpv6 type nd-neighbor-advert goto neighbour', 'accept']],
    [
      'sender6',
      '',
      ['iifname . ip6 saddr @port6 jump told', 'iifname @listed return', 'ip6 saddr != @kept6 ip6 saddr != @node6 jump told'],
    ],
    // part of a packet: the first must show what it is (RFC 7112), and be none of those words (RFC 6980)
    [
      'piece',
      '',
      [
        'ip6 saddr :: return',
        'frag frag-off != 0 goto sender6',
        'icmpv6 type { echo-request, echo-reply } goto sender6',
        // in two rules: nft 1.0 makes one comparison of both in one
        'udp sport 547 return',
        'udp dport != 546 goto sender6',
        'meta l4proto != { icmpv6, udp } goto sender6',
      ],
    ],
    [
      'packets6',
      '',
      [
        'exthdr frag exists goto piece',
        'udp sport 547 return',
        'udp dport 546 return',
        'icmpv6 type { nd-router-advert, nd-redirect } return',
        'ip6 saddr :: icmpv6 type nd-neighbor-solicit goto neighbour',
        'ip6 saddr :: icmpv6 type { nd-router-solicit, mld2-listener-report, mld-listener-report } accept',
        'ip6 saddr :: return',
        // of one that hides what it is behind a header that ends too early, nothing is known
        'meta l4proto != 255 goto sender6',
      ],
    ],
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
