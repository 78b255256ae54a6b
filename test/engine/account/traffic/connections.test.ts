// Who a container talks to, of what `ss` of iproute2 6.1 and Linux 6.18 print, hostile names of links among it.
import { expect, test } from 'vitest';
import { carriedBy, datagramsIn, parseSockets, partsOf, talkersIn } from '../../../../src/engine/account/traffic/connections.ts';
import { addressIn, flowing, parseConnected, parseTracked, talksOf } from '../../../../src/engine/account/traffic/talks.ts';

const SS = `udp UNCONN 0      0                                0.0.0.0:53       0.0.0.0:*    
tcp LISTEN 0      128                              0.0.0.0:80       0.0.0.0:*     cubic cwnd:10
tcp ESTAB  0      0      [::ffff:10.0.0.101]:80   [::ffff:10.0.0.9]:51000 cubic wscale:7,7 bytes_sent:900 bytes_acked:901 bytes_received:100 segs_out:3
tcp ESTAB  0      0                          10.0.0.101:80       10.0.0.8:51001 cubic bytes_sent:10 bytes_acked:11 bytes_received:5
tcp ESTAB  0      0                          10.0.0.101:40000    192.0.2.9:443 cubic bytes_sent:70 bytes_acked:71 bytes_received:7000
tcp SYN-SENT 0    1      [fe80::1%e\u001b[31m:80]:40001 [2001:db8::2]:443 cubic
tcp TIME-WAIT 0 0 10.0.0.101:80 10.0.0.7:51002
u_str ESTAB 0 0 * 1 * 2
tcp WHATEVER 0 0 10.0.0.101:80 10.0.0.7:51002
`;

test('sockets, with what has gone over them', () => {
  const sockets = parseSockets(SS);
  expect(sockets.map(({ protocol, state }) => `${protocol} ${state}`)).toEqual([
    'udp UNCONN',
    'tcp LISTEN',
    'tcp ESTAB',
    'tcp ESTAB',
    'tcp ESTAB',
    'tcp SYN-SENT',
    'tcp TIME-WAIT',
  ]);
  expect(sockets[2]).toEqual({
    protocol: 'tcp',
    state: 'ESTAB',
    local: ['10.0.0.101', 80],
    peer: ['10.0.0.9', 51000],
    up: 901,
    down: 100,
  });
  // nothing of a link's name is taken
  expect(sockets[5]?.local).toEqual(['fe80::1', 40001]);
});

test('talkers by the port that they are about, the busiest first', () => {
  const parts = partsOf(parseSockets(SS));
  expect(
    talkersIn(parts, null, 0).map(({ port, serves, connections, peers, up, down, rate }) => [
      port,
      serves,
      connections,
      peers,
      up,
      down,
      rate,
    ]),
  ).toEqual([
    [443, false, 2, 2, 71, 7000, null],
    [80, true, 3, 3, 912, 105, null],
    // a socket of UDP without a peer, of which nobody else tells either
    [53, true, 0, 0, 0, 0, null],
  ]);
  const later = partsOf(parseSockets(SS.replace('bytes_acked:901', 'bytes_acked:2901')));
  const [first] = talkersIn(later, carriedBy(parts), 2);
  expect([first?.port, first?.rate]).toEqual([80, { up: 1000, down: 0 }]);
  expect(talkersIn([], null, 0)).toEqual([]);
});

test('UDP of sockets without a peer, as others have seen it pass, and once where a socket tells it', () => {
  const sockets = parseSockets(`udp UNCONN 0 0 0.0.0.0:53 0.0.0.0:*
udp UNCONN 0 0 0.0.0.0:123 0.0.0.0:*
udp ESTAB 0 0 10.0.0.101:40000 192.0.2.53:53
`);
  const seen = { protocol: 'udp', port: 53, bytes: 500, forth: 100 } as const;
  const passing = [
    { ...seen, from: '10.0.0.102', to: '10.0.0.101' },
    { ...seen, from: '10.0.0.102', to: '10.0.0.101' },
    { ...seen, from: '10.0.0.103', to: '10.0.0.101', bytes: null, forth: null },
    { ...seen, from: '10.0.0.101', to: '192.0.2.53' },
    { ...seen, from: '10.0.0.101', to: '192.0.2.54' },
    { ...seen, from: '10.0.0.102', to: '10.0.0.103' },
    { ...seen, from: '10.0.0.102', to: '10.0.0.101', protocol: 'tcp' },
  ];
  const told = talkersIn(partsOf(sockets, passing, new Set(['10.0.0.101'])), null, 0);
  expect(
    told.map(({ protocol, port, serves, connections, peer, up, down }) => [protocol, port, serves, connections, peer, up, down]),
  ).toEqual([
    ['udp', 53, true, 2, '10.0.0.102', 800, 200],
    ['udp', 53, false, 2, '192.0.2.53', 100, 400],
    ['udp', 123, true, 0, '', 0, 0],
  ]);
});

test('datagrams of a network namespace', () => {
  const four = `Tcp: InSegs OutSegs
Tcp: 1 2
Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors
Udp: 10 1 2 20 3
UdpLite: InDatagrams NoPorts InErrors OutDatagrams
UdpLite: 7 7 7 7
`;
  expect(datagramsIn(four, 'Ip6InReceives  \t9\nUdp6InDatagrams  \t5\nUdp6OutDatagrams \t6\n')).toEqual({ up: 26, down: 15 });
  expect(datagramsIn('', '')).toEqual({ up: 0, down: 0 });
});

