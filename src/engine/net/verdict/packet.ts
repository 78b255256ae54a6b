// What is known of a packet where rules look at it, by the names that nft has for it.

import { parseAddress } from '../../spec/ip.ts';
import { holds, parsePrefixes } from '../../spec/prefix.ts';
import { isObject, type Json } from './ruleset.ts';

export type Protocol = 'tcp' | 'udp' | 'icmp';

/** The first one of a connection. */
export interface Packet {
  readonly family: 4 | 6;
  readonly from: string;
  readonly to: string;
  readonly protocol: Protocol;
  /** At its destination; null for a protocol without, or where any is meant. */
  readonly port: number | null;
  /** Links by which it has come, and will go; "" before that is known, or where it is its own machine's. */
  readonly in: string;
  readonly out: string;
  /** Its destination is an address of the machine whose rules these are; null: not known. */
  readonly local: boolean | null;
  /** Its destination was another one before. */
  readonly translated: boolean;
  readonly mark: number | null;
  /** Of the frame; "" where there is none. */
  readonly macFrom: string;
  readonly macTo: string;
  /** Bridges of the machine; absent where nobody has looked. */
  readonly bridges?: ReadonlySet<string>;
}

/** undefined: nobody knows. null: the packet has no such thing, so that no condition about it holds. */
export type Fact = Json | undefined;

const l4 = ({ family, protocol }: Packet): string => (protocol === 'icmp' && family === 6 ? 'ipv6-icmp' : protocol);
const ipOf = (packet: Packet, field: string): Fact =>
  ({ saddr: packet.from, daddr: packet.to, protocol: l4(packet), nexthdr: l4(packet), version: packet.family })[field];
const portsOf = ({ port }: Packet, field: string): Fact => (field === 'dport' ? (port ?? undefined) : undefined);
const only = (is: boolean, fact: () => Fact): Fact => (is ? fact() : null);

const PAYLOAD: Readonly<Record<string, (packet: Packet, field: string) => Fact>> = {
  ip: (packet, field) => only(packet.family === 4, () => ipOf(packet, field)),
  ip6: (packet, field) => only(packet.family === 6, () => ipOf(packet, field)),
  tcp: (packet, field) => only(packet.protocol === 'tcp', () => portsOf(packet, field)),
  udp: (packet, field) => only(packet.protocol === 'udp', () => portsOf(packet, field)),
  th: (packet, field) => only(packet.protocol !== 'icmp', () => portsOf(packet, field)),
  icmp: (packet, field) => only(packet.protocol === 'icmp' && packet.family === 4, () => (field === 'type' ? 'echo-request' : undefined)),
  icmpv6: (packet, field) => only(packet.protocol === 'icmp' && packet.family === 6, () => (field === 'type' ? 'echo-request' : undefined)),
  ether: (packet, field) =>
    ({ saddr: packet.macFrom || undefined, daddr: packet.macTo || undefined, type: packet.family === 4 ? 'ip' : 'ip6' })[field],
  arp: () => null,
  vlan: () => null,
};

const META: Readonly<Record<string, (packet: Packet) => Fact>> = {
  iifname: (packet) => packet.in,
  iif: (packet) => packet.in,
  oifname: (packet) => packet.out,
  oif: (packet) => packet.out,
  iifkind: ({ bridges, in: link }) => (bridges === undefined ? undefined : bridges.has(link) ? 'bridge' : 'other'),
  oifkind: ({ bridges, out: link }) => (bridges === undefined ? undefined : bridges.has(link) ? 'bridge' : 'other'),
  l4proto: l4,
  nfproto: (packet) => `ipv${packet.family}`,
  protocol: (packet) => (packet.family === 4 ? 'ip' : 'ip6'),
  mark: (packet) => packet.mark ?? undefined,
};

