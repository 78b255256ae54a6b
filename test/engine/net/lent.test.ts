// Which devices of the node may be lent, and what gives one back what it had, without a kernel.
import { expect, test } from 'vitest';
import { homecomings } from '../../../src/engine/net/batch-ops.ts';
import { lentThings, whyNotLent } from '../../../src/engine/net/lent.ts';
import { linksOf } from '../../../src/engine/net/look.ts';
import { settingsOf } from '../../../src/engine/net/node-links.ts';
import { change } from '../../../src/engine/net/thing.ts';

const link = (ifname: string, ifindex: number, more: object = {}) => ({
  ifname,
  ifindex,
  flags: ['BROADCAST', 'UP'],
  link_type: 'ether',
  address: '02:00:00:00:00:01',
  mtu: 1500,
  addr_info: [],
  ...more,
});
const at = (local: string, prefixlen: number) => ({ family: 'inet', local, prefixlen, scope: 'global' });

/** eth0 below VLANs, the inner one with an address; eth1 and eth2 with the default route together; eth3 free, with all that a device can have. */
const LINKS = linksOf(
  [
    link('lo', 1, { flags: ['LOOPBACK', 'UP'], link_type: 'loopback' }),
    link('eth0', 2),
    link('eth0.7', 3, { link: 'eth0', linkinfo: { info_kind: 'vlan' } }),
    link('inner', 4, { link: 'eth0.7', addr_info: [at('192.0.2.1', 24)] }),
    link('eth1', 5),
    link('eth2', 6),
    link('eth3', 7, { altnames: ['enp7s0'], addr_info: [at('198.51.100.1', 24)] }),
    link('port', 8, { master: 'br0' }),
    link('a"b', 9),
    link('veth0', 10, { link: 'veth1', linkinfo: { info_kind: 'veth' } }),
    link('veth1', 11, { link: 'veth0', linkinfo: { info_kind: 'veth' } }),
  ],
  [
    {
      dst: 'default',
      nexthops: [
        { gateway: '192.0.2.8', dev: 'eth1', weight: 1 },
        { gateway: '192.0.2.9', dev: 'eth2', weight: 1 },
      ],
    },
    { dst: '10.1.0.0/16', gateway: '10.9.9.9', dev: 'eth3', flags: ['onlink'] },
    {
      dst: '10.2.0.0/16',
      metric: 5,
      nexthops: [
        { gateway: '198.51.100.2', dev: 'eth3', weight: 2 },
        { gateway: '192.0.2.8', dev: 'eth0', flags: ['onlink'] },
      ],
    },
  ],
  [],
);

test.each([
  ['eth0', 'inner', 'carries the session that asks for it by inner: both would be lost'],
  ['eth0', null, 'carries eth0.7 of the node'],
  ['eth1', null, "carries the node's default route"],
  ['eth2', null, "carries the node's default route"],
  ['port', null, 'is a part of br0'],
  ['a"b', null, 'is no name of a network device: at most 15 letters, digits, ".", "_" and "-"'],
  ['none', null, 'is not there'],
  ['veth0', null, null],
  ['eth3', 'inner', null],
])('%s for who comes in by %s: %s', (name, carrier, why) => {
  expect(whyNotLent(name, LINKS, new Map(carrier === null ? [] : [[carrier, 'the session that asks for it']]))).toBe(why);
});

test('it is given back other names, settings before addresses, and routes as they were', () => {
  const read: Readonly<Record<string, string>> = {
    'ipv4/conf/eth3/rp_filter': '1',
    'ipv4/conf/default/rp_filter': '0',
    'ipv4/conf/eth3/log_martians': '0',
    'ipv4/conf/default/log_martians': '0',
    'ipv6/conf/eth3/mtu': '1400',
  };
  const files = {
    read: (path: string) => read[path.replace('/proc/sys/net/', '')] ?? null,
    list: (path: string) =>
      Object.keys(read).flatMap((one) => (`/proc/sys/net/${one}`.startsWith(`${path}/`) ? [one.split('/')[3] ?? ''] : [])),
  };
  const things = lentThings(['eth3'], LINKS, (device) => settingsOf(files, device), []);
  const [home] = homecomings(change('vzdeck', things, []), '/run/net');
  expect(home?.device).toBe('eth3');
  expect(home?.back.map(({ op }) => op)).toEqual(['returnLink', 'cutLinks']);
  const text = (ops: readonly object[]): readonly string[] =>
    ops.flatMap((op) =>
      new TextDecoder()
        .decode('input' in op ? (op.input as Uint8Array) : (op as { data: Uint8Array }).data)
        .trim()
        .split('\n'),
    );
  expect(text(home?.settings ?? [])).toEqual(['1']);
  expect(text(home?.rest ?? [])).toEqual([
    'link set dev eth3 mtu 1500 address 02:00:00:00:00:01',
    'link property add dev eth3 altname enp7s0',
    'addr add 198.51.100.1/24 dev eth3',
    'link set dev eth3 up',
    'route add 10.1.0.0/16 via 10.9.9.9 dev eth3 onlink',
    'route replace 10.2.0.0/16 metric 5 nexthop via 198.51.100.2 dev eth3 weight 2 nexthop via 192.0.2.8 dev eth0 onlink',
  ]);
});
