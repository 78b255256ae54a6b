// Sockets of a network namespace as /proc/PID/net tells them: inode, what they are, what waits in them. Formats: proc(5), and
// net/ipv4/tcp_ipv4.c, net/unix/af_unix.c, net/netlink/af_netlink.c, net/packet/af_packet.c of the kernel.
import { harmless } from '../process-stat.ts';

export interface Socket {
  /** 0: nobody has a descriptor of it (yet). */
  readonly inode: number;
  /** "TCP on port 80, ESTABLISHED"; harmless to draw. */
  readonly what: string;
  /** Port on which it is served, so that one that nobody has accepted yet finds its listener; 0 for none. */
  readonly served: number;
  readonly listens: boolean;
  /** Bytes that wait to be sent, and to be read; 0 where the kernel does not tell. */
  readonly sent: number;
  readonly received: number;
}

/** Of include/net/tcp_states.h. */
const STATES = [
  '',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
];
const LISTEN = 10;
/** Without a descriptor these are no sockets any more, or not yet. */
const GONE = new Set(['TIME_WAIT', 'SYN_RECV', 'FIN_WAIT2'].map((name) => STATES.indexOf(name)));

/** Of lines without the table's head. */
const rows = (lines: string): readonly (readonly string[])[] =>
  lines
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((cells) => cells.length > 1);
const hex = (text: string | undefined): number => Number.parseInt(text ?? '', 16) || 0;
const portOf = (address: string | undefined): number => hex(address?.slice(address.lastIndexOf(':') + 1));
const hostOf = (address: string | undefined): string => address?.slice(0, Math.max(0, address.lastIndexOf(':'))) ?? '';

export interface InetRow {
  readonly local: number;
  readonly remote: number;
  /** Addresses as they stand there. */
  readonly localHex: string;
  readonly remoteHex: string;
  readonly state: number;
  readonly sent: number;
  readonly received: number;
  readonly inode: number;
}

function inetRow(cells: readonly string[]): InetRow {
  const [sent, received] = (cells[4] ?? '').split(':').map(hex);
  const [local, remote] = [portOf(cells[1]), portOf(cells[2])];
  const [localHex, remoteHex] = [hostOf(cells[1]), hostOf(cells[2])];
  return {
    local,
    remote,
    localHex,
    remoteHex,
    state: hex(cells[3]),
    sent: sent ?? 0,
    received: received ?? 0,
    inode: Number(cells[9] ?? 0),
  };
}

/** Of tcp or tcp6, without what is no socket any more, or not yet. */
export const inetRows = (lines: string): readonly InetRow[] =>
  rows(lines)
    .map(inetRow)
    .filter(({ state, inode }) => !(GONE.has(state) && inode === 0));

/** Of tcp and tcp6 together: what one of them listens on, the other may serve. */
export function tcpSockets(all: readonly InetRow[]): readonly Socket[] {
  const served = new Set(all.flatMap(({ state, local }) => (state === LISTEN ? [local] : [])));
  return all.map(({ local, remote, state, sent, received, inode }) => {
    const ours = served.has(local);
    const waits = inode === 0 && ours ? ', not accepted yet' : '';
    const place = ours || remote === 0 ? `on port ${local}` : `to port ${remote}`;
    const listens = state === LISTEN;
    // What a listener says of its queues are counts of connections.
    const bytes = listens ? { sent: 0, received: 0 } : { sent, received };
    return { inode, what: `TCP ${place}, ${STATES[state] ?? state}${waits}`, served: ours ? local : 0, listens, ...bytes };
  });
}

const PLAIN = { served: 0, listens: false } as const;

const datagrams = (word: string, text: string): readonly Socket[] =>
  rows(text).map((cells) => {
    const { inode, local, sent, received } = inetRow(cells);
    return { inode, what: word === 'RAW' ? `RAW, protocol ${local}` : `${word} on port ${local}`, sent, received, ...PLAIN };
  });

const UNIX_TYPES: Readonly<Record<string, string>> = { '0001': 'stream', '0002': 'datagram', '0005': 'seqpacket' };
/** Longest part of a path that is told. */
const PATH = 80;

function unixSockets(text: string): readonly Socket[] {
  return text.split('\n').flatMap((line) => {
    const match = /^[0-9a-f]+: \S+ \S+ (\S+) (\S+) \S+ +(\d+)(?: (.*))?$/.exec(line);
    if (match === null) return [];
    const listens = (hex(match[1]) & 0x10000) !== 0;
    const path = match[4] === undefined ? '' : ` at ${harmless(match[4].slice(0, PATH))}`;
    const what = `UNIX ${UNIX_TYPES[match[2] ?? ''] ?? 'socket'}${path}${listens ? ', LISTEN' : ''}`;
    return [{ inode: Number(match[3]), what, served: 0, listens, sent: 0, received: 0 }];
  });
}

/** Those of a process; the kernel's own have pid 0. */
const netlinkSockets = (text: string): readonly Socket[] =>
  rows(text).flatMap((cells) =>
    cells[2] === '0'
      ? []
      : [{ inode: Number(cells[9] ?? 0), what: 'NETLINK', received: Number(cells[4] ?? 0), sent: Number(cells[5] ?? 0), ...PLAIN }],
  );

const packetSockets = (text: string): readonly Socket[] =>
  rows(text).map((cells) => ({ inode: Number(cells[8] ?? 0), what: 'PACKET', received: Number(cells[6] ?? 0), sent: 0, ...PLAIN }));

/** Files of /proc/PID/net with sockets other than TCP, and how each is read. */
export const OTHER_TABLES: Readonly<Record<string, (text: string) => readonly Socket[]>> = {
  udp: (text) => datagrams('UDP', text),
  udp6: (text) => datagrams('UDP', text),
  raw: (text) => datagrams('RAW', text),
  raw6: (text) => datagrams('RAW', text),
  unix: unixSockets,
  netlink: netlinkSockets,
  packet: packetSockets,
};

export const TCP_TABLES = ['tcp', 'tcp6'] as const;
