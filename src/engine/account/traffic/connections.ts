// A container's connections: by state, and by the port that they are about, with what has gone over those that are open. ss(8) of the node asks the
// kernel within the container's network namespace, where it sees nothing of the container but that. Of a table that root inside made long, so much.
import type { Host } from '../../host/port.ts';
import { parseAddress } from '../../spec/ip.ts';
import { patience } from '../../watch/timer.ts';

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

/** All connections about one port. */
export interface Talker {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** The container is asked at that port of its own; otherwise it asks others at theirs. */
  readonly serves: boolean;
  readonly connections: number;
  readonly peers: number;
  /** With whom most of them are. */
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

const keyOf = ({ protocol, local, peer }: OpenSocket): string => `${protocol} ${local.join(' ')} ${peer.join(' ')}`;
type Carried = ReadonlyMap<string, { readonly up: number; readonly down: number }>;

export const carriedBy = (sockets: readonly OpenSocket[]): Carried =>
  new Map(sockets.map((socket) => [keyOf(socket), { up: socket.up ?? 0, down: socket.down ?? 0 }]));

function most(addresses: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const address of addresses) counts.set(address, (counts.get(address) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), ['', 0] as [string, number])[0];
}

/** `before`: what each had carried at the look before, `seconds` ago; null at the first. */
export function talkersIn(sockets: readonly OpenSocket[], before: Carried | null, seconds: number): readonly Talker[] {
  const served = new Set(
    sockets.flatMap(({ protocol, state, local: [, port], peer }) =>
      state === 'LISTEN' || (state === 'UNCONN' && peer[1] === 0) ? [`${protocol} ${port}`] : [],
    ),
  );
  const groups = new Map<string, OpenSocket[]>();
  for (const socket of sockets) {
    if (socket.state === 'LISTEN' || socket.peer[1] === 0) continue;
    const serves = served.has(`${socket.protocol} ${socket.local[1]}`);
    const key = `${socket.protocol} ${serves ? socket.local[1] : socket.peer[1]} ${serves}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [socket]);
    else group.push(socket);
  }
  const sum = (list: readonly OpenSocket[], of: (socket: OpenSocket) => number): number => list.reduce((all, one) => all + of(one), 0);
  const talkers = [...groups].map(([key, list]): Talker => {
    const [protocol, port, serves] = key.split(' ');
    // one that is new since has carried all of it since
    const grown = (part: 'up' | 'down') => (one: OpenSocket) => Math.max(0, (one[part] ?? 0) - (before?.get(keyOf(one))?.[part] ?? 0));
    const addresses = list.map(({ peer: [address] }) => address);
    return {
      protocol: protocol === 'udp' ? 'udp' : 'tcp',
      port: Number(port),
      serves: serves === 'true',
      connections: list.length,
      peers: new Set(addresses).size,
      peer: most(addresses),
      up: sum(list, ({ up }) => up ?? 0),
      down: sum(list, ({ down }) => down ?? 0),
      rate: before === null || seconds <= 0 ? null : { up: sum(list, grown('up')) / seconds, down: sum(list, grown('down')) / seconds },
    };
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

function statesOf(sockets: readonly OpenSocket[]): Connections['states'] {
  const counts = new Map<string, number>();
  for (const { protocol, state } of sockets) {
    const name = protocol === 'udp' ? 'UDP' : state;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([state, count]) => ({ state, count })).sort((a, b) => b.count - a.count || (a.state < b.state ? -1 : 1));
}

export interface ConnectionReader {
  /** `init`: of the container that runs. Throws VzError 'no-program', and whatever the program says. */
  look(init: { readonly pid: number; readonly startTime: bigint }): Promise<Connections>;
}

const SS = ['ss', '-H', '-O', '-t', '-u', '-a', '-n', '-i'];

export function openConnections(host: Host): ConnectionReader {
  let before: { readonly of: string; readonly at: number; readonly carried: Carried } | null = null;

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
    async look({ pid, startTime }) {
      const { text, cut } = await ask(pid);
      // another process may have had its number by then
      if (host.startTime(pid) !== startTime) throw new Error('It has ended');
      const sockets = parseSockets(text);
      const [at, of] = [host.uptime(), `${pid} ${startTime}`];
      const known = before?.of === of ? before : null;
      const talkers = talkersIn(sockets, known?.carried ?? null, known === null ? 0 : (at - known.at) / 1000);
      before = { of, at, carried: carriedBy(sockets) };
      return { states: statesOf(sockets), talkers: talkers.slice(0, MOST_TALKERS), cut };
    },
  };
}
