// What stands when: guards before what they guard and until after it, also of the node's own; what the node forwards for nobody; and devices that are in
// no bridge.
import { beforeAll, expect, test, vi } from 'vitest';
import { routed6, SEND } from './frames.ts';
import { inNetLab, WIRE } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

inNetLab('guards', (lab, done) => {
  /** Lines of a plan that match, in its order. */
  const planned = (pattern: RegExp, ...words: string[]): readonly string[] =>
    [...done(...words, '--dry-run').matchAll(new RegExp(pattern, 'gm'))].map(([, ...what]) => what.find((one) => one !== undefined) ?? '');
  const tableOf = (family: string): string =>
    `${family} ${new RegExp(`table ${family} (\\S+)`).exec(lab.node('nft list tables').out)?.[1] ?? 'none'}`;
  const setOf = (family: string, name: string): string => lab.node(`nft list set ${tableOf(family)} ${name}`).out;

  beforeAll(async () => {
    for (const id of ['101', '102', '103', '104']) done('create', id);
    done('set', '101', '--ipadd', '192.0.2.101', '--ipadd', '2001:db8:1::101', '--save');
    done('set', '102', '--netif_add', 'eth0,00:18:51:00:00:02,,,br0', '--save');
    done('set', '103', '--netif_add', 'eth0,00:18:51:00:00:03,,,br0', '--save');
  });

  test('the table is there before the node forwards, and a device hears no router before it is up', () => {
    const plan = planned(/^\w+ +(?:(nft add rule inet \S+ transit)|write path=\S+(conf\/(?:wire0|all)\/forwarding))/, 'start', '101');
    const first = plan.findIndex((line) => line.includes('forwarding'));
    expect(plan.slice(0, first)).toHaveLength(3);
    expect(plan.slice(first, first + 2)).toEqual(['conf/wire0/forwarding', 'conf/all/forwarding']);
    const up = planned(/^\w+ +(?:write path=\S+((?:br0|veth102\.0)\/accept_ra)|(linkUp name=(?:br0|veth102\.0)))/, 'start', '102');
    expect(up).toEqual(['br0/accept_ra', 'linkUp name=br0', 'veth102.0/accept_ra', 'linkUp name=veth102.0']);
  });

  test('where the node forwards by itself no packet passes a chain that holds nothing', () => {
    const switched = (value: number) =>
      lab.node(`for a in ipv4/conf/wire0 ipv6/conf/all; do echo ${value} >/proc/sys/net/$a/forwarding; done`);
    const chain = () => planned(/^\w+ +nft (add rule|(?:delete|destroy) chain) inet \S+ transit/, 'start', '101');
    expect(new Set(chain())).toEqual(new Set(['add rule']));
    switched(1);
    expect(chain()).toEqual(['destroy chain']);
    done('start', '101');
    const table = tableOf('inet');
    const chains = () => lab.node(`nft list table ${table}`).out.match(/(?<=chain )\w+/g);
    expect(chains()).toEqual(['routed', 'guard']);
    done('stop', '101', '--fast');
    // what somebody has left of earlier ones
    lab.node(
      `nft 'add table ${table}; add chain ${table} transit { type filter hook forward priority -10; }; add rule ${table} transit drop'`,
    );
    done('start', '101');
    expect(chains()).toEqual(['routed', 'guard']);
    done('stop', '101', '--fast');
    switched(0);
    expect(new Set(chain())).toEqual(new Set(['add rule']));
  });

  test('a guard goes after what it guards', () => {
    done('start', '101');
    const going = planned(/^node +(?:ip (link del)|nft (delete element) .* own4)/, 'set', '101', '--ipdel', 'all');
    // a third is the container's end, as nothing is left of its network
    expect(going.slice(0, 2)).toEqual(['link del', 'delete element']);
  });

  test("on a bridge the node's own addresses, and those of venet, stay nobody's when another container stops", () => {
    for (const id of ['102', '103']) done('start', id);
    const had = setOf('bridge', 'node4');
    expect(had).toContain(WIRE.node);
    expect(setOf('bridge', 'kept4')).toContain('192.0.2.101');
    done('stop', '103', '--fast');
    expect(setOf('bridge', 'node4')).toBe(had);
    expect(setOf('bridge', 'kept4')).toContain('192.0.2.101');
    done('set', '101', '--ipadd', '192.0.2.111');
    expect(setOf('bridge', 'kept4')).toContain('192.0.2.111');
    done('set', '101', '--ipdel', '192.0.2.111');
    expect(setOf('bridge', 'kept4')).not.toContain('192.0.2.111');
  });

  test('what somebody else flushes comes back with the next verb, for all containers that run', () => {
    const rules = (): string => lab.node('nft list ruleset').out.replace(/packets \d+ bytes \d+/g, '');
    const before = rules();
    expect(before).toContain('192.0.2.101');
    lab.node('nft flush ruleset');
    done('set', '102', '--cpuunits', '700');
    expect(rules().split('\n').sort()).toEqual(before.split('\n').sort());
    lab.node('nft flush ruleset');
    done('start', '103');
    done('stop', '103', '--fast');
    expect(rules().split('\n').sort()).toEqual(before.split('\n').sort());
  });

  test('tables that are as they must be are left alone; those of other rules, or of other addresses of the node, are made anew', () => {
    const guard = (): string => lab.node(`nft -a list chain ${tableOf('inet')} guard`).out;
    const handles = / # handle \d+/g;
    const had = guard();
    expect(had.match(handles)?.length).toBeGreaterThan(5);
    done('set', '101', '--ipadd', '192.0.2.112');
    done('set', '101', '--ipdel', '192.0.2.112');
    expect(guard()).toBe(had);
    lab.node(`nft 'flush set ${tableOf('inet')} made; flush chain ${tableOf('inet')} guard'`);
    done('set', '101', '--cpuunits', '710');
    expect(guard()).not.toBe(had);
    expect(guard().replace(handles, '')).toBe(had.replace(handles, ''));
    lab.node('ip addr add 192.0.2.77/24 dev wire0');
    done('set', '102', '--cpuunits', '710');
    expect(setOf('bridge', 'node4')).toContain('192.0.2.77');
    lab.node('ip addr del 192.0.2.77/24 dev wire0');
    done('set', '102', '--cpuunits', '700');
    expect(setOf('bridge', 'node4')).not.toContain('192.0.2.77');
  });

  test('what has come by a device does not leave by it again', () => {
    lab.lan(`ip route add 192.0.2.50/32 via ${WIRE.node}; busybox ping -c1 -W1 192.0.2.50; ip route del 192.0.2.50/32`);
    expect(lab.node('ip neigh show 192.0.2.50').out).toBe('');
  });

  test('the node forwards IPv6 for nobody else, also from devices that come later', () => {
    lab.node(`ip link add late0 type veth peer name late1 netns ${lab.lanPid}; ip link set late0 up`);
    lab.lan('ip link set late1 up');
    const mac = /link\/ether (\S+)/.exec(lab.node('ip link show late0').out)?.[1] ?? '';
    const frame = routed6(mac, '02:00:00:00:00:55', '2001:db8:99::1', '2001:db8:1::77');
    expect(lab.lan(`perl -e '${SEND}' late1 ${frame}`)).toMatchObject({ status: 0, err: '' });
    // one that is for the node arrives behind it
    lab.lan(`busybox ping -c1 -W5 ${WIRE.node6}`);
    expect(lab.node('ip -s link show late0').out).toMatch(/RX: .*\n +[1-9]/);
    expect(lab.node('ip -6 neigh show 2001:db8:1::77').out).toBe('');
    lab.node('ip link del late0');
  });

  test('a device of the node that has gone keeps no change of a container from going on', () => {
    lab.node(
      `ip link add gone0 type veth peer name gone1 netns ${lab.lanPid}; ip addr add 198.51.100.1/24 dev gone0; ip link set gone0 up`,
    );
    lab.lan('ip link set gone1 up');
    done('set', '101', '--ipadd', '192.0.2.113');
    expect(lab.node('ip neigh show proxy').out).toContain('192.0.2.101 dev gone0');
    lab.node('ip link del gone0');
    done('set', '101', '--ipdel', '192.0.2.113');
    expect(setOf('inet', 'own4')).not.toContain('192.0.2.113');
  });

  test('a device in no bridge sends from what the node routes to it only', () => {
    done('set', '104', '--netif_add', 'eth0,00:18:51:00:00:04', '--save');
    done('start', '104');
    lab.node('ip addr add 10.6.0.254/24 dev veth104.0');
    lab.inside(
      104,
      'ip link set eth0 up; ip addr add 10.6.0.4/24 dev eth0; ip addr add 10.7.7.7/32 dev eth0; ip route add default via 10.6.0.254',
    );
    expect(lab.inside(104, 'busybox ping -c1 -W5 10.6.0.254')).toMatchObject({ status: 0 });
    const dropped = (): string => /foreign-veth104\.0 \{\s+packets (\d+)/.exec(lab.node('nft list counters').out)?.[1] ?? 'none';
    const before = Number(dropped());
    lab.inside(104, 'busybox ping -c1 -W1 -I 10.7.7.7 10.6.0.254');
    expect(Number(dropped()) - before).toBe(1);
    lab.inside(
      104,
      'ip link set eth0 down address 00:18:51:00:00:77 up; ip addr add 10.6.0.4/24 dev eth0; busybox ping -c1 -W1 10.6.0.254',
    );
    expect(Number(dropped()) - before).toBeGreaterThan(1);
  });

  test('nothing stays', () => {
    for (const id of ['101', '102', '104']) done('stop', id, '--fast');
    expect(lab.changed()).toEqual([]);
  });
});
