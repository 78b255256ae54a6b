// Who talks to whom on the node, by connections that are open: as the node's table of connections has them, where it keeps one; otherwise as the sockets
// of containers have them, and what goes the short way, which that table does not see, as its program has counted it. Formats: net/netfilter/nf_conntrack_standalone.c and net/ipv4/tcp_ipv4.c of the kernel.
import type { Host } from '../../host/port.ts';
import type { Flow } from '../../spec/bpf/direct.ts';
import { parseAddress } from '../../spec/ip.ts';
import { inetRows } from '../who/net-tables.ts';
import { directNow, flowsNow } from './direct.ts';

/** A connection, or what goes to and fro without one: who began it, and to which port of whom. */
export interface Connection {
  readonly from: string;
  readonly to: string;
  /** 0 for what has none (ICMP). */
  readonly port: number;
  readonly protocol: string;
  /** Bytes both ways, and of those what went from who began it; null where nobody counts them. */
  readonly bytes: number | null;
  readonly forth: number | null;
}

/** A container, the node, or all others. */
export type End = number | 'node' | 'outside';

export interface Talk {
  readonly from: End;
  readonly to: End;
  /** tcp, udp, icmp, fragments (parts of packets of IPv6), or other. */
  readonly protocol: string;
  /** 0 for what has none. */
  readonly port: number;
  readonly connections: number;
  /** Addresses outside that take part; 0 for none. */
  readonly peers: number;
  readonly bytes: number | null;
}

export interface Talks {
  /** Most connections first. */
  readonly talks: readonly Talk[];
  /** both: the table does not see what containers hand each other (VZDECK_DIRECT). */
  readonly source: 'conntrack' | 'sockets' | 'both';
  /** There are more than were looked at. */
  readonly cut: boolean;
}

/** Bytes of the node's table, and of one container's: some 20,000 and 1,500 connections. */
const MOST_TRACKED = 4 << 20;
const MOST_SOCKETS = 256 << 10;
const MOST_TALKS = 200;

/** The same from both ends: "ADDRESS PORT" of each. */
const keyOf = (...ends: readonly [string, string]): string => ends.toSorted().join(' ');

/** Of ICMP an entry has no ports, but a number that both directions share. */
function trackedEcho(line: string): readonly (Connection & { readonly key: string })[] {
  const match = /^ipv[46]\s+\d+\s+icmp(?:v6)?\s+\d+\s+\d+\s+src=(\S+) dst=\S+ type=\d+ code=\d+ id=(\d+) .*?src=(\S+) /.exec(line);
  if (match === null) return [];
  const [from, to] = [placeOf(match[1]), placeOf(match[3])];
  return [{ from, to, port: 0, key: keyOf(`${from} ${match[2]}`, `${to} icmp`), protocol: 'icmp', ...bytesOf(line) }];
}

const placeOf = (address = ''): string => parseAddress(address)?.text ?? address;
function bytesOf(line: string): Pick<Connection, 'bytes' | 'forth'> {
  const bytes = [...line.matchAll(/ bytes=(\d+)/g)].map(([, n]) => Number(n));
  return { bytes: bytes.length === 0 ? null : bytes.reduce((sum, n) => sum + n, 0), forth: bytes[0] ?? null };
}

/** Of /proc/net/nf_conntrack: the first direction is that of who began it, and the second begins at who answers, also behind a forwarded port. */
export function parseTracked(text: string): readonly (Connection & { readonly key: string })[] {
  return text.split('\n').flatMap((line) => {
    const match =
      /^ipv[46]\s+\d+\s+(tcp|udp)\s+\d+\s+\d+\s+(?:(\S+) )?src=(\S+) dst=\S+ sport=(\d+) dport=\d+ .*?src=(\S+) dst=\S+ sport=(\d+)/.exec(
        line,
      );
    if (match === null) return trackedEcho(line);
    if (match[1] === 'tcp' && match[2] !== 'ESTABLISHED') return [];
    const [from, to, port] = [placeOf(match[3]), placeOf(match[5]), Number(match[6])];
    return [
      {
        from,
        to,
        port,
        key: `${match[1]} ${keyOf(`${from} ${match[4]}`, `${to} ${port}`)}`,
        protocol: match[1] ?? '',
        ...bytesOf(line),
      },
    ];
  });
}

