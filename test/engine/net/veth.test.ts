// What bridged devices consist of, what leads from one state to another, and which of them cannot be, without a kernel.
import { expect, test } from 'vitest';
import { change, type Thing } from '../../../src/engine/net/thing.ts';
import { vethThings } from '../../../src/engine/net/veth.ts';
import { portConflict, type VethOthers, vethConflict } from '../../../src/engine/net/veth-conflicts.ts';
import { asNumber, linkLocalOf } from '../../../src/engine/spec/ip.ts';
import { type Netif, netifsOf } from '../../../src/engine/spec/params/netif.ts';

const T = 'vzdeck';
const AROUND = { hardware: () => '00:11:22:33:44:55' };
const devices = (value: string): readonly Netif[] => netifsOf(value, 101, AROUND);
const things = (value: string, before: readonly Thing[] = []): readonly Thing[] =>
  vethThings(
    {
      id: 101,
      devices: devices(value),
      mtu: (link) => ({ br9: 9000, eth1: 1400 })[link] ?? null,
      bridge: (name) => ({ mac: '02:00:00:00:00:01', ports: name === 'br0' ? ['eth1'] : [] }),
      six: true,
    },
    before,
  );
const ETH0 = 'ifname=eth0,mac=00:18:51:00:00:0A,host_ifname=veth101.0,host_mac=00:18:51:00:00:0B';

test('a device on a bridge is a pair, its MACs and its port, filtered before all of them', () => {
  const { table, node, inside, shared, raise, switch: switched } = change(T, [], things(`${ETH0},bridge=br0`));
  expect(table).toEqual([
    'add counter bridge vzdeck forged-veth101.0',
    'add element bridge vzdeck forged { "veth101.0" : "forged-veth101.0" }',
    'add element bridge vzdeck mac { "veth101.0" . 00:18:51:00:00:0a }',
    'add element bridge vzdeck filtered { "veth101.0" }',
  ]);
  expect(shared).toEqual([
    'link add name br0 address 02:00:00:00:00:01 type bridge stp_state 0 forward_delay 0',
    'link set dev br0 addrgenmode none',
    'link set dev eth1 master br0',
    'link set dev eth1 up',
  ]);
  expect(node).toEqual([
    'link add name eth0 index 1610614352 netns container mtu 1400 type veth peer name veth101.0 mtu 1400',
    'link set dev veth101.0 address 00:18:51:00:00:0b',
    'link set dev veth101.0 master br0 addrgenmode none',
  ]);
  expect(raise).toEqual(['veth101.0']);
  expect(switched).toEqual(['ipv6/conf/veth101.0/accept_ra 0']);
  expect(inside).toEqual(['link set dev eth0 address 00:18:51:00:00:0a']);
});

test('another bridge or MAC is set where the device stands; without filter there is nothing in the table', () => {
  const before = things(`${ETH0},bridge=br9`);
  const after = things(`${ETH0.replace('0A', '0C')},bridge=br8,mac_filter=off`, before);
  const { table, untable, node, inside } = change(T, before, after);
  expect(node).toEqual(['link set dev veth101.0 master br8 addrgenmode none']);
  expect(inside).toEqual(['link set dev eth0 address 00:18:51:00:00:0c']);
  expect(table).toEqual([]);
  expect(untable.filter((line) => line.startsWith('delete'))).toHaveLength(4);
  expect(change(T, after, things(`${ETH0.replace('0A', '0C')},mac_filter=off`, after)).node[0]).toBe('link set dev veth101.0 nomaster');
});

test('one that goes takes what is inside with it, and others keep their index', () => {
  const two = `${ETH0};ifname=eth1,mac=00:18:51:00:00:0D`;
  const before = things(two);
  const after = things('ifname=eth1,mac=00:18:51:00:00:0D;ifname=eth2,mac=00:18:51:00:00:0E', before);
  const { node, inside } = change(T, before, after);
  expect(inside).toEqual(['link set dev eth2 address 00:18:51:00:00:0e']);
  expect(node[0]).toContain('name eth2 index 1610614354 ');
  expect(node.at(-1)).toBe('link del dev veth101.0');
});

test('listed addresses are all that it may have, with the link-local one of its MAC; the same MAC on both ends is none on the node', () => {
  const value = 'ifname=eth0,mac=00:18:51:00:00:0A,ip=10.0.0.5/24 fd00::5/64,gw=10.0.0.1,configure=all,bridge=br0';
  const { table, node, inside } = change(T, [], things(value));
  const sets = (name: string): readonly string[] => table.flatMap((line) => line.match(new RegExp(` ${name} \\{ (.*) \\}`))?.[1] ?? []);
  expect(sets('port4')).toEqual(['"veth101.0" . 10.0.0.5']);
  expect(sets('port6')).toEqual(['"veth101.0" . fd00::5', '"veth101.0" . fe80::218:51ff:fe00:a']);
  expect(sets('keptTarget')).toEqual(['0xfd000000000000000000000000000005']);
  expect(node[1]).toBe('link set dev veth101.0 address fe:18:51:00:00:0a');
  expect(inside.slice(1)).toEqual([
    'link set dev eth0 up',
    'addr add 10.0.0.5/24 dev eth0',
    'addr add fd00::5/64 dev eth0 nodad',
    'route replace default dev eth0 via 10.0.0.1 onlink',
  ]);
});