const CONNTRACK = `ipv4     2 tcp      6 431999 ESTABLISHED src=10.0.0.101 dst=10.0.0.102 sport=40000 dport=5432 packets=10 bytes=1000 src=10.0.0.102 dst=10.0.0.101 sport=5432 dport=40000 packets=9 bytes=500 [ASSURED] mark=0 zone=0 use=2
ipv4     2 tcp      6 100 TIME_WAIT src=10.0.0.101 dst=10.0.0.102 sport=40001 dport=5432 src=10.0.0.102 dst=10.0.0.101 sport=5432 dport=40001 [ASSURED] mark=0 use=2
ipv4     2 udp      17 29 src=10.0.0.102 dst=192.0.2.53 sport=40000 dport=53 [UNREPLIED] src=192.0.2.53 dst=192.0.2.1 sport=53 dport=40000 mark=0 use=2
ipv4     2 icmp     1 29 src=10.0.0.101 dst=10.0.0.102 type=8 code=0 id=7 packets=2 bytes=168 src=10.0.0.102 dst=10.0.0.101 type=0 code=0 id=7 packets=2 bytes=168 mark=0 use=2
ipv6     10 tcp      6 431999 ESTABLISHED src=2001:0db8:0000:0000:0000:0000:0000:0009 dst=2001:0db8:0000:0000:0000:0000:0000:0101 sport=40000 dport=80 src=2001:0db8:0000:0000:0000:0000:0000:0101 dst=2001:0db8:0000:0000:0000:0000:0000:0009 sport=80 dport=40000 [ASSURED] mark=0 use=2
ipv4     2 tcp      6 431999 ESTABLISHED src=192.0.2.9 dst=192.0.2.1 sport=40000 dport=22 src=192.0.2.1 dst=192.0.2.9 sport=22 dport=40000 [ASSURED] mark=0 use=2
`;
const ENDS: Readonly<Record<string, number | 'node'>> = {
  '10.0.0.101': 101,
  '10.0.0.102': 102,
  '2001:db8::101': 101,
  '192.0.2.1': 'node',
};

test('who talks to whom, as the node’s table of connections has it', () => {
  const talks = talksOf(parseTracked(CONNTRACK), (address) => ENDS[address] ?? 'outside');
  expect(
    talks.map(({ from, to, protocol, port, connections, peers, bytes }) => [from, to, protocol, port, connections, peers, bytes]),
  ).toEqual([
    [101, 102, 'tcp', 5432, 1, 0, 1500],
    [101, 102, 'icmp', 0, 1, 0, 336],
    [102, 'outside', 'udp', 53, 1, 1, null],
    ['outside', 101, 'tcp', 80, 1, 1, null],
  ]);
});

test('and as the sockets of both ends have it: once', () => {
  expect(addressIn('6500000A')).toBe('10.0.0.101');
  expect(addressIn('B80D0120000000000000000001010000')).toBe('2001:db8::101');
  expect(addressIn('0000000000000000FFFF00006500000A')).toBe('10.0.0.101');
  const row = (local: string, remote: string, state: string): string =>
    `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 12345 1 0000000000000000 20 4 30 10 -1`;
  const asking = parseConnected(row('6500000A:9C40', '6600000A:1538', '01'));
  const serving = parseConnected([row('00000000:1538', '00000000:0000', '0A'), row('6600000A:1538', '6500000A:9C40', '01')].join('\n'));
  expect(asking).toMatchObject([{ from: '10.0.0.101', to: '10.0.0.102', port: 5432, sure: false }]);
  expect(serving).toMatchObject([{ from: '10.0.0.101', to: '10.0.0.102', port: 5432, sure: true }]);
  expect(asking[0]?.key).toBe(serving[0]?.key);
  expect(parseConnected('')).toEqual([]);
  // a socket of UDP with a peer, and the one that waits for all
  const udp = parseConnected([row('00000000:0035', '00000000:0000', '07'), row('6500000A:9C40', '6600000A:0035', '01')].join('\n'), 'udp');
  expect(udp).toMatchObject([{ from: '10.0.0.101', to: '10.0.0.102', port: 53, protocol: 'udp' }]);
});

test('what links hand each other is told both ways as one, to the lower port, as long as it is fresh and its links are known', () => {
  const names = new Map([
    [7, '10.0.0.101'],
    [8, '10.0.0.102'],
  ]);
  const flow = (sender: number, receiver: number, protocol: number, ports: readonly [number, number], bytes: number, last = 900_000) => ({
    sender,
    receiver,
    protocol,
    ports,
    bytes,
    packets: 1,
    last,
  });
  const talk = flowing(
    [
      flow(7, 8, 17, [40000, 53], 100),
      flow(8, 7, 17, [53, 40000], 400),
      flow(8, 7, 1, [0, 0], 84),
      flow(7, 8, 1, [0, 0], 84),
      flow(7, 8, 47, [0, 0], 10),
      flow(7, 8, 17, [40001, 53], 100, 700_000),
      flow(7, 9, 17, [40000, 53], 100),
    ],
    names,
    1_000_000,
  );
  expect(talk).toEqual([
    { from: '10.0.0.101', to: '10.0.0.102', port: 53, protocol: 'udp', bytes: 500, forth: 100 },
    { from: '10.0.0.101', to: '10.0.0.102', port: 0, protocol: 'icmp', bytes: 168, forth: 84 },
    { from: '10.0.0.101', to: '10.0.0.102', port: 0, protocol: 'other', bytes: 10, forth: 10 },
  ]);
});
