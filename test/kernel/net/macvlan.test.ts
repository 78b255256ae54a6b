// Interfaces on a link of the node by macvlan, on the real kernel: who hears whom in each mode, and a container with loopback only.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import type { NetCheck } from '../../../src/engine/index.ts';
import { inNetLab, WIRE } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const ping = (to: string): string => `busybox ping -c1 -W2 ${to} >/dev/null && echo ${to}`;
const ADDRESSES = (n: number): string =>
  `ip link set eth0 up; ip addr add 192.0.2.${n}/24 dev eth0; ip addr add 2001:db8:1::${n}/64 dev eth0 nodad`;

inNetLab('macvlan', (lab, done) => {
  const config = (id: number): string => readFileSync(join(lab.root, `etc/vz/conf/${id}.conf`), 'utf8');
  const pair = (mode: string): void => {
    for (const id of [101, 102]) {
      done('set', String(id), '--link_del', 'all', '--link_add', `eth0=macvlan:wire0:${mode},mac=02:00:00:00:00:${id - 100}0`);
      lab.inside(id, ADDRESSES(id));
    }
  };

  beforeAll(async () => {
    done('create', '101');
    done('set', '101', '--link_add', 'eth0=macvlan:wire0', '--save');
    done('create', '102');
    for (const id of ['101', '102']) done('start', id);
  });

  test('is there at the start with a MAC that the config keeps, and reaches the LAN by IPv4 and IPv6', () => {
    const mac = /eth0=macvlan:wire0:bridge,mac=([0-9a-f:]{17})/.exec(config(101))?.[1] ?? 'none';
    expect(lab.inside(101, 'ip link show eth0').out).toContain(`link/ether ${mac}`);
    lab.inside(101, ADDRESSES(101));
    for (const to of [WIRE.lan, WIRE.lan6]) expect(lab.inside(101, ping(to)).out).toBe(`${to}\n`);
    expect(lab.lan(ping('192.0.2.101')).out).toBe('192.0.2.101\n');
  });

  test('in bridge mode containers hear each other, in private mode they do not, and the LAN hears them', () => {
    pair('bridge');
    expect(lab.inside(101, ping('192.0.2.102')).out).toBe('192.0.2.102\n');
    pair('private');
    expect(lab.inside(101, `${ping('192.0.2.102')}; ${ping(WIRE.lan)}`).out).toBe(`${WIRE.lan}\n`);
  });

  test('in vepa mode all goes by the switch outside, which here sends nothing back', () => {
    pair('vepa');
    expect(lab.inside(101, `${ping('192.0.2.102')}; ${ping(WIRE.lan)}`).out).toBe(`${WIRE.lan}\n`);
  });

  test('one goes whatever root inside calls it, and what he has put on it, and the others stay', () => {
    done('set', '102', '--link_add', 'eth1=macvlan:wire0:bridge');
    lab.inside(
      102,
      'ip link set eth0 name spare; ip link set eth1 name eth0; ip link set spare name eth1; ip link add link eth1 name on type macvlan',
    );
    const kept = /link\/ether (\S+)/.exec(lab.inside(102, 'ip link show eth0').out)?.[1];
    done('set', '102', '--link_del', 'eth0');
    const left = lab.inside(102, 'ip -o link').out.trim().split('\n');
    expect(left).toHaveLength(2);
    expect(left[1]).toContain(`eth0@`);
    expect(left[1]).toContain(kept);
    done('set', '102', '--link_del', 'all', '--link_add', 'eth0=macvlan:wire0:vepa,mac=02:00:00:00:00:20');
  });

  test('what cannot be is refused before anything changes', () => {
    expect(lab.vzctl('set', '102', '--link_add', 'eth1=macvlan:nosuch')).toMatchObject({
      status: 104,
      err: expect.stringContaining('Network device nosuch is not there'),
    });
    expect(lab.vzctl('set', '102', '--link_add', 'eth1=macvlan:lo').err).toContain('Network device lo is loopback');
    expect(lab.vzctl('set', '102', '--link_add', 'eth1=macvlan:wire0:passthru').err).toContain('macvlan is bridge, private, vepa');
    expect(lab.vzctl('set', '102', '--network', 'none').err).toContain('shared with no container');
    expect(lab.inside(102, 'ip link show eth1').status).toBe(1);
  });

  test('a MAC that somebody has is refused for either kind, also that of one that does not run, and of the link itself', () => {
    const [mine, idle] = ['02:00:00:00:00:10', '02:00:00:00:77:77'];
    done('create', '103');
    done('set', '103', '--link_add', `eth0=macvlan:wire0,mac=${idle}`, '--save');
    const own = /link\/ether (\S+)/.exec(lab.node('ip link show wire0').out)?.[1];
    for (const [mac, whose] of [
      [mine, 'container 101'],
      [idle, 'container 103'],
      [own, 'the node, on wire0'],
    ])
      expect(lab.vzctl('set', '102', '--link_add', `eth1=macvlan:wire0,mac=${mac}`)).toMatchObject({
        status: 104,
        err: expect.stringContaining(`Network device eth1 cannot have MAC ${mac}: it belongs to ${whose}`),
      });
    for (const [mac, whose] of [
      [mine, 'container 101'],
      [idle, 'container 103'],
    ])
      expect(lab.vzctl('set', '102', '--netif_add', `eth2,${mac}`)).toMatchObject({
        status: 130,
        err: expect.stringContaining(`MAC ${mac} belongs to ${whose}`),
      });
    done('start', '103');
    const said = (...words: string[]) => lab.vzctl('set', '103', ...words).err;
    expect(said('--link_add', `eth1=macvlan:wire0,mac=${idle}`)).toContain('it belongs to eth0 of this container');
    expect(said('--netif_add', `eth2,${idle}`)).toContain(`MAC ${idle} belongs to eth0 of this container`);
    // of what runs and stands in no config, too
    const free = '02:00:00:00:0a:03';
    done('set', '103', '--link_add', `eth3=macvlan:wire0,mac=${free}`);
    done('set', '103', '--netif_add', 'eth4,02:00:00:00:0a:04');
    expect(said('--link_add', `eth5=macvlan:wire0,mac=${free}`)).toContain('it belongs to eth3 of this container');
    expect(said('--netif_add', `eth5,${free}`)).toContain(`MAC ${free} belongs to eth3 of this container`);
    expect(said('--netif_add', 'eth5,02:00:00:00:0a:04')).toContain('eth4 of this container has the same MAC');
    expect(said('--link_add', 'eth5=macvlan:wire0,mac=02:00:00:00:0a:04')).toContain('it belongs to eth4 of this container');
    expect(said('--netif_add', 'eth3,02:00:00:00:0a:05')).toContain('is what another interface of this container is called inside');
    done('stop', '103', '--fast');
    done('destroy', '103');
  });

  test('an empty network is loopback alone, and gives back what the config says', () => {
    done('set', '102', '--network', 'empty');
    expect(lab.inside(102, 'ip -o link').out.trim().split('\n')).toHaveLength(1);
    done('set', '101', '--network', 'empty', '--save');
    // what is given then waits, and whoever gives it is told; in one call it is a contradiction
    const { status, err } = lab.vzctl('set', '101', '--ipadd', '192.0.2.121', '--save');
    expect([status, err]).toEqual([
      0,
      expect.stringContaining('what is given by --ipadd waits: the container has nothing but loopback until vzctl set 101 --network own'),
    ]);
    expect(lab.inside(101, 'ip -o link').out.trim().split('\n')).toHaveLength(1);
    done('set', '101', '--network', 'own', '--save');
    expect(lab.inside(101, 'ip -o link').out.match(/^\d+: (venet0|eth0)@/gm)).toHaveLength(2);
    expect(lab.lan(ping('192.0.2.121')).out).toBe('192.0.2.121\n');
  });

  const findings = (): NetCheck['findings'] => JSON.parse(lab.vzdeck('net', 'check', '--json').out).findings;

  test('one that root inside has deleted, or whose link has gone, is found, and is there again after a repair', () => {
    const mac = (): string => /link\/ether (\S+)/.exec(lab.inside(101, 'ip link show eth0').out)?.[1] ?? 'none';
    const had = mac();
    // under another name it is the same one
    lab.inside(101, 'ip link set eth0 down; ip link set eth0 name lan0');
    expect(findings()).toEqual([]);
    lab.inside(101, 'ip link del lan0');
    expect(findings()).toMatchObject([
      {
        rule: 'devices',
        cts: [101],
        object: 'eth0 of container 101',
        remedy: 'vzdeck net check --repair',
        evidence: ['it stood on wire0'],
      },
    ]);
    // something of his own in its place
    lab.inside(101, 'ip link add eth0 type bridge');
    expect(findings()).toMatchObject([{ cts: [101], remedy: 'vzctl exec 101 ip link del dev eth0 && vzdeck net check --repair' }]);
    expect(lab.vzdeck('net', 'check', '--repair')).toMatchObject({ status: 104, err: expect.stringContaining('ip link del dev eth0') });
    lab.inside(101, 'ip link del eth0');
    expect(lab.vzdeck('net', 'check', '--repair')).toMatchObject({ status: 0 });
    expect(mac()).toBe(had);
    lab.inside(101, ADDRESSES(101));
    expect(lab.inside(101, ping(WIRE.lan)).out).toBe(`${WIRE.lan}\n`);
    // with the link of the node all that stood on it goes
    lab.node('ip link add spare7 type veth peer name spare8; ip link set spare7 up');
    done('set', '101', '--link_add', 'eth7=macvlan:spare7');
    lab.node('ip link del spare7');
    expect(findings()).toMatchObject([{ cts: [101], remedy: 'vzctl set 101 --link_del eth7 --save' }]);
    expect(lab.vzctl('set', '101', '--link_del', 'eth7')).toMatchObject({ status: 0 });
    expect(findings()).toEqual([]);
  });

  test('the same MAC is there at once after a restart, and nothing stays at the end', () => {
    done('restart', '101', '--fast');
    expect(lab.inside(101, 'ip link set eth0 up').status).toBe(0);
    for (const id of ['101', '102']) done('stop', id, '--fast');
    expect(lab.changed()).toEqual([]);
  });
});
