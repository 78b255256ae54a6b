// Whose the number of a VLAN is.
import { expect, test } from 'vitest';
import { linksOf } from '../../../src/engine/net/look.ts';
import { asksForVlans, vlanConflict } from '../../../src/engine/net/sub-links.ts';

const link = (ifname: string, on?: string, id?: number, protocol = '802.1Q') => ({
  ...{ ifname, ifindex: 1, flags: ['UP'], link_type: 'ether', address: '02:00:00:00:00:01', mtu: 1500, addr_info: [] },
  ...(on === undefined ? {} : { link: on }),
  ...(id === undefined ? {} : { linkinfo: { info_kind: 'vlan', info_data: { id, protocol } } }),
});
const NODE = linksOf([link('eth1'), link('guests', 'eth1', 7), link('eth1.9', 'eth1', 9), link('eth1.20', 'eth1', 20, '802.1ad')], [], []);

test.each([
  ['eth0=vlan:eth1:7', undefined, 'cannot have VLAN 7 of eth1: it belongs to the node, as guests, and a link has each number once'],
  // of the same name on the node it is stood on
  ['eth0=macvlan:eth1.9:bridge', undefined, undefined],
  ['eth0=vlan:eth1:9', undefined, 'cannot have VLAN 9 of eth1: it belongs to the node, as eth1.9, and a link has each number once'],
  [
    'eth0=macvlan:eth1.7:bridge',
    undefined,
    'cannot have VLAN 7 of eth1: it belongs to the node, as guests, and a link has each number once',
  ],
  ['eth0=vlan:eth1:20', undefined, undefined],
  ['eth0=vlan:eth2:7', undefined, undefined],
  ['eth0=vlan:eth1:30', undefined, 'cannot have VLAN 30 of eth1: it belongs to container 102, and a link has each number once'],
  ['eth0=macvlan:eth1.30:bridge', undefined, 'cannot have VLAN 30 of eth1: it belongs to container 102, and a link has each number once'],
  ['eth0=vlan:eth1:40', undefined, 'cannot have VLAN 40 of eth1: it belongs to container 102, and a link has each number once'],
  ['eth0=macvlan:eth1.40:bridge', undefined, undefined],
  [
    'eth0=vlan:eth1:50 eth2=vlan:eth1:50',
    undefined,
    'cannot have VLAN 50 of eth1: it belongs to eth2 of this container, and a link has each number once',
  ],
  ['eth0=macvlan:eth1.50:bridge eth2=macvlan:eth1.50:bridge', undefined, undefined],
  // what it has is not asked again
  ['eth0=vlan:eth1:7', 'eth0=vlan:eth1:7', undefined],
])('%s beside %s', (value, known, why) => {
  const others = [{ id: 102, value: 'eth0=vlan:eth1:30 eth1=macvlan:eth1.40:bridge' }];
  expect(asksForVlans(value)).toBe(true);
  expect(vlanConflict(value, known, others, NODE, new Set())?.why).toBe(why);
});

test('one that was raised for containers is theirs', () => {
  expect(vlanConflict('eth0=vlan:eth1:9', undefined, [], NODE, new Set(['eth1.9']))).toBeNull();
  expect(asksForVlans('eth0=macvlan:eth1:bridge')).toBe(false);
});
