// Frames as somebody writes them who does not keep to the rules: built byte by byte, each with a mark at its end by which it is known again wherever it
// arrives, and two programs for packet sockets that send and watch them.

const hex = (text: string): string => text.replace(/[: ]/g, '');
const u8 = (n: number): string => n.toString(16).padStart(2, '0');
const u16 = (n: number): string => n.toString(16).padStart(4, '0');
const ip4 = (address: string): string => address.split('.').map(Number).map(u8).join('');
const ip6 = (address: string): string => {
  const [head = '', tail = ''] = address.split('::').map((half) =>
    half
      .split(':')
      .filter((g) => g !== '')
      .map((g) => g.padStart(4, '0'))
      .join(''),
  );
  return head + '0'.repeat(32 - head.length - tail.length) + tail;
};

export const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const ALL_NODES = '33:33:00:00:00:01';

const frame = (to: string, from: string, type: number, body: string): string => hex(to) + hex(from) + u16(type) + body;
/** Four bytes with an 802.1Q tag behind the addresses. */
export const tagged = (text: string, vlan: number): string => `${text.slice(0, 24)}8100${u16(vlan)}${text.slice(24)}`;

const checksum = (words: string): string => {
  let sum = 0;
  for (const [word] of words.matchAll(/.{4}/g)) sum += Number.parseInt(word, 16);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return u16(~sum & 0xffff);
};

const packet4 = (from: string, to: string, protocol: number, body: string): string => {
  const head = (sum: string): string => `4500${u16(20 + body.length / 2)}0000000040${u8(protocol)}${sum}${ip4(from)}${ip4(to)}`;
  return head(checksum(head('0000'))) + body;
};
const packet6 = (from: string, to: string, next: number, body: string): string =>
  `60000000${u16(body.length / 2)}${u8(next)}ff${ip6(from)}${ip6(to)}${body}`;
const udp = (from: number, to: number): string => `${u16(from)}${u16(to)}00080000`;

export const udp4 = (
  mac: string,
  from: string,
  ports: readonly [number, number] = [9, 9],
  to = BROADCAST,
  target = '255.255.255.255',
): string => frame(to, mac, 0x0800, packet4(from, target, 17, udp(...ports)));
export const icmp4 = (mac: string, from: string, type: number): string =>
  frame(BROADCAST, mac, 0x0800, packet4(from, '255.255.255.255', 1, `${u8(type)}00000000000000`));
export const udp6 = (mac: string, from: string, ports: readonly [number, number] = [9, 9]): string =>
  frame(ALL_NODES, mac, 0x86dd, packet6(from, 'ff02::1', 17, udp(...ports)));
/** One whose head stands in the first part (at 0, with more to come), or a part behind it. body: what the part holds, beginning with the upper header. */
export const piece6 = (mac: string, from: string, next: number, at: number, body: string): string =>
  frame(ALL_NODES, mac, 0x86dd, packet6(from, 'ff02::1', 44, `${u8(next)}00${u16(at * 8 + 1)}00000001${body}`));
/** From one host to another by way of the MAC `to`. */
export const routed6 = (to: string, mac: string, from: string, target: string): string =>
  frame(to, mac, 0x86dd, packet6(from, target, 17, udp(9, 9)));
/** operation: 1 asks, 2 answers. */
export const arp = (mac: string, operation: number, sender: readonly [string, string], target: readonly [string, string]): string =>
  frame(BROADCAST, mac, 0x0806, `000108000604${u16(operation)}${hex(sender[0])}${ip4(sender[1])}${hex(target[0])}${ip4(target[1])}`);
/** type: 133 asks for routers, 134 is a router's word, 135 asks for a neighbour, 136 is its answer, 137 redirects. */
export const icmp6 = (mac: string, from: string, type: number, target = '', extended = false): string => {
  const body = `${u8(type)}00000000000000${target === '' ? '' : ip6(target)}`;
  return frame(
    ALL_NODES,
    mac,
    0x86dd,
    extended ? packet6(from, 'ff02::1', 0, `3a00010400000000${body}`) : packet6(from, 'ff02::1', 58, body),
  );
};
export const spanningTree = (mac: string): string => frame('01:80:c2:00:00:00', mac, 0x0026, '424203000000000000');

/** Whole words, for checksums. */
const MARK = '767a2d6d61726b21';
const number = (text: string, at: number): number => Number.parseInt(text.slice(at, at + 4), 16);
const put = (text: string, at: number, n: number | string): string =>
  text.slice(0, at) + (typeof n === 'number' ? u16(n) : n) + text.slice(at + 4);

/** At its end, and part of it: where bridges ask iptables (br_netfilter) they cut off what a packet does not count. */
export function marked(text: string, mark: number): string {
  const add = `${MARK}${u16(mark)}`;
  const size = add.length / 2;
  const head = number(text, 24) === 0x8100 ? 36 : 28;
  const type = number(text, head - 4);
  const all = text + add;
  if (type === 0x86dd) return put(all, head + 8, number(all, head + 8) + size);
  if (type !== 0x0800) return all;
  const longer = put(put(all, head + 4, number(all, head + 4) + size), head + 20, 0);
  const summed = put(longer, head + 20, checksum(longer.slice(head, head + 40)));
  return text.slice(head + 18, head + 20) === '11' ? put(summed, head + 48, number(summed, head + 48) + size) : summed;
}

const INDEX = 'my ($dev, @rest) = @ARGV; my ($index) = `ip -o link show $dev` =~ /^(\\d+)/;';
/** Device, then frames in hex. One CPU: they arrive in their order. */
export const SEND = `${INDEX}
socket(my $s, 17, 3, 0) or die $!;
for (@rest) { send($s, pack("H*", $_), 0, pack("SnlSCCa8", 17, 3, $index, 0, 0, 6, "")) or die $!; }`;
/** Device: all frames that it is given, whoever they are for, one in a line. */
export const WATCH = `${INDEX} $| = 1;
socket(my $s, 17, 3, 768) or die $!;
bind($s, pack("SnlSCCa8", 17, 3, $index, 0, 0, 0, "")) or die $!;
setsockopt($s, 263, 1, pack("lSSa8", $index, 1, 0, "")) or die $!;
print "ready\\n";
while (defined recv($s, my $f, 4096, 0)) { print unpack("H*", $f), "\\n"; }`;

/** Marks of the frames that a watcher has seen. */
export const marksIn = (text: string): readonly number[] => [
  ...new Set([...text.matchAll(new RegExp(`${MARK}(.{4})$`, 'gm'))].map(([, mark]) => Number.parseInt(mark ?? '', 16))),
];