/** Of an address in /proc/net/tcp and tcp6: words of 32 bits as the machine has them (little-endian), in hex. */
export function addressIn(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => `${bytes[2 * i]}${bytes[2 * i + 1]}`);
  const text = parseAddress(groups.join(':'))?.text ?? '';
  return text.replace(/^::ffff:(?=\d+\.)/, '');
}

const ESTABLISHED = 1;
const LISTEN = 10;

/** Of lines of tcp and tcp6, or udp and udp6 (whose sockets may have a peer, too), of one namespace without their heads; each connection with both of its ends, so that one that is seen from both is known again. */
export function parseConnected(
  lines: string,
  protocol = 'tcp',
): readonly (Connection & { readonly key: string; readonly sure: boolean })[] {
  const rows = inetRows(lines);
  const served = new Set(
    rows.flatMap(({ state, local, remote }) => (state === LISTEN || (protocol === 'udp' && remote === 0) ? [local] : [])),
  );
  return rows.flatMap(({ state, local, remote, localHex, remoteHex }) => {
    if (state !== ESTABLISHED) return [];
    const ends = [addressIn(localHex), addressIn(remoteHex)] as const;
    const key = `${protocol} ${keyOf(`${ends[0]} ${local}`, `${ends[1]} ${remote}`)}`;
    // who listens was asked; where nobody does any more, the lower port was
    const asked = served.has(local);
    const [from, to, port] = asked ? [ends[1], ends[0], local] : [ends[0], ends[1], remote];
    return [{ from, to, port, protocol, bytes: null, forth: null, key, sure: asked }];
  });
}

/** Added up by who takes part. `endOf`: whose an address is. */
export function talksOf(connections: readonly Connection[], endOf: (address: string) => End): readonly Talk[] {
  interface Sum {
    readonly talk: Pick<Talk, 'from' | 'to' | 'protocol' | 'port'>;
    connections: number;
    bytes: number | null;
    readonly peers: Set<string>;
  }
  const sums = new Map<string, Sum>();
  for (const { from, to, port, protocol, bytes } of connections) {
    const [a, b] = [endOf(from), endOf(to)];
    // what goes through the node, or stays on it, is nobody's here
    if (typeof a !== 'number' && typeof b !== 'number') continue;
    const key = `${a} ${b} ${protocol} ${port}`;
    const sum = sums.get(key) ?? { talk: { from: a, to: b, protocol, port }, connections: 0, bytes: null, peers: new Set<string>() };
    sum.connections++;
    if (bytes !== null) sum.bytes = (sum.bytes ?? 0) + bytes;
    for (const [end, address] of [[a, from] as const, [b, to] as const]) if (end === 'outside') sum.peers.add(address);
    sums.set(key, sum);
  }
  return [...sums.values()]
    .map(({ talk, connections, bytes, peers }) => ({ ...talk, connections, bytes, peers: peers.size }))
    .sort((a, b) => b.connections - a.connections || (b.bytes ?? 0) - (a.bytes ?? 0) || a.port - b.port);
}

export interface TalksOf {
  readonly id: number;
  readonly init: { readonly pid: number } | null;
  readonly ips: readonly string[];
}

const NAMED: Readonly<Record<number, string>> = { 1: 'icmp', 17: 'udp', 44: 'fragments', 58: 'icmp' };
/** Milliseconds for which the table of connections keeps such talk, too (nf_conntrack_udp_timeout_stream). */
const LATELY = 120_000;

/** Both ways of each as one; the lower of two ports is the one that was asked. `names`: an address behind a link, by its number. */
export function flowing(flows: readonly Flow[], names: ReadonlyMap<number, string>, now: number): readonly Connection[] {
  const found = new Map<string, Connection>();
  for (const { sender, receiver, protocol, ports, bytes, last } of flows) {
    const [a, b] = [names.get(sender), names.get(receiver)];
    if (a === undefined || b === undefined || now - last > LATELY) continue;
    const forth = ports[1] < ports[0] || (ports[1] === ports[0] && sender < receiver);
    const [from, to, asking, port] = forth ? [a, b, ports[0], ports[1]] : [b, a, ports[1], ports[0]];
    const key = `${from} ${asking} ${to} ${port} ${protocol}`;
    const before = found.get(key);
    found.set(key, {
      from,
      to,
      port,
      protocol: NAMED[protocol] ?? 'other',
      bytes: (before?.bytes ?? 0) + bytes,
      forth: (before?.forth ?? 0) + (forth ? bytes : 0),
    });
  }
  return [...found.values()];
}

