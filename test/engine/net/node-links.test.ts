// The node's own side: who its neighbours are on which devices, what it must be told, and whose addresses nobody may take.
import { expect, test } from 'vitest';
import type { DeviceAddress } from '../../../src/engine/host/port.ts';
import { answeredOf, conflictOf, routersOf, routesOf } from '../../../src/engine/net/conflicts.ts';
import { neighbourDevices, passage } from '../../../src/engine/net/node-links.ts';
import { addressesOf } from '../../../src/engine/net/venet.ts';

const at = (device: string, address: string, more: Partial<DeviceAddress> = {}): DeviceAddress => ({
  device,
  address,
  family: address.includes(':') ? 6 : 4,
  mac: '02:00:00:00:00:01',
  loopback: false,
  ...more,
});

test('neighbours are on devices with a MAC and an address of more than the link', () => {
  const list = [
    at('lo', '127.0.0.1', { loopback: true }),
    at('eth0', '192.0.2.1'),
    at('eth0', 'fe80::1'),
    at('eth1', '169.254.1.1'),
    at('eth1', '2001:db8::1'),
    at('tun0', '10.8.0.1', { mac: '00:00:00:00:00:00' }),
  ];
  expect(neighbourDevices(list, '')).toEqual({ 4: ['eth0'], 6: ['eth1'] });
  expect(neighbourDevices(list, 'list:eth1 eth2')).toEqual({ 4: [], 6: ['eth1'] });
});

const files = (said: Readonly<Record<string, string>>) => ({
  read: (path: string) => said[path.replace('/proc/sys/net/', '')] ?? null,
  list: () => ['all', 'default', 'eth0', 'lo'],
});

test('a node that forwards nothing is opened for containers, and hears routers as before, on devices that come later too', () => {
  const said = {
    'ipv4/conf/eth0/forwarding': '0',
    'ipv4/neigh/eth0/proxy_delay': '80',
    'ipv6/conf/all/forwarding': '0',
    'ipv6/conf/default/accept_ra': '1',
    'ipv6/conf/eth0/accept_ra': '1',
    'ipv6/conf/eth0/proxy_ndp': '0',
    'ipv6/neigh/eth0/proxy_delay': '0',
  };
  const { switched, opened } = passage(files(said), { 4: ['eth0'], 6: ['eth0'] }, new Set([4, 6]));
  expect(switched.map(({ path, before, value }) => `${path} ${before} ${value}`)).toEqual([
    'ipv4/conf/eth0/forwarding 0 1',
    'ipv4/neigh/eth0/proxy_delay 80 0',
    'ipv6/conf/default/accept_ra 1 2',
    'ipv6/conf/eth0/accept_ra 1 2',
    'ipv6/conf/all/forwarding 0 1',
    'ipv6/conf/eth0/proxy_ndp 0 1',
  ]);
  expect(opened).toEqual({ 4: ['eth0'], 6: ['all'] });
});

test('a router stays as it is, and nothing of what it forwards is dropped', () => {
  const said = { 'ipv4/conf/eth0/forwarding': '1', 'ipv6/conf/all/forwarding': '1', 'ipv6/conf/eth0/accept_ra': '1' };
  expect(passage(files(said), { 4: ['eth0'], 6: ['eth0'] }, new Set([4, 6]))).toEqual({ switched: [], opened: { 4: [], 6: [] } });
});

test('routers are read from the kernel in the order of its bytes', () => {
  const four =
    'Iface\tDestination\tGateway\nwire0\t00000000\tFE0200C0\t0003\t0\t0\t0\t00000000\nwire0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\n';
  const six = `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 20010db80001000000000000000000fe 00000400 1 0 3 wire0\n`;
  expect(routersOf(routesOf(four, six))).toEqual(['192.0.2.254', '2001:db8:1::fe']);
  expect(routesOf(four, six).map(({ text, device, via }) => `${text} ${device} ${via}`)).toEqual([
    '0.0.0.0/0 wire0 192.0.2.254',
    '192.0.2.0/24 wire0 ',
    '::/0 wire0 2001:db8:1::fe',
  ]);
});

/** Of a node with a router, a network of its own, one behind another router, hosts, and what nobody is to reach. */
const ROUTES = [
  'Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT',
  'eth0 00000000 FE0200C0 0003 0 0 0 00000000 0 0 0',
  'eth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0',
  'eth0 0000000A 070200C0 0003 0 0 0 000000FF 0 0 0',
  'tun0 0005050A 00000000 0001 0 0 0 00FFFFFF 0 0 0',
  'eth0 090200C0 00000000 0005 0 0 0 FFFFFFFF 0 0 0',
  '* 006464C6 00000000 0201 0 0 0 00FFFFFF 0 0 0',
].join('\n');
const ARP = `IP address HW type Flags HW address Mask Device
192.0.2.60 0x1 0x2 02:00:00:00:00:60 * eth0
192.0.2.61 0x1 0xc 00:00:00:00:00:00 * eth0`;

test.each([
  ['192.0.2.1', "is the node's own, on eth0"],
  ['192.0.2.77', 'is where the session that asks for it comes from: that would end'],
  ['192.0.2.9', 'has a route of the node already (192.0.2.9/32 dev eth0)'],
  ['10.1.2.3', 'lies behind 192.0.2.7: the node has a route to 10.0.0.0/8 there'],
  ['10.5.5.3', null],
  ['198.100.100.3', null],
  ['192.0.2.60', null],
  ['192.0.2.61', 'is one that the node answers for already, on eth0 (ip neigh show proxy)'],
  ['192.0.2.254', "is that of the node's router: the node would not reach it any more"],
  ['192.0.2.102', 'belongs to container 102'],
  ['127.0.0.1', 'is loopback: every container has it of its own'],
  ['224.0.0.1', 'is multicast: nobody has it alone'],
  ['fe80::1', 'is link-local: a device has its own on its wire, and no router passes it on'],
  ['169.254.7.7', 'is link-local: a device has its own on its wire, and no router passes it on'],
  ['::ffff:10.0.0.1', 'is an IPv4 address in IPv6 form: give it as IPv4'],
  ['192.0.2.103', null],
  ['192.0.2.255', 'is the broadcast address of 192.0.2.0/24, on eth0'],
  ['10.5.5.255', null],
])('%s %s', (address, why) => {
  const others = {
    own: [{ address: '192.0.2.1', device: 'eth0' }],
    routes: routesOf(ROUTES, ''),
    answered: answeredOf(ARP),
    peer: '192.0.2.77',
    containers: [{ id: 102, addresses: addressesOf('192.0.2.102/24') }],
  };
  expect(conflictOf(addressesOf(address)[0]!, others)).toBe(why);
});
