// The program that hands a packet of one container to another one of the node at the link it comes in by, past the node's own way, and the maps that it
// asks. Pure: bytes for bpf(2). A packet is handed over when the node itself would send it there, by its routes and rules of routing; when its source is an
// address of that link, as the guard asks; and when it is plain: for the node's MAC, without a VLAN tag, options, hop-by-hop header, and with a hop to spend.
// Anything else goes the ordinary way, where it is forwarded, answered or dropped as ever.
import { bytesOf } from '../ip.ts';
import { add, alu, assemble, atomic, call, exit, jump, type Line, load, map, mov, place, store, when } from './assemble.ts';
import { mapTypes } from './types.ts';

/** What the launcher calls the program at links (routes.c). */
export const OUR_FILTER = 'vzdeck';

/** redirectPeer: Linux 5.10; roughTime, CLOCK_MONOTONIC of the last tick: 5.11. */
const HELPER = { lookUp: 1, update: 2, route: 69, redirectPeer: 155, roughTime: 160 } as const;
/** TC_ACT_OK. */
const PASS = 0;
/** BPF_NOEXIST. */
const FRESH = 1;
/** BPF_FIB_LOOKUP_SKIP_NEIGH, Linux 6.3: who is behind a link without ARP is no neighbour's. Older ones refuse it, and so each packet goes the ordinary way. */
const SKIP_NEIGHBOUR = 4;

/** Offsets in struct __sk_buff (linux/bpf.h). */
const PACKET = { length: 0, kind: 4, protocol: 16, vlan: 20, link: 40, data: 76, end: 80 } as const;
/** As they lie in memory: ETH_P_IP, ETH_P_IPV6. */
const [IP, IPV6] = [0x0008, 0xdd86];
const ETHERNET = 14;
/** Offsets in a frame. */
const FOUR = { head: ETHERNET, service: 15, part: 20, hops: 22, protocol: 23, from: 26, to: 30, end: 34 } as const;
const SIX = { head: ETHERNET, next: 20, hops: 21, from: 22, to: 38, end: 54 } as const;
/** Version 4, and a header without options. */
const PLAIN = 0x45;
const [AF_INET, AF_INET6] = [2, 10];
const [TCP, UDP] = [6, 17];
/** Offset of a fragment, as it lies in memory: only the first one has ports. */
const LATER_PART = 0xff1f;
const PORTS = 4;

/** struct bpf_fib_lookup (linux/bpf.h). */
const ROUTE = { family: 0, protocol: 1, link: 8, service: 12, from: 16, to: 32, size: 64 } as const;

/** On the stack. */
const [TO, FROM, LINK, FLOW, ZERO, WAY] = [-16, -32, -40, -56, -80, -144];

export interface DirectMaps {
  /** Addresses that may be handed over, to and from: the number of their link. An IPv4 address is written as in IPv6 (RFC 4291, 2.5.5.2). */
  readonly addresses: number;
  /** Of a link by its number, what was handed over to it: no counter of its end on the node has that. */
  readonly counts: number;
  /** Of what sockets do not tell (all but TCP): which link has handed what to which, and when last. The oldest give way. */
  readonly flows: number;
}

const WORDS = ['a', 'b', 'c', 'd'] as const;
export const ADDRESS_TYPES = mapTypes(
  WORDS.map((name) => ({ name, size: 4 })),
  'reach',
  [{ name: 'link', size: 4 }],
);
export const HANDED_TYPES = mapTypes(4, 'handed', [
  { name: 'bytes', size: 8 },
  { name: 'packets', size: 8 },
]);
/** ports: of the sender and of who is asked, as they lie in a packet; 0 for none. */
export const FLOW_TYPES = mapTypes(
  ['sender', 'receiver', 'protocol', 'ports'].map((name) => ({ name, size: 4 })),
  'flow',
  [
    { name: 'bytes', size: 8 },
    { name: 'packets', size: 8 },
    { name: 'last', size: 8 },
  ],
);
const KEY = { sender: 0, receiver: 4, protocol: 8, ports: 12 } as const;
const ADDRESS_BYTES = 16;
const COUNT = { bytes: 0, packets: 8, last: 16 } as const;

/** `address`: canonical. */
export function directKey(address: string): Uint8Array {
  const bytes = bytesOf(address);
  return bytes.length === ADDRESS_BYTES ? bytes : Uint8Array.of(...new Uint8Array(10), 255, 255, ...bytes);
}

/** r0 = the element of the map under the key at `key` on the stack; goes there where there is none. */
const look = (slot: number, key: number, otherwise: string): readonly Line[] => [
  map('r1', slot),
  mov('r2', 'fp'),
  add('r2', key),
  call(HELPER.lookUp),
  when('r0', 'eq', 0, otherwise),
];

