// Tables of the kernel and of two programs, as Linux 6.18, nft 1.0.6 and tc 6.1 print them.
import { expect, test } from 'vitest';
import { parseLinkCounters, parseLinkNumbers } from '../../../../src/engine/account/traffic/counters.ts';
import { parseBuckets, parseGuards } from '../../../../src/engine/account/traffic/drops.ts';

const DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 13058905  246357    0    0    0     0          0         0 13058905  246357    0    0    0     0       0          0
venet101:     840      10    0    3    0     0          0         0  1062576     740    0    2    0     0       0          0
`;

test('counters of links, received and sent', () => {
  const found = parseLinkCounters(DEV);
  expect([...found.keys()]).toEqual(['lo', 'venet101']);
  expect(found.get('venet101')).toEqual({
    received: 840,
    sent: 1_062_576,
    receivedPackets: 10,
    sentPackets: 740,
    receivedDropped: 3,
    sentDropped: 2,
  });
  expect(parseLinkCounters('').size).toBe(0);
});

test('numbers of links, also of a name that fills its column', () => {
  const text =
    'Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n1\tlo        :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n1234567\tvdb0908ec2t:     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n';
  expect([...parseLinkNumbers(text)]).toEqual([
    ['lo', 1],
    ['vdb0908ec2t', 1_234_567],
  ]);
});

test('drops of our tables and buckets alone', () => {
  const counter = (table: string, name: string, packets: number): object => ({
    counter: { family: 'inet', name, table, handle: 9, packets, bytes: 0 },
  });
  const nft = JSON.stringify({
    nftables: [{ metainfo: { version: '1.0.6' } }, counter('vzdeck', 'foreign-101', 2), counter('other', 'foreign-101', 9)],
  });
  expect([...parseGuards(nft, 'vzdeck')]).toEqual([['foreign-101', 2]]);
  const tc = JSON.stringify([
    { kind: 'noqueue', handle: '0:', dev: 'lo', root: true, drops: 4 },
    { kind: 'tbf', handle: '8001:', dev: 'venet101', root: true, bytes: 1, packets: 1, drops: 7 },
    { kind: 'ingress', handle: 'ffff:', dev: 'venet101', drops: 1 },
  ]);
  expect([...parseBuckets(tc)]).toEqual([['venet101', 7]]);
});
