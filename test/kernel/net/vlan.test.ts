// VLANs, bonds and ipvlan, on a kernel that has them: with packets, and a VLAN of the node that comes with its first container and goes with its last.
import { beforeAll, expect, test, vi } from 'vitest';
import type { NetCheck } from '../../../src/engine/index.ts';
import { loggedIn } from './login.ts';
import { inNetLab } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

inNetLab(
  'VLANs and ipvlan',
  (lab, done) => {
    const reaches = (id: number, ...to: string[]): void => {
      for (const address of to) expect({ address, ...lab.inside(id, `busybox ping -c1 -W5 ${address}`) }).toMatchObject({ status: 0 });
    };

    beforeAll(async () => {
      lab.lan(`for id in 7 9; do ip link add link wire1 name v$id type vlan id $id; ip addr add 10.0.$id.1/24 dev v$id
      ip addr add fd00:$id::1/64 dev v$id nodad; ip link set v$id up; done`);
      done('create', '101');
      done('set', '101', '--link_add', 'eth0=vlan:wire0:7 eth1=macvlan:wire0.9', '--save');
      done('create', '102');
      done('set', '102', '--link_add', 'eth0=macvlan:wire0.9', '--save');
    });

    test('a VLAN of its own and one of the node, by IPv4 and IPv6', () => {
      for (const id of ['101', '102']) done('start', id);
      lab.inside(101, 'ip link set eth0 up; ip addr add 10.0.7.2/24 dev eth0; ip addr add fd00:7::2/64 dev eth0 nodad');
      lab.inside(101, 'ip link set eth1 up; ip addr add 10.0.9.2/24 dev eth1');
      lab.inside(102, 'ip link set eth0 up; ip addr add 10.0.9.3/24 dev eth0; ip addr add fd00:9::3/64 dev eth0 nodad');
      reaches(101, '10.0.7.1', 'fd00:7::1', '10.0.9.1', '10.0.9.3');
      reaches(102, '10.0.9.1', 'fd00:9::1');
    });

    test("the node's goes with its last container, and one that the administrator has made stays", () => {
      done('stop', '101', '--fast');
      expect(lab.node('ip link show wire0.9').status).toBe(0);
      done('stop', '102', '--fast');
      expect(lab.changed()).toEqual([]);
      lab.node('ip link add link wire0 name wire0.9 type vlan id 9; ip link set wire0.9 up');
      done('start', '102');
      done('stop', '102', '--fast');
      expect(lab.node('ip link del wire0.9').status).toBe(0);
    });

    test('a device is not taken away below a login that comes in by a VLAN, or by a bond with a VLAN on it', async () => {
      const refused = (device: string, why: string): void => {
        const said = lab.vzctl('set', '102', '--netdev_add', device);
        expect([said.status, said.err]).toEqual([104, expect.stringContaining(why)]);
        expect(lab.node(`ip link show ${device}`).status).toBe(0);
      };
      done('start', '102');
      lab.node('ip link add link wire0 name wire0.7 type vlan id 7; ip addr add 10.0.7.9/24 dev wire0.7; ip link set wire0.7 up');
      await loggedIn(lab, '10.0.7.9', '10.0.7.9', () => {
        refused('wire0.7', 'carries the login of 10.0.7.1 (process ');
        refused('wire0', 'carries the login of 10.0.7.1 (process ');
      });
      refused('wire0', 'carries wire0.9 of the node');
      lab.node('ip link del wire0.7');
      expect(
        lab.node(`ip link add port0 type veth peer name port1 netns ${lab.lanPid} && ip link add bond7 type bond mode active-backup &&
        ip link set port0 master bond7 && ip link set bond7 up && ip link set port0 up && ip link add link bond7 name bond7.5 type vlan id 5 &&
        ip addr add 10.0.5.9/24 dev bond7.5 && ip link set bond7.5 up`),
      ).toMatchObject({ status: 0 });
      lab.lan('ip link set port1 up; ip link add link port1 name v5 type vlan id 5; ip addr add 10.0.5.1/24 dev v5; ip link set v5 up');
      await loggedIn(lab, '10.0.5.9', '10.0.5.9', () => {
        refused('port0', 'is a part of bond7');
        refused('bond7', 'carries the login of 10.0.5.1 (process ');
        refused('bond7.5', 'carries the login of 10.0.5.1 (process ');
      });
      refused('bond7', 'carries bond7.5 of the node');
      lab.node('ip link del bond7; ip link del port0');
      done('stop', '102', '--fast');
    });

    test('a VLAN, one of the node below a macvlan, and an ipvlan that somebody has deleted are found, and there again after a repair', () => {
      const findings = (): NetCheck['findings'] => JSON.parse(lab.vzdeck('net', 'check', '--json').out).findings;
      done('set', '101', '--link_add', 'eth2=ipvlan:wire0', '--save');
      done('start', '101');
      for (const [where, line, names] of [
        ['inside', 'ip link del eth0', ['eth0']],
        ['inside', 'ip link del eth2', ['eth2']],
        ['node', 'ip link del wire0.9', ['eth1']],
      ] as const) {
        expect(where === 'node' ? lab.node(line) : lab.inside(101, line)).toMatchObject({ status: 0 });
        expect(findings().map(({ rule, object, remedy }) => [rule, object, remedy])).toEqual(
          names.map((name) => ['devices', `${name} of container 101`, 'vzdeck net check --repair']),
        );
        expect(lab.vzdeck('net', 'check', '--repair')).toMatchObject({ status: 0 });
      }
      lab.inside(101, 'ip link set eth0 up; ip addr add 10.0.7.2/24 dev eth0; ip link set eth1 up; ip addr add 10.0.9.2/24 dev eth1');
      reaches(101, '10.0.7.1', '10.0.9.1');
      done('stop', '101', '--fast');
      expect(lab.changed()).toEqual([]);
    });

    test('ipvlan has the MAC of the node and an address of its own', () => {
      done('set', '102', '--link_del', 'all', '--link_add', 'eth0=ipvlan:wire0', '--save');
      done('start', '102');
      lab.inside(102, 'ip link set eth0 up; ip addr add 192.0.2.50/24 dev eth0; ip addr add 2001:db8:1::50/64 dev eth0 nodad');
      reaches(102, '192.0.2.9', '2001:db8:1::9');
      expect(lab.lan('busybox ping -c1 -W5 192.0.2.50').status).toBe(0);
      done('stop', '102', '--fast');
      expect(lab.changed()).toEqual([]);
    });
  },
  'vlan',
  'ipvlan',
  'bond',
);