/** Sockets of which a connection, or a peer of datagrams, is told. */
const TABLES = { tcp: ['tcp', 'tcp6'], udp: ['udp', 'udp6'] } as const;

/** By open sockets of containers, those that are seen from both ends once. */
async function connectedOf(
  { files, proc }: Host,
  containers: readonly TalksOf[],
): Promise<{ readonly seen: ReadonlyMap<string, Connection>; readonly cut: boolean }> {
  let cut = false;
  const seen = new Map<string, Connection>();
  for (const { init } of containers) {
    if (init === null) continue;
    for (const [protocol, names] of Object.entries(TABLES)) {
      const tables = await Promise.all(names.map((name) => files.readSoon(`${proc}/${init.pid}/net/${name}`, MOST_SOCKETS)));
      const texts = tables.map((bytes) => Buffer.from(bytes ?? new Uint8Array()).toString('latin1'));
      cut ||= tables.some((bytes) => (bytes?.length ?? 0) >= MOST_SOCKETS);
      const lines = texts.map((text) => text.slice(text.indexOf('\n') + 1)).join('\n');
      for (const { key, sure, ...connection } of parseConnected(lines, protocol)) if (sure || !seen.has(key)) seen.set(key, connection);
    }
  }
  return { seen, cut };
}

const trackedBy = (host: Host): Promise<Uint8Array | null> => host.files.readSoon(`${host.proc}/self/net/nf_conntrack`, MOST_TRACKED);

/** Addresses behind links that take the short way, by the numbers of these links. */
function shortLinks(host: Host, containers: readonly TalksOf[]): ReadonlyMap<number, string> {
  const now = directNow(host);
  const links = new Map(
    containers.flatMap(({ ips }) => ips.map((ip) => parseAddress(ip)?.text ?? ip).map((ip) => [now(ip) ?? 0, ip] as const)),
  );
  links.delete(0);
  return links;
}

const handed = (host: Host, links: ReadonlyMap<number, string>): readonly Connection[] =>
  links.size === 0 ? [] : flowing(flowsNow(host), links, host.uptime());

/** UDP that was seen to pass: by the node's table of connections, where there is one, and by the program of the short way. */
export async function udpPassing(host: Host, containers: readonly TalksOf[]): Promise<readonly Connection[]> {
  const tracked = parseTracked(Buffer.from((await trackedBy(host)) ?? new Uint8Array()).toString('latin1'));
  return [...tracked, ...handed(host, shortLinks(host, containers))].filter(({ protocol }) => protocol === 'udp');
}

/** `more`: further addresses of containers, by what they are. */
export async function lookAtTalks(host: Host, containers: readonly TalksOf[], more: ReadonlyMap<string, number>): Promise<Talks> {
  const whose = new Map<string, End>(host.addresses().map(({ address }) => [parseAddress(address)?.text ?? address, 'node']));
  for (const { id, ips } of containers) for (const ip of ips) whose.set(parseAddress(ip)?.text ?? ip, id);
  for (const [address, id] of more) whose.set(address, id);
  const talks = (connections: readonly Connection[], source: Talks['source'], cut: boolean): Talks => ({
    talks: talksOf(connections, (address) => whose.get(address) ?? 'outside').slice(0, MOST_TALKS),
    source,
    cut,
  });
  const bytes = await trackedBy(host);
  const now = directNow(host);
  const links = shortLinks(host, containers);
  const isShort = ({ from, to }: Connection): boolean => now(from) !== null && now(to) !== null;
  const flows = handed(host, links);
  if (bytes === null || bytes.length === 0) {
    const { seen, cut } = await connectedOf(host, containers);
    const told = [...seen.values()].filter((one) => one.protocol === 'tcp' || !isShort(one));
    return talks([...told, ...flows], 'sockets', cut);
  }
  const tracked = parseTracked(Buffer.from(bytes).toString('latin1'));
  const full = bytes.length >= MOST_TRACKED;
  if (links.size === 0) return talks(tracked, 'conntrack', full);
  const short = new Set(links.values());
  const { seen, cut } = await connectedOf(
    host,
    containers.filter(({ ips }) => ips.some((ip) => short.has(parseAddress(ip)?.text ?? ip))),
  );
  const known = new Set(tracked.map(({ key }) => key));
  const unseen = [...seen].flatMap(([key, one]) => (one.protocol === 'tcp' && !known.has(key) && isShort(one) ? [one] : []));
  return talks([...tracked, ...unseen, ...flows], 'both', full || cut);
}