test('what is in no bridge is guarded by its addresses, or by what the node routes to it', () => {
  const guards = (value: string): readonly string[] =>
    change(T, [], things(value)).table.filter((line) => / inet .*veth101\.0"/.test(line));
  expect(guards(ETH0)).toEqual([
    'add element inet vzdeck foreign { "veth101.0" : "foreign-veth101.0" }',
    'add element inet vzdeck alone { "veth101.0" . 00:18:51:00:00:0a }',
    'add element inet vzdeck guarded { "veth101.0" }',
  ]);
  expect(guards(`${ETH0},ip=10.0.0.5/24`).slice(1, -1)).toEqual([
    'add element inet vzdeck own4 { "veth101.0" . 10.0.0.5 }',
    'add element inet vzdeck own6 { "veth101.0" . fe80::218:51ff:fe00:a }',
  ]);
  expect(guards(`${ETH0},mac_filter=off`)).toEqual([]);
});

test('what a hand-written entry leaves open follows from the name on the node', () => {
  const [device] = devices('ifname=lan7');
  expect(device).toMatchObject({ hostName: 'veth101.7', filtered: true, bridge: '', configured: false });
  expect(device?.mac).toMatch(/^00:18:51:/);
  expect(device?.hostMac).toBe(device?.mac);
});

const OTHERS: VethOthers = {
  links: new Set(['eth9', 'lo']),
  macs: new Map([['00:18:51:00:00:99', 'eth9']]),
  takenMacs: new Map([['00:18:51:00:00:22', 'container 102']]),
  containers: [{ id: 102, devices: netifsOf('ifname=eth0,mac=00:18:51:00:00:22,host_ifname=foo', 102, AROUND) }],
  ports: [],
  noBridges: new Map([['eth9', 'a device of its own']]),
};
test.each([
  ['mac=00:18:51:00:00:22', 'MAC 00:18:51:00:00:22 belongs to container 102'],
  ['host_ifname=foo', 'foo is a device of container 102'],
  ['host_ifname=eth9', 'the node has a network device eth9 already'],
  ['mac=00:18:51:00:00:99', "MAC 00:18:51:00:00:99 is the node's own, of eth9"],
  ['mac=01:18:51:00:00:01', 'MAC 01:18:51:00:00:01 is not that of a single device'],
  ['host_ifname=veth2147483647.0', 'its name on the node "veth2147483647.0" is no name'],
  ['host_ifname=a"b', 'its name on the node "a\\"b" is no name'],
  ['host_ifname=venet7', 'names like venet7 are those of venet'],
  ['host_ifname=a%d', 'its name on the node "a%d" is no name'],
  ['host_ifname=a*', 'its name on the node "a*" is no name'],
  ['bridge=a b', 'its bridge "a b" is no name'],
  ['bridge=..', 'its bridge ".." is no name'],
  ['bridge=all', 'its bridge "all" is no name'],
  ['bridge=eth9', 'eth9 is no bridge but a device of its own'],
  ['bridge=br0', null],
])('ifname=eth0,%s: %s', (fields, why) => {
  const own = devices(`ifname=eth0,${fields}`);
  expect(vethConflict(own[0] as Netif, own, OTHERS)).toEqual(why === null ? null : expect.stringContaining(why));
});

test('a port that carries addresses, above all the session that asks, is refused', () => {
  const port = { name: 'eth1', bridge: 'br0', there: true, master: null, addresses: ['192.0.2.1'], login: null };
  expect(portConflict({ ...port, login: 'the session that asks for it' })).toContain('eth1 carries the session that asks for it');
  expect(portConflict(port)).toContain('eth1 has address 192.0.2.1');
  expect(portConflict({ ...port, there: false })).toContain('the node has no network device eth1');
  expect(portConflict({ ...port, addresses: [], master: 'bond0' })).toBe('eth1 is a part of bond0 already');
  expect(portConflict({ ...port, addresses: [] })).toBeNull();
});

test('numbers and link-local addresses', () => {
  expect(asNumber('fe80::1%eth0')).toBe('0xfe800000000000000000000000000001');
  expect(linkLocalOf('02:18:51:00:00:0a')).toBe('fe80::18:51ff:fe00:a');
});