const within = (end: number): readonly Line[] => [mov('r1', 'r7'), add('r1', end), when('r1', 'gt', 'r2', 'pass')];
const zero = (at: number, size: number): readonly Line[] => Array.from({ length: size / 8 }, (_, i) => store('fp', at + i * 8, 0));

/** r0 = a new element of zeros. */
const begun = (slot: number, key: number, size: number, otherwise: string): readonly Line[] => [
  ...zero(ZERO, size),
  map('r1', slot),
  mov('r2', 'fp'),
  add('r2', key),
  mov('r3', 'fp'),
  add('r3', ZERO),
  mov('r4', FRESH),
  call(HELPER.update),
  ...look(slot, key, otherwise),
];

/** Behind a header without more; r1 = the protocol, r2 = the packet's end. */
const ports = (family: 'four' | 'six', end: number): readonly Line[] => [
  when('r1', 'ne', UDP, `${family} asks`),
  mov('r1', 'r7'),
  add('r1', end + PORTS),
  when('r1', 'gt', 'r2', `${family} asks`),
  ...(family === 'six' ? [] : [load('r1', 'r7', FOUR.part, 2), alu('and', 'r1', LATER_PART), when('r1', 'ne', 0, `${family} asks`)]),
  load('r1', 'r7', end, PORTS),
  store('fp', FLOW + KEY.ports, 'r1', 4),
  place(`${family} asks`),
];

const four: readonly Line[] = [
  ...within(FOUR.end),
  load('r1', 'r7', FOUR.head, 1),
  when('r1', 'ne', PLAIN, 'pass'),
  load('r1', 'r7', FOUR.hops, 1),
  when('r1', 'le', 1, 'pass'),
  store('fp', WAY + ROUTE.family, AF_INET, 1),
  load('r1', 'r7', FOUR.protocol, 1),
  store('fp', WAY + ROUTE.protocol, 'r1', 1),
  ...ports('four', FOUR.end),
  load('r1', 'r7', FOUR.service, 1),
  store('fp', WAY + ROUTE.service, 'r1', 1),
  ...(
    [
      [TO, FOUR.to, ROUTE.to],
      [FROM, FOUR.from, ROUTE.from],
    ] as const
  ).flatMap(([key, at, way]) => [
    load('r1', 'r7', at, 4),
    store('fp', key, 0),
    store('fp', key + 8, -0x1_0000, 4),
    store('fp', key + 12, 'r1', 4),
    store('fp', WAY + way, 'r1', 4),
  ]),
];

/** What a hop-by-hop header asks of routers, they are to see. */
const six: readonly Line[] = [
  ...within(SIX.end),
  load('r1', 'r7', SIX.head, 1),
  alu('rsh', 'r1', 4),
  when('r1', 'ne', 6, 'pass'),
  load('r1', 'r7', SIX.next, 1),
  when('r1', 'eq', 0, 'pass'),
  store('fp', WAY + ROUTE.protocol, 'r1', 1),
  ...ports('six', SIX.end),
  load('r1', 'r7', SIX.hops, 1),
  when('r1', 'le', 1, 'pass'),
  store('fp', WAY + ROUTE.family, AF_INET6, 1),
  ...(
    [
      [TO, SIX.to, ROUTE.to],
      [FROM, SIX.from, ROUTE.from],
    ] as const
  ).flatMap(([key, at, way]) =>
    [0, 8].flatMap((half) => [load('r1', 'r7', at + half), store('fp', key + half, 'r1'), store('fp', WAY + way + half, 'r1')]),
  ),
];

