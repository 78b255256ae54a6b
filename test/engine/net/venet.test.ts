// What venet consists of, and what leads from one state to another, as the lines that ip and nft are given.
import { expect, test } from 'vitest';
import { change, type Thing, union } from '../../../src/engine/net/thing.ts';
import { addressesOf, keptFor, venetName, venetThings } from '../../../src/engine/net/venet.ts';

const T = 'vzdeck';
const things = (value: string, before: readonly Thing[] = [], neighbours = { 4: ['eth0'], 6: ['eth0'] }): readonly Thing[] =>
  venetThings({ id: 101, tag: '', addresses: addressesOf(value), neighbours, source: '' }, before);

test('without addresses there is nothing', () => {
  expect(things('')).toEqual([]);
});

test('one address is a pair, a route, a proxy on each neighbour device, and its place in the table before all of them', () => {
  const batch = change(T, [], things('10.0.0.101'));
  expect(batch).toMatchObject({
    table: [
      'add counter inet vzdeck foreign-101',
      'add element inet vzdeck foreign { "venet101" : "foreign-101" }',
      'add element inet vzdeck guarded { "venet101" }',
      'add element inet vzdeck own4 { "venet101" . 10.0.0.101 }',
    ],
    node: [
      'link add name venet0 index 536871013 netns container address 02:00:00:00:00:65 arp off type veth peer name venet101 address 02:00:00:00:00:65 arp off',
      'link set dev venet101 addrgenmode none',
      'link set dev venet101 up',
      'route add 10.0.0.101/32 dev venet101 metric 187',
      'neigh replace proxy 10.0.0.101 dev eth0',
    ],
    switch: ['ipv4/conf/venet101/forwarding 1'],
    shared: [],
    inside: [
      'link set dev venet0 addrgenmode none',
      'link set dev venet0 up',
      'addr add 10.0.0.101/32 dev venet0 label venet0:0',
      'route replace default dev venet0',
    ],
  });
});

test('what comes, comes before what goes, and an alias keeps its number', () => {
  const before = things('10.0.0.1 10.0.0.2');
  const after = things('10.0.0.2 10.0.0.3', before);
  expect(change(T, before, after).inside).toEqual([
    'addr add 10.0.0.3/32 dev venet0 label venet0:2',
    'addr replace 10.0.0.1/32 dev venet0',
    'addr del 10.0.0.1/32 dev venet0',
  ]);
});

test('with the last address the pair goes, then its guard, and nothing inside is touched', () => {
  const before = things('10.0.0.1 2001:db8::1');
  const batch = change(T, before, []);
  expect(batch.inside).toEqual([]);
  expect(batch.node.at(-1)).toBe('link del dev venet101');
  expect(batch.table).toEqual([]);
  expect(batch.untable.at(-1)).toBe('delete counter inet vzdeck foreign-101');
});

test('a mask matters inside only, and none is none', () => {
  const { node, inside } = change(T, [], things('10.0.0.1/24 10.0.1.1/0 2001:db8::1/64'));
  expect(node.filter((line) => line.startsWith('route'))).toEqual([
    'route add 10.0.0.1/32 dev venet101 metric 187',
    'route add 10.0.1.1/32 dev venet101 metric 187',
    'route add 2001:db8::1/128 dev venet101 metric 187',
  ]);
  expect(inside.filter((line) => line.startsWith('addr'))).toEqual([
    'addr add 10.0.0.1/24 dev venet0 label venet0:0',
    'addr add 10.0.1.1/32 dev venet0 label venet0:1',
    'addr add 2001:db8::1/64 dev venet0 nodad',
  ]);
});

test('there and back is nothing', () => {
  const [one, two] = [things('10.0.0.1'), things('10.0.0.1 2001:db8::1')];
  expect(Object.values(change(T, one, one)).flat()).toEqual([]);
  expect(union(one, two).map(String).sort()).toEqual(two.map(String).sort());
});

test('names fit the 15 bytes that the kernel has for them', () => {
  expect([venetName('', 101), venetName('3361bc71', 101)]).toEqual(['venet101', 'v3361bc712t']);
  for (const tag of ['', 'ffffffff']) expect(venetName(tag, 2 ** 31 - 1).length).toBeLessThanOrEqual(15);
});

test('on a bridge nobody may use the addresses of venet', () => {
  expect(change(T, [], keptFor(things('10.0.0.1/24 2001:db8::1'))).table).toEqual([
    'add element bridge vzdeck kept4 { 10.0.0.1 }',
    'add element bridge vzdeck kept6 { 2001:db8::1 }',
    'add element bridge vzdeck keptTarget { 0x20010db8000000000000000000000001 }',
  ]);
});