const CT: Readonly<Record<string, (packet: Packet) => Fact>> = {
  state: () => ['new'],
  status: (packet) => (packet.translated ? ['dnat'] : []),
  direction: () => 'original',
};

const called = <T>(table: Readonly<Record<string, T>>, name: Json | undefined): T | undefined =>
  typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;

function masked([left, right]: readonly Fact[]): Fact {
  return typeof left === 'number' && typeof right === 'number' ? (left & right) >>> 0 : undefined;
}

function fib(packet: Packet, { result, flags }: { readonly [key: string]: Json }): Fact {
  const about = [flags].flat();
  if (result !== 'type' || !about.includes('daddr') || packet.local === null) return undefined;
  return packet.local ? 'local' : undefined;
}

/** What an expression of nft says of a packet. */
export function factOf(packet: Packet, expression: Json): Fact {
  if (!isObject(expression)) return expression;
  const [kind = '', of = null] = Object.entries(expression)[0] ?? [];
  if (kind === 'concat' && Array.isArray(of)) {
    const parts = of.map((part: Json) => factOf(packet, part));
    return parts.includes(null) ? null : parts.includes(undefined) ? undefined : (parts as readonly Json[]);
  }
  if (kind === '&' && Array.isArray(of)) return masked(of.map((part: Json) => factOf(packet, part)));
  if (!isObject(of)) return undefined;
  if (kind === 'meta') return called(META, of['key'])?.(packet);
  if (kind === 'ct') return called(CT, of['key'])?.(packet);
  // the first packet of a connection is whole
  if (kind === 'exthdr') return of['field'] === undefined ? false : null;
  if (kind === 'fib') return fib(packet, of);
  if (kind === 'payload') return called(PAYLOAD, of['protocol'])?.(packet, String(of['field']));
  return undefined;
}

const canonical = (text: string): string => parseAddress(text)?.text ?? text;
const addressOf = (json: Json): bigint | null => {
  if (typeof json === 'number') return BigInt(json);
  const address = typeof json === 'string' ? parseAddress(json) : null;
  return address === null ? null : (parsePrefixes(`${address.text}/${address.family === 4 ? 32 : 128}`)[0]?.first ?? null);
};

function inRange(value: Json, [low = null, high = null]: readonly Json[]): boolean {
  const [at, from, to] = [value, low, high].map(addressOf);
  return at != null && from != null && to != null && at >= from && at <= to;
}

function inPrefix(value: Json, { addr, len }: { readonly [key: string]: Json }): boolean {
  const address = typeof value === 'string' ? parseAddress(value) : null;
  return address !== null && parsePrefixes(`${addr}/${len}`).some((prefix) => holds(prefix, address));
}

/** Is the value what a right side of nft means? A list of flags means any of them. */
export function means(value: Json, right: Json, elements: (name: string) => readonly Json[]): boolean {
  if (typeof right === 'string' && right.startsWith('@')) return elements(right.slice(1)).some((one) => means(value, one, elements));
  if (Array.isArray(value) && !isObject(right) && !Array.isArray(right)) return value.includes(right);
  if (Array.isArray(right)) return right.some((one: Json) => means(value, one, elements));
  if (isObject(right)) {
    const [kind = '', of = null] = Object.entries(right)[0] ?? [];
    if (kind === 'set' && Array.isArray(of)) return of.some((one: Json) => means(value, one, elements));
    if (kind === 'range' && Array.isArray(of)) return inRange(value, of);
    if (kind === 'prefix' && isObject(of)) return inPrefix(value, of);
    if (kind === 'concat' && Array.isArray(of) && Array.isArray(value))
      return of.length === value.length && of.every((part: Json, at: number) => means(value[at] ?? null, part, elements));
    return false;
  }
  if (typeof right === 'string' && right.endsWith('*') && typeof value === 'string') return value.startsWith(right.slice(0, -1));
  return typeof value === 'string' && typeof right === 'string' ? canonical(value) === canonical(right) : value === right;
}
