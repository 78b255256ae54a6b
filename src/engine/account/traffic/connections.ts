// A container's connections: by state, and by the port that they are about, with what has gone over those that are open. ss(8) of the node asks the
// kernel within the container's network namespace, where it sees nothing of the container but that. Of a table that root inside made long, so much.
// A socket of UDP without a peer keeps nothing of those it talks with: they come from whoever else has seen them pass (talks.ts).
import type { Host } from '../../host/port.ts';
import { parseAddress } from '../../spec/ip.ts';
import { patience } from '../../watch/timer.ts';
import { type Connection, type TalksOf, udpPassing } from './talks.ts';

export interface OpenSocket {
  readonly protocol: 'tcp' | 'udp';
  /** As ss(8) calls it: ESTAB, LISTEN, TIME-WAIT … */
  readonly state: string;
  /** Address and port; port 0 for none. */
  readonly local: readonly [address: string, port: number];
  readonly peer: readonly [address: string, port: number];
  /** Bytes that the peer has confirmed, and bytes that came from it; null where the kernel does not count them. */
  readonly up: number | null;
  readonly down: number | null;
}

/** All connections about one port; of UDP also a socket of which nobody tells with whom it talks: it has no connections. */
export interface Talker {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** The container is asked at that port of its own; otherwise it asks others at theirs. */
  readonly serves: boolean;
  readonly connections: number;
  readonly peers: number;
  /** With whom most of them are; "" where nobody tells. */
  readonly peer: string;
  /** Bytes of connections that are open. */
  readonly up: number;
  readonly down: number;
  /** Bytes a second since the look before; null at the first. */
  readonly rate: { readonly up: number; readonly down: number } | null;
}

export interface Connections {
  /** How many TCP connections are in each state, most first; UDP as one. */
  readonly states: readonly { readonly state: string; readonly count: number }[];
  /** Most bytes a second first, then most bytes. */
  readonly talkers: readonly Talker[];
  /** Datagrams of UDP that its network namespace has sent and received; a second since the look before, or null. */
  readonly datagrams: { readonly up: number; readonly down: number; readonly rate: { readonly up: number; readonly down: number } | null };
  /** There are more than were looked at. */
  readonly cut: boolean;
}

/** Some 5,000 sockets with what is told of each. */
const MOST_BYTES = 2 << 20;
const LONGEST = 5000;
/** Talkers that are told of. */
const MOST_TALKERS = 50;

const STATES = new Set('ESTAB SYN-SENT SYN-RECV FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT UNCONN CLOSE-WAIT LAST-ACK LISTEN CLOSING'.split(' '));

/** "[::1%name]:80": a link's name is root's inside, and is left out. */
function placeOf(text: string): readonly [string, number] {
  const colon = text.lastIndexOf(':');
  const bare = text.slice(0, colon).replace(/%.*$/, '').replace(/[[\]]/g, '');
  const address = parseAddress(bare.replace(/^::ffff:(?=\d+\.)/, ''))?.text ?? '*';
  const port = Number(text.slice(colon + 1));
  return [address, Number.isInteger(port) ? port : 0];
}

/** Of `ss -HOtuani`; lines that are none are left out. */
export function parseSockets(text: string): readonly OpenSocket[] {
  return text.split('\n').flatMap((line): OpenSocket[] => {
    const [protocol = '', state = '', , , local = '', peer = ''] = line.trim().split(/\s+/, 6);
    if ((protocol !== 'tcp' && protocol !== 'udp') || !STATES.has(state)) return [];
    const counted = (name: string): number | null => {
      const found = new RegExp(` ${name}:(\\d+)`).exec(line)?.[1];
      return found === undefined ? null : Number(found);
    };
    return [{ protocol, state, local: placeOf(local), peer: placeOf(peer), up: counted('bytes_acked'), down: counted('bytes_received') }];
  });
}

/** Something of a talker. */
export interface Part {
  readonly key: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  readonly serves: boolean;
  /** null: nobody tells. */
  readonly peer: string | null;
  readonly up: number;
  readonly down: number;
}

