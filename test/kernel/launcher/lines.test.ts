// Lines in the words of ip(8) and nft(8) that the launcher reads itself: what it does not know reaches no kernel, and is named.
import { afterAll, describe, expect, test } from 'vitest';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import type { Op } from '../../../src/engine/spec/op.ts';
import { LAUNCHER, requires } from '../requires.ts';

const long = 'x'.repeat(600);

const LINKS = [
  '',
  'link',
  'link add name',
  'link add name sixteen-bytes-now type veth',
  'link add name a address 00:11:22:33:44 type ifb',
  'link add name a address 00:11:22:33:44:55:66 type ifb',
  'link add name a mtu many type ifb',
  'link add name a mtu 4294967296 type ifb',
  'link add name a mtu -1 type ifb',
  'link add name a arp on type ifb',
  'link add name a netns container type ifb',
  'link add name a type bridge stp_state',
  'link add name a type bridge no_such_word 1',
  'link add name a type veth peer name sixteen-bytes-now',
  'link add name a type veth peer type veth',
  'link add name a type a-type-that-is-longer-than-names',
  'link add name a type macvlan mode passthru',
  'link set lo up',
  'link set dev lo down',
  'link set dev lo addrgenmode eui64',
  'link replace dev lo',
  'addr add 10.0.0.1/33 dev lo',
  'addr add 10.0.0/24 dev lo',
  'addr add default dev lo',
  'addr add ::1/129 dev lo',
  'addr add 10.0.0.1/32 dev lo label sixteen-bytes-now',
  'addr set 10.0.0.1/32 dev lo',
  'route add 10.0.0.0/24 via 10.0.0.1',
  'route add 10.0.0.0/24 dev lo via ::1',
  'route add 10.0.0.0/24 dev lo metric -',
  'route add 10.0.0.0/24 dev lo table 5',
  'neigh replace 10.0.0.1 dev lo',
  'rule add from all',
];

const ELEMENTS = [
  '',
  'add element inet t',
  'add element netdev t s { 1.1.1.1 }',
  'add element inet t s',
  'add element inet t s { }',
  'add element inet t s { 1.1.1.1',
  'add element inet t s { 1.1.1.1 } more',
  'add element inet t s { 1.1.1.1 . }',
  'add element inet t s { . 1.1.1.1 }',
  'add element inet t s { 1.1.1.1 2.2.2.2 }',
  'add element inet t s { 1.1.1.1 : 2.2.2.2 : 3.3.3.3 }',
  'add element inet t s { 1.1.1.1 : }',
  'add element inet t s { "" }',
  'add element inet t s { "sixteen-bytes-now" }',
  'add element inet t s { "open }',
  'add element inet t s { 0x123 }',
  'add element inet t s { 0xfg }',
  `add element inet t s { 0x${'00'.repeat(17)} }`,
  'add element inet t s { 65536 }',
  'add element inet t s { sctp }',
  'add element inet t s { 1.1.1.1 : "" }',
  `add element inet t s { ${Array.from({ length: 8 }, () => '::1').join(' . ')} }`,
  `add element inet t s { ${Array.from({ length: 20 }, () => '1').join(' . ')} }`,
  'add set inet t s',
  'flush ruleset',
  'flush table inet t s',
  'delete table inet t s',
  'add counter inet t c more',
  'destroy chain inet t',
  'destroy chain inet t c more',
  'destroy table inet t c',
];

requires('root', 'launcher')('the launcher', () => {
  const launcher = openLauncher(LAUNCHER);
  afterAll(() => launcher.close());
  const refused = (op: Op): Promise<unknown> =>
    launcher.ops({ ops: [op] }).then(
      () => null,
      (error) => error.fields,
    );

  describe('does not understand, of links', () => {
    test.each(LINKS)('%s', async (line) => {
      const told = await refused({ op: 'links', pid: 0, startTime: 0n, net: '', flags: 0, lines: [line] });
      expect(told).toMatchObject({ op: 'links', errno: 'EINVAL', path: line });
    });
  });

  describe('does not understand, of elements', () => {
    test.each(ELEMENTS)('%s', async (line) => {
      expect(await refused({ op: 'elements', lines: [line] })).toMatchObject({ op: 'elements', errno: 'EINVAL', path: line });
    });
  });

  test('tells what the kernel refuses, with the line', async () => {
    const element = 'add element inet no-such-table s { 1.1.1.1 }';
    expect(await refused({ op: 'elements', lines: [element] })).toMatchObject({ op: 'elements', errno: 'ENOENT', path: element });
    const address = 'addr del 192.0.2.77/32 dev lo';
    const told = await refused({ op: 'links', pid: 0, startTime: 0n, net: '', flags: 0, lines: [address] });
    expect(told).toMatchObject({ op: 'links', errno: 'EADDRNOTAVAIL', path: expect.stringContaining(address) });
  });

  test('destroys a chain that is not there, and only by itself', async () => {
    const chain = 'destroy chain inet no-such-table c';
    expect(await refused({ op: 'elements', lines: [chain] })).toBeNull();
    expect(await refused({ op: 'elements', lines: [chain, chain] })).toMatchObject({ errno: 'EINVAL', path: chain });
  });

  test('takes no line that is too long', async () => {
    expect(await refused({ op: 'links', pid: 0, startTime: 0n, net: '', flags: 0, lines: [long] })).toMatchObject({ errno: 'EMSGSIZE' });
    expect(await refused({ op: 'elements', lines: [long] })).toMatchObject({ errno: 'EINVAL' });
  });

  test('does nothing where it is told nothing', async () => {
    expect(await refused({ op: 'elements', lines: [] })).toBeNull();
    expect(await refused({ op: 'links', pid: 0, startTime: 0n, net: '', flags: 0, lines: [] })).toBeNull();
  });

  test('goes on behind what is refused where nothing is an error', async () => {
    const lines = ['link set dev no-such-link up', 'nonsense', 'link set dev lo mtu'];
    expect(await refused({ op: 'links', pid: 0, startTime: 0n, net: '', flags: 2, lines })).toBeNull();
  });
});
