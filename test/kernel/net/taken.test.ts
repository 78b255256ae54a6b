// Root inside takes away what his container was given: the next change of its network, or a repair, makes it anew as after a start, and his own choices stay.
import { beforeAll, expect, test, vi } from 'vitest';
import type { NetCheck } from '../../../src/engine/index.ts';
import { inNetLab, WIRE } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const A = '192.0.2.101';
const A6 = '2001:db8:1::101';
const B = '192.0.2.151';

inNetLab('what root inside takes away', (lab, vzctl) => {
  const findings = (): NetCheck['findings'] => JSON.parse(lab.vzdeck('net', 'check', '--json').out).findings;
  const inside = (line: string): string => {
    const said = lab.inside(101, line);
    expect({ line, ...said }).toMatchObject({ status: 0 });
    return said.out;
  };
  /** Whoever has kept a namespace, by what a line has said. */
  const end = (pid: string): boolean => pid !== '' && process.kill(Number(pid));
  const reached = (address: string): boolean => lab.lan(`busybox ping -c1 -W5 ${address}`).status === 0;
  const works = (...addresses: string[]): void => {
    for (const address of addresses) expect({ address, reached: reached(address) }).toEqual({ address, reached: true });
    for (const there of [WIRE.lan, WIRE.lan6]) inside(`busybox ping -c1 -W5 ${there}`);
    expect(findings()).toEqual([]);
  };

  beforeAll(() => {
    vzctl('create', '101', '--ipadd', A, '--ipadd', A6);
    vzctl('set', '101', '--netif_add', 'eth1,,veth101,,br0', '--rate', '0:90mbit', '--save');
    vzctl('start', '101');
  });

  const TAKEN = [
    ['deleted', 'ip link del dev venet0', 'links'],
    ['down', 'ip link set dev venet0 down', 'inside'],
    ['renamed', 'ip link set dev venet0 down; ip link set dev venet0 name lan0', 'inside'],
    [
      'moved to a namespace of his own',
      'unshare --net sleep 1000 >/dev/null 2>&1 & until [ "$(readlink /proc/$!/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done; ip link set dev venet0 netns $!; echo $!',
      'inside',
    ],
    ['with another MAC', 'ip link set dev venet0 address 02:00:00:00:77:77', 'inside'],
    ['without addresses', 'ip addr flush dev venet0', 'inside'],
    ['without the default route', 'ip route del default; ip -6 route del ::/0', 'inside'],
  ] as const;

  test.each(TAKEN)('venet0 %s: the next address brings all of it back', (_how, line, rule) => {
    const sleeper = inside(line);
    expect(findings()).toContainEqual(expect.objectContaining({ rule, cts: [101], remedy: 'vzdeck net check --repair' }));
    vzctl('set', '101', '--ipadd', B, '--save');
    works(A, A6, B);
    end(sleeper);
    vzctl('set', '101', '--ipdel', B, '--save');
    works(A, A6);
  });

  test.each(TAKEN)('venet0 %s: a repair brings it back', (_how, line) => {
    const sleeper = inside(line);
    lab.vzdeck('net', 'check', '--repair', '101');
    end(sleeper);
    works(A, A6);
  });

  test('an address that goes when venet0 has gone', () => {
    vzctl('set', '101', '--ipadd', B, '--save');
    inside('ip link del dev venet0');
    vzctl('set', '101', '--ipdel', B, '--save');
    works(A, A6);
  });

  test('a rate, and a guard, hold on the new one', () => {
    inside('ip link del dev venet0');
    lab.vzdeck('net', 'check', '--repair');
    expect(lab.node('tc filter show dev $(ip -o link | grep -o "v[0-9a-f]\\{8\\}2t") ingress').out).toContain('mirred');
    lab.inside(101, 'ip addr add 10.9.9.9/32 dev venet0; busybox ping -c1 -W1 -I 10.9.9.9 192.0.2.1; ip addr del 10.9.9.9/32 dev venet0');
    expect(lab.node('nft list counters').out).toMatch(/foreign-101 \{\s+packets [1-9]/);
  });

  test('a bridged device that he has deleted comes with the next change, and is his to rename', () => {
    inside('ip link del dev eth1');
    expect(findings()).toContainEqual(expect.objectContaining({ rule: 'links', object: 'veth101', cts: [101] }));
    vzctl('set', '101', '--ifname', 'eth1', '--mac_filter', 'off', '--save');
    inside('ip link show eth1');
    expect(lab.node('ip link show veth101').out).toContain('master br0');
    inside('ip link set eth1 name lan1');
    vzctl('set', '101', '--ipadd', B, '--save');
    inside('ip link show lan1');
    vzctl('set', '101', '--ipdel', B, '--save');
    inside('ip link set lan1 name eth1');
  });

  test('a default route of his own stays', () => {
    inside('ip link set eth1 up; ip addr add 203.0.113.1/24 dev eth1; ip route replace default via 203.0.113.2 dev eth1');
    vzctl('set', '101', '--ipadd', B, '--save');
    vzctl('set', '101', '--ipdel', B, '--save');
    expect(lab.inside(101, 'ip route show default').out).toBe('default via 203.0.113.2 dev eth1 \n');
    inside('ip route del default; ip addr flush dev eth1');
    lab.vzdeck('net', 'check', '--repair');
    works(A, A6);
  });

  test('what he has made in its place is named, with the line that removes it, and nothing changes', () => {
    inside('ip link del dev venet0; ip link add venet0 type bridge');
    const refused = lab.vzctl('set', '101', '--ipadd', B, '--save');
    expect(refused).toMatchObject({ status: 104, err: expect.stringContaining('vzctl exec 101 ip link del dev venet0') });
    expect(lab.vzctl('set', '101', '--cpus', '1', '--save').status).toBe(0);
    const [found] = findings().filter(({ rule }) => rule === 'inside');
    expect(found?.remedy).toBe('vzctl exec 101 ip link del dev venet0 && vzdeck net check --repair');
    vzctl('exec', '101', 'ip', 'link', 'del', 'dev', 'venet0');
    lab.vzdeck('net', 'check', '--repair');
    works(A, A6);
  });

  test('stopped, it leaves nothing', () => {
    inside('ip link set dev venet0 down; ip link set dev venet0 name lan0');
    vzctl('stop', '101', '--fast');
    expect(lab.changed()).toEqual([]);
  });
});