export const directProgram = ({ addresses, counts, flows }: DirectMaps): Uint8Array =>
  assemble([
    mov('r6', 'r1'),
    // for a MAC of the node, and neither for all nor for others
    load('r1', 'r6', PACKET.kind, 4),
    when('r1', 'ne', 0, 'pass'),
    load('r1', 'r6', PACKET.vlan, 4),
    when('r1', 'ne', 0, 'pass'),
    ...zero(WAY, ROUTE.size),
    store('fp', FLOW + KEY.ports, 0, 4),
    load('r7', 'r6', PACKET.data, 4),
    load('r2', 'r6', PACKET.end, 4),
    load('r1', 'r6', PACKET.protocol, 4),
    when('r1', 'eq', IPV6, 'six'),
    when('r1', 'ne', IP, 'pass'),
    ...four,
    jump('asked'),
    place('six'),
    ...six,
    place('asked'),
    ...look(addresses, TO, 'pass'),
    load('r8', 'r0', 0, 4),
    ...look(addresses, FROM, 'pass'),
    load('r1', 'r0', 0, 4),
    load('r2', 'r6', PACKET.link, 4),
    when('r1', 'ne', 'r2', 'pass'),
    // back to where it came from is nobody's short way
    when('r1', 'eq', 'r8', 'pass'),
    store('fp', WAY + ROUTE.link, 'r2', 4),
    mov('r1', 'r6'),
    mov('r2', 'fp'),
    add('r2', WAY),
    mov('r3', ROUTE.size),
    mov('r4', SKIP_NEIGHBOUR),
    call(HELPER.route),
    when('r0', 'ne', 0, 'pass'),
    load('r1', 'fp', WAY + ROUTE.link, 4),
    when('r1', 'ne', 'r8', 'pass'),
    store('fp', LINK, 'r8', 4),
    ...look(counts, LINK, 'first'),
    place('count'),
    load('r1', 'r6', PACKET.length, 4),
    atomic('add', 'r0', COUNT.bytes, 'r1'),
    mov('r1', 1),
    atomic('add', 'r0', COUNT.packets, 'r1'),
    load('r1', 'fp', WAY + ROUTE.protocol, 1),
    when('r1', 'eq', TCP, 'hand'),
    store('fp', FLOW + KEY.protocol, 'r1', 4),
    load('r1', 'r6', PACKET.link, 4),
    store('fp', FLOW + KEY.sender, 'r1', 4),
    store('fp', FLOW + KEY.receiver, 'r8', 4),
    ...look(flows, FLOW, 'new'),
    place('tell'),
    mov('r7', 'r0'),
    load('r1', 'r6', PACKET.length, 4),
    add('r1', -ETHERNET),
    atomic('add', 'r7', COUNT.bytes, 'r1'),
    mov('r1', 1),
    atomic('add', 'r7', COUNT.packets, 'r1'),
    call(HELPER.roughTime),
    store('r7', COUNT.last, 'r0'),
    place('hand'),
    mov('r1', 'r8'),
    mov('r2', 0),
    call(HELPER.redirectPeer),
    exit,
    place('first'),
    ...begun(counts, LINK, HANDED_TYPES.size, 'pass'),
    jump('count'),
    place('new'),
    ...begun(flows, FLOW, FLOW_TYPES.size, 'hand'),
    jump('tell'),
    place('pass'),
    mov('r0', PASS),
    exit,
  ]);

const numbersIn = (text: string): readonly number[] => text.match(/\d+/g)?.map(Number) ?? [];
const linesOf = (text: string): readonly (readonly number[])[] =>
  text.split('\n').flatMap((line) => (line.startsWith('#') ? [] : [numbersIn(line)]));

/** Of what was handed over to a link. */
export interface Handed {
  readonly bytes: number;
  readonly packets: number;
}

/** By the numbers of links, "4711: {120,2,}". */
export const parseHanded = (text: string): ReadonlyMap<number, Handed> =>
  new Map(
    linesOf(text).flatMap(([link, bytes, packets, ...more]): [number, Handed][] =>
      link === undefined || bytes === undefined || packets === undefined || more.length > 0 ? [] : [[link, { bytes, packets }]],
    ),
  );

/** What one link has handed to another, both ways each for itself. */
export interface Flow {
  /** Numbers of links. */
  readonly sender: number;
  readonly receiver: number;
  /** Of IP. */
  readonly protocol: number;
  /** Of the sender and the receiver, 0 for none. */
  readonly ports: readonly [number, number];
  /** As IP counts them. */
  readonly bytes: number;
  readonly packets: number;
  /** CLOCK_MONOTONIC, milliseconds. */
  readonly last: number;
}

/** "{4711,4712,17,13568,}: {120,2,1000000,}". */
export const parseFlows = (text: string): readonly Flow[] =>
  linesOf(text).flatMap((numbers): Flow[] => {
    const [sender = 0, receiver = 0, protocol = 0, ports = 0, bytes = 0, packets = 0, last = 0] = numbers;
    const swapped = (n: number): number => ((n & 255) << 8) | ((n >>> 8) & 255);
    if (numbers.length !== 7) return [];
    return [{ sender, receiver, protocol, ports: [swapped(ports), swapped(ports >>> 16)], bytes, packets, last: last / 1e6 }];
  });

/** As the kernel prints keys of the map of addresses, "{0,0,4294901760,…}: {7,}", with the number of the link. */
const printed = (key: Uint8Array): string => {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  return WORDS.map((_, i) => view.getUint32(i * 4, true)).join(' ');
};

/** Asks for the number of the link that an address is under in such a text; null: it is not there. */
export function directLinks(text: string): (address: string) => number | null {
  const links = new Map(linesOf(text).flatMap((n) => (n.length === WORDS.length + 1 ? [[n.slice(0, 4).join(' '), n[4] ?? 0]] : [])));
  return (address) => links.get(printed(directKey(address))) ?? null;
}
