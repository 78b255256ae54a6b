// Who listens for a packet, by /proc/net/{tcp,tcp6,udp,udp6} (formats: proc(5), and net/ipv4/tcp_ipv4.c of the kernel).
import { parseAddress } from '../../spec/ip.ts';
import type { Packet } from '../verdict/packet.ts';
import type { Place, Trail } from './step.ts';

/** Addresses are words of 32 bits in the byte order of the machine, which is little-endian wherever we run. */
function addressOf(hex: string): string {
  const words = (hex.match(/.{8}/g) ?? []).map((word) => (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)));
  if (words.length === 1) return words[0]?.join('.') ?? '';
  const bytes = words.flat();
  const pairs = Array.from({ length: 8 }, (_, at) => (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16));
  return parseAddress(pairs.join(':'))?.text ?? '';
}

/** TCP_LISTEN; an unconnected UDP socket has TCP_CLOSE. */
const WAITING = { tcp: '0A', udp: '07' } as const;

/** Sockets that wait for somebody on a port. */
export function listeningOf(
  table: string,
  protocol: 'tcp' | 'udp',
  port: number,
): readonly { readonly address: string; readonly inode: string }[] {
  return table.split('\n').flatMap((line) => {
    const cells = line.trim().split(/\s+/);
    const [address = '', hex = ''] = (cells[1] ?? '').split(':');
    return cells[3] === WAITING[protocol] && Number.parseInt(hex, 16) === port
      ? [{ address: addressOf(address), inode: cells[9] ?? '' }]
      : [];
  });
}

/** TCP_ESTABLISHED. */
const OPEN = '01';
const plainly = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');

/** Connections of a table of TCP, by their ends. */
export function connectionsOf(
  table: string,
): readonly { readonly address: string; readonly port: number; readonly peer: string; readonly inode: string }[] {
  return table.split('\n').flatMap((line) => {
    const [, near = '', far = '', state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const [[address = '', port = ''], [peer = '']] = [near.split(':'), far.split(':')] as [string[], string[]];
    return state === OPEN
      ? [{ address: plainly(addressOf(address)), port: Number.parseInt(port, 16), peer: plainly(addressOf(peer)), inode }]
      : [];
  });
}

export const LOOPBACK = /^127\.|^::1$/;

const answers = ({ to, family }: Packet, address: string): boolean =>
  address === to || address === '::' || (family === 4 ? address === '0.0.0.0' || address === `::ffff:${to}` : false);

/** The last thing that a packet asks for. */
export function listened(trail: Trail, place: Place): boolean {
  const { packet } = trail;
  const { protocol, port, to } = packet;
  if (protocol === 'icmp' || port === null) return trail.goes(place.where, `${to} is here`);
  const all = ['', '6'].flatMap((six) => listeningOf(place.table(`${protocol}${six}`), protocol, port).map(({ address }) => address));
  const what = `${protocol} port ${port}`;
  const evidence = all.length === 0 ? [`no socket on ${what}`] : [`sockets on ${what}: ${all.join(', ')}`];
  if (all.some((address) => answers(packet, address))) return trail.goes(place.where, `somebody listens on ${what}`, evidence);
  if (all.length > 0 && all.every((address) => LOOPBACK.test(address)))
    return trail.ends(
      place.where,
      `the program on ${what} listens on ${all.join(', ')} only, which is loopback`,
      `let it listen on ${to} or on all addresses`,
      evidence,
    );
  if (all.length > 0)
    return trail.ends(
      place.where,
      `the program on ${what} listens on ${all.join(', ')}, and not on ${to}`,
      `let it listen on ${to} or on all addresses`,
      evidence,
    );
  return trail.ends(place.where, `nobody listens on ${what}`, 'start the server there', evidence);
}