/** `passing`: UDP that others have seen, `own`: addresses of the container. What a socket tells is not told twice. */
export function partsOf(
  sockets: readonly OpenSocket[],
  passing: readonly Connection[] = [],
  own: ReadonlySet<string> = new Set(),
): readonly Part[] {
  const served = new Set(
    sockets.flatMap(({ protocol, state, local: [, port], peer }) =>
      state === 'LISTEN' || (state === 'UNCONN' && peer[1] === 0) ? [`${protocol} ${port}`] : [],
    ),
  );
  const open = sockets.flatMap(({ protocol, state, local, peer, up, down }): Part[] => {
    if (state === 'LISTEN' || peer[1] === 0) return [];
    const serves = served.has(`${protocol} ${local[1]}`);
    const key = `${protocol} ${local.join(' ')} ${peer.join(' ')}`;
    return [{ key, protocol, port: serves ? local[1] : peer[1], serves, peer: peer[0], up: up ?? 0, down: down ?? 0 }];
  });
  const about = ({ port, serves, peer }: Omit<Part, 'key'>): string => `${port} ${serves} ${peer}`;
  const known = new Set(open.flatMap((part) => (part.protocol === 'udp' ? [about(part)] : [])));
  const seen = new Map<string, Part>();
  for (const { from, to, port, protocol, bytes, forth } of passing) {
    const serves = own.has(to);
    if (protocol !== 'udp' || (!serves && !own.has(from))) continue;
    const ways = [forth ?? 0, (bytes ?? 0) - (forth ?? 0)] as const;
    const [up, down] = serves ? [ways[1], ways[0]] : ways;
    const part = { protocol, port, serves, peer: serves ? from : to, up, down } as const;
    const key = `passing ${about(part)}`;
    const before = seen.get(key);
    if (!known.has(about(part))) seen.set(key, { key, ...part, up: up + (before?.up ?? 0), down: down + (before?.down ?? 0) });
  }
  const told = new Set([...open, ...seen.values()].flatMap(({ protocol, port, serves }) => (protocol === 'udp' && serves ? [port] : [])));
  const bare = sockets.flatMap(({ protocol, state, local: [, port], peer }): Part[] =>
    protocol === 'udp' && state === 'UNCONN' && peer[1] === 0 && port !== 0 && !told.has(port)
      ? [{ key: `bare ${port}`, protocol, port, serves: true, peer: null, up: 0, down: 0 }]
      : [],
  );
  return [...open, ...seen.values(), ...bare];
}

type Carried = ReadonlyMap<string, { readonly up: number; readonly down: number }>;

export const carriedBy = (parts: readonly Part[]): Carried => new Map(parts.map(({ key, up, down }) => [key, { up, down }]));

function most(addresses: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const address of addresses) counts.set(address, (counts.get(address) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), ['', 0] as [string, number])[0];
}

/** `before`: what each had carried at the look before, `seconds` ago; null at the first. */
export function talkersIn(parts: readonly Part[], before: Carried | null, seconds: number): readonly Talker[] {
  const sum = (list: readonly Part[], of: (part: Part) => number): number => list.reduce((all, one) => all + of(one), 0);
  const groups = Map.groupBy(parts, ({ protocol, port, serves }) => `${protocol} ${port} ${serves}`);
  const talkers = [...groups.values()].flatMap((list): Talker[] => {
    const [first] = list;
    if (first === undefined) return [];
    const { protocol, port, serves } = first;
    // one that is new since has carried all of it since
    const grown = (way: 'up' | 'down') => (one: Part) => Math.max(0, one[way] - (before?.get(one.key)?.[way] ?? 0));
    const addresses = list.flatMap(({ peer }) => peer ?? []);
    return [
      {
        protocol,
        port,
        serves,
        connections: addresses.length,
        peers: new Set(addresses).size,
        peer: most(addresses),
        up: sum(list, ({ up }) => up),
        down: sum(list, ({ down }) => down),
        rate: before === null || seconds <= 0 ? null : { up: sum(list, grown('up')) / seconds, down: sum(list, grown('down')) / seconds },
      },
    ];
  });
  const weight = ({ rate, up, down, connections }: Talker): readonly number[] => [
    Math.round((rate?.up ?? 0) + (rate?.down ?? 0)),
    up + down,
    connections,
  ];
  return talkers.sort((a, b) => {
    const [x, y] = [weight(a), weight(b)];
    return x.map((n, i) => (y[i] ?? 0) - n).find((n) => n !== 0) ?? a.port - b.port;
  });
}

/** Of /proc/PID/net/snmp and snmp6 (net/ipv4/proc.c, net/ipv6/proc.c): a head with names, then numbers; or a name and a number in each line. */
export function datagramsIn(four: string, six: string): { readonly up: number; readonly down: number } {
  const [names = [], numbers = []] = four.split('\n').flatMap((line) => (line.startsWith('Udp: ') ? [line.split(' ')] : []));
  const old = (name: string): number => Number(numbers[names.indexOf(name)] ?? 0);
  const fresh = (name: string): number => Number(new RegExp(`^Udp6${name}\\s+(\\d+)`, 'm').exec(six)?.[1] ?? 0);
  return { up: old('OutDatagrams') + fresh('OutDatagrams'), down: old('InDatagrams') + fresh('InDatagrams') };
}

function statesOf(sockets: readonly OpenSocket[]): Connections['states'] {
  const counts = new Map<string, number>();
  for (const { protocol, state } of sockets) {
    const name = protocol === 'udp' ? 'UDP' : state;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([state, count]) => ({ state, count })).sort((a, b) => b.count - a.count || (a.state < b.state ? -1 : 1));
}

type Running = Omit<TalksOf, 'init'> & { readonly init: { readonly pid: number; readonly startTime: bigint } };

export interface ConnectionReader {
  /** Of one that runs; `all`: those that do. Throws VzError 'no-program', and whatever the program says. */
  look(of: Running, all: readonly TalksOf[]): Promise<Connections>;
}

const SS = ['ss', '-H', '-O', '-t', '-u', '-a', '-n', '-i'];

export function openConnections(host: Host): ConnectionReader {
  let before: { readonly of: string; readonly at: number; readonly carried: Carried; readonly up: number; readonly down: number } | null =
    null;

  const ask = async (pid: number): Promise<{ readonly text: string; readonly cut: boolean }> => {
    const pipe = host.pipe('nsenter', [`--net=${host.proc}/${pid}/ns/net`, '--', ...SS], { signal: patience(LONGEST) });
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of pipe.out) {
      parts.push(part);
      size += part.length;
      if (size >= MOST_BYTES) break;
    }
    const { status, stderr } = await pipe.done;
    const cut = size >= MOST_BYTES;
    if (status !== 0 && !cut) throw new Error(stderr.trim() || `ss ended with status ${status}`);
    return { text: Buffer.concat(parts).toString('latin1'), cut };
  };

  return {
    async look({ init: { pid, startTime }, ips }, all) {
      const [{ text, cut }, passing] = await Promise.all([ask(pid), udpPassing(host, all)]);
      const [four, six] = ['snmp', 'snmp6'].map((name) => host.files.read(`${host.proc}/${pid}/net/${name}`) ?? '') as [string, string];
      // another process may have had its number by then
      if (host.startTime(pid) !== startTime) throw new Error('It has ended');
      const sockets = parseSockets(text);
      const parts = partsOf(sockets, passing, new Set(ips.map((ip) => parseAddress(ip)?.text ?? ip)));
      const [at, of] = [host.uptime(), `${pid} ${startTime}`];
      const known = before?.of === of ? before : null;
      const seconds = known === null ? 0 : (at - known.at) / 1000;
      const talkers = talkersIn(parts, known?.carried ?? null, seconds);
      const { up, down } = datagramsIn(four, six);
      const rate = known === null || seconds <= 0 ? null : { up: (up - known.up) / seconds, down: (down - known.down) / seconds };
      before = { of, at, carried: carriedBy(parts), up, down };
      return { states: statesOf(sockets), talkers: talkers.slice(0, MOST_TALKERS), datagrams: { up, down, rate }, cut };
    },
  };
}
