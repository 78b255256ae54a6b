// Bridged devices on the real kernel: frames between containers, bridge and LAN, what mac_filter lets out and in, devices that come and go under load,
// and that nothing stays.
import { appendFileSync, chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { until } from '../until.ts';
import { arp, BROADCAST, icmp4, icmp6, marked, marksIn, piece6, SEND, spanningTree, tagged, udp4, udp6, WATCH } from './frames.ts';
import { inNetLab, WIRE } from './net-lab.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 300_000 });

const LAN = '10.5.0.9';
const LAN6 = 'fd00:5::9';
/** With addresses that are known. */
const A = { id: '101', mac: '00:18:51:00:00:0a', ip: '10.5.0.1', ip6: 'fd00:5::1', local: 'fe80::218:51ff:fe00:a' };
const B = { id: '102', mac: '00:18:51:00:00:0b', ip: '10.5.0.2', ip6: 'fd00:5::2', local: 'fe80::218:51ff:fe00:b' };
/** Filtered, with any address that is nobody's; and not filtered at all. */
const C = { id: '103', mac: '00:18:51:00:00:0c' };
const D = { id: '104', mac: '00:18:51:00:00:0d' };
const NOBODY = '00:00:00:00:00:00';
const STRANGER = '02:00:00:00:99:99';
const ping = (...to: string[]): string => to.map((address) => `busybox ping -c1 -W5 ${address} >/dev/null && echo ${address}`).join('; ');
const reached = (...to: string[]): string => to.map((address) => `${address}\n`).join('');

/** What A may not send. */
const FORGED: Readonly<Record<string, string>> = {
  'a MAC': udp4(STRANGER, A.ip),
  "another container's address": udp4(A.mac, B.ip),
  "nobody's address": udp4(A.mac, '10.9.9.9'),
  "an answer to ARP for another's address": arp(A.mac, 2, [A.mac, B.ip], [BROADCAST, LAN]),
  'an answer to ARP with a MAC': arp(A.mac, 2, [STRANGER, A.ip], [BROADCAST, LAN]),
  'gratuitous ARP': arp(A.mac, 1, [A.mac, B.ip], [NOBODY, B.ip]),
  "a probe for another's address": arp(A.mac, 1, [A.mac, '0.0.0.0'], [NOBODY, B.ip]),
  'an answer to ND': icmp6(A.mac, A.local, 136, B.ip6),
  'an answer to ND from a known address': icmp6(A.mac, A.ip6, 136, 'fe80::1'),
  "another's address taken before it is its own": icmp6(A.mac, '::', 135, B.ip6),
  "a router's word": icmp6(A.mac, A.local, 134),
  "a router's word behind an extension": icmp6(A.mac, A.local, 134, '', true),
  'a redirect of IPv6': icmp6(A.mac, A.local, 137, B.ip6),
  'a redirect of IPv4': icmp4(A.mac, A.ip, 5),
  'an offer of DHCP': udp4(A.mac, A.ip, [67, 68]),
  'an offer of DHCPv6': udp6(A.mac, A.local, [547, 546]),
  'an offer of DHCP from another port': udp4(A.mac, A.ip, [9, 68]),
  'an offer of DHCPv6 from another port': udp6(A.mac, A.local, [9, 546]),
  "a router's word in pieces": piece6(A.mac, A.local, 58, 0, '8600000000000000'),
  "a router's word whose first piece does not show it": piece6(A.mac, A.local, 60, 0, '3a00010400000000'),
  "a router's word whose first piece ends within a header": piece6(A.mac, A.local, 60, 0, '3a07010400000000'),
  'an answer to ND in pieces': piece6(A.mac, A.ip6, 58, 0, `8800000000000000`),
  'an offer of DHCPv6 in pieces': piece6(A.mac, A.local, 17, 0, '0009022200400000'),
  'a piece of somebody else': piece6(A.mac, B.ip6, 17, 8, '0000000000000000'),
  'an address that it made itself': udp6(A.mac, 'fd00:5::1234:5678:9abc:def0'),
  "another's link-local address": udp6(A.mac, B.local),
  'ARP in a VLAN': tagged(arp(A.mac, 2, [A.mac, B.ip], [BROADCAST, LAN]), 7),
  'an address in a VLAN 0': tagged(udp4(A.mac, B.ip), 0),
  'spanning tree': spanningTree(A.mac),
  "what is for another's loopback": udp4(A.mac, A.ip, [9, 9], BROADCAST, '127.0.0.1'),
};
const LEGAL: Readonly<Record<string, string>> = {
  UDP: udp4(A.mac, A.ip),
  'UDP over IPv6': udp6(A.mac, A.ip6),
  'a question of ARP': arp(A.mac, 1, [A.mac, A.ip], [NOBODY, LAN]),
  'gratuitous ARP for its own': arp(A.mac, 1, [A.mac, A.ip], [NOBODY, A.ip]),
  'a probe for its own': arp(A.mac, 1, [A.mac, '0.0.0.0'], [NOBODY, A.ip]),
  'an answer to ND': icmp6(A.mac, A.ip6, 136, A.ip6),
  'a question of ND': icmp6(A.mac, A.local, 135, LAN6),
  'a question for routers': icmp6(A.mac, '::', 133),
  'a first piece': piece6(A.mac, A.ip6, 17, 0, '0009000900400000'),
  'a piece behind it': piece6(A.mac, A.ip6, 17, 8, '0000000000000000'),
  'a piece of an echo': piece6(A.mac, A.ip6, 58, 0, '8000000000000000'),
  'a question of DHCP': udp4(A.mac, '0.0.0.0', [68, 67]),
};

inNetLab('veth', (lab, done) => {
  let lan: { got(): string };
  let next = 0;
  const refused = (said: string, ...words: string[]): void =>
    expect({ words, ...lab.vzctl(...words) }).toMatchObject({ status: 130, err: expect.stringContaining(said) });
  const note = (path: string): string => join(lab.root, 'run/vzdeck', path);
  const conf = (id: string): string => readFileSync(join(lab.root, `etc/vz/conf/${id}.conf`), 'utf8');
  const look = (): string => lab.node('ip -br link; nft list ruleset').out;

  /** Those of the frames that the LAN has seen, and then `others`. The last one is one that always arrives everywhere. */
  async function seen(
    from: { id: string; device?: string },
    frames: Readonly<Record<string, string>>,
    last: string,
    ...others: { got(): string }[]
  ): Promise<readonly (readonly string[])[]> {
    const names = Object.keys(frames);
    const first = next;
    next += names.length + 1;
    const all = [...Object.values(frames), last].map((text, at) => marked(text, first + at));
    const said = lab.inside(Number(from.id), `exec taskset 1 perl -e '${SEND}' ${from.device ?? 'eth0'} ${all.join(' ')}`);
    expect(said).toMatchObject({ status: 0, err: '' });
    const watchers = [lan, ...others];
    await until(() => watchers.every((watcher) => marksIn(watcher.got()).includes(next - 1)));
    return watchers.map((watcher) => {
      const marks = marksIn(watcher.got());
      return names.filter((_, at) => marks.includes(first + at));
    });
  }

  beforeAll(async () => {
    lab.node(`ip link add up0 type veth peer name up1 netns ${lab.lanPid}`);
    lab.lan(`ip link set up1 up; ip addr add ${LAN}/24 dev up1; ip addr add ${LAN6}/64 dev up1 nodad`);
    for (const { id } of [A, B, C, D]) done('create', id);
    appendFileSync(join(lab.root, 'etc/vz/vz.conf'), 'VZDECK_BRIDGES="br0=up0 br9=wire0"\n');
    for (const { id, mac, ip, ip6 } of [A, B]) {
      done('set', id, '--netif_add', `eth0,${mac},,,br0`, '--save');
      done('set', id, '--ifname', 'eth0', '--address', `${ip}/24 ${ip6}/64`, '--configure', 'all', '--save');
    }
    for (const { id, mac } of [C, D]) done('set', id, '--netif_add', `eth0,${mac},,,br0`, '--save');
    done('set', D.id, '--ifname', 'eth0', '--mac_filter', 'off', '--save');
    expect(done('start', A.id)).toContain('Configure veth devices: veth101.0 \n');
    for (const { id } of [B, C, D]) done('start', id);
    for (const { id } of [C, D]) lab.inside(Number(id), 'ip link set eth0 up');
    lan = await lab.watcher('lan', ['perl', '-e', WATCH, 'up1']);
  });

  test('reaches another container and the LAN, and they reach it, by IPv4 and IPv6', () => {
    expect(lab.inside(101, ping(B.ip, B.ip6, LAN, LAN6)).out).toBe(reached(B.ip, B.ip6, LAN, LAN6));
    expect(lab.lan(ping(A.ip, A.ip6, B.ip, B.ip6)).out).toBe(reached(A.ip, A.ip6, B.ip, B.ip6));
    expect(conf(A.id)).toContain(
      'NETIF="ifname=eth0,bridge=br0,mac=00:18:51:00:00:0A,host_ifname=veth101.0,host_mac=00:18:51:00:00:0A,' +
        'ip=10.5.0.1/24 fd00:5::1/64,configure=all"',
    );
  });

  test('a client of DHCP, which reads frames itself, gets an address through the filter, and then has it', () => {
    const file = (name: string, text: string): string => {
      const path = join(lab.root, name);
      writeFileSync(path, text);
      chmodSync(path, 0o755);
      return path;
    };
    const leases = file('leases', '');
    const server = file(
      'udhcpd.conf',
      `start 10.5.0.50\nend 10.5.0.60\ninterface up1\nlease_file ${leases}\npidfile ${lab.root}/udhcpd.pid\n`,
    );
    const script = file('bound', '#!/bin/sh\n[ "$1" != bound ] || ip addr add $ip/24 dev $interface\n');
    expect(lab.lan(`busybox udhcpd ${server}`)).toMatchObject({ status: 0 });
    expect(lab.inside(103, `busybox udhcpc -i eth0 -n -q -f -s ${script}`)).toMatchObject({ status: 0 });
    lab.lan(`kill $(cat ${lab.root}/udhcpd.pid)`);
    expect(lab.inside(103, 'ip -4 addr show eth0').out).toMatch(/inet 10\.5\.0\.(5\d|60)\//);
    expect(lab.inside(103, ping(LAN, A.ip)).out).toBe(reached(LAN, A.ip));
  });

  test('carries UDP with right checksums', async () => {
    const udp = await lab.lanServer('udp', 53);
    await until(() => {
      lab.inside(101, `busybox timeout 1 busybox nslookup over-udp ${LAN}`);
      return udp.got().includes('over-udp');
    });
  });

  test('nothing that is forged leaves a container whose addresses are known, and all that is its own does', async () => {
    const neighbour = await lab.watcher(102, ['perl', '-e', WATCH, 'eth0']);
    const last = udp4(A.mac, A.ip);
    const dropped = (): number => Number(lab.node('nft list counters').out.match(/forged-veth101.0 \{\s+packets (\d+)/)?.[1]);
    const before = dropped();
    expect(await seen(A, FORGED, last, neighbour)).toEqual([[], []]);
    expect(dropped() - before).toBe(Object.keys(FORGED).length);
    expect(await seen(A, LEGAL, last, neighbour)).toEqual([Object.keys(LEGAL), Object.keys(LEGAL)]);
  });

  test("whose addresses are not known may have any but another's, the node's and a router's", async () => {
    lab.node(`ip addr add 10.5.0.254/24 dev br0; ip addr add fd00:5::fe/64 dev br0 nodad`);
    done('set', A.id, '--ifname', 'eth0', '--bridge', 'br0');
    done('set', C.id, '--ipadd', '10.77.0.1');
    const mine = 'fe80::218:51ff:fe00:c';
    const forged = {
      mac: udp4(STRANGER, '10.5.0.77'),
      listed: udp4(C.mac, A.ip),
      node: udp4(C.mac, '10.5.0.254'),
      arp: arp(C.mac, 2, [C.mac, A.ip], [BROADCAST, LAN]),
      nodeArp: arp(C.mac, 2, [C.mac, '10.5.0.254'], [BROADCAST, LAN]),
      nd: icmp6(C.mac, mine, 136, A.ip6),
      nodeNd: icmp6(C.mac, mine, 136, 'fd00:5::fe'),
      dhcp: udp4(C.mac, '10.5.0.77', [67, 68]),
      venet: udp4(C.mac, '10.77.0.1'),
      venetArp: arp(C.mac, 2, [C.mac, '10.77.0.1'], [BROADCAST, LAN]),
      router: icmp6(C.mac, mine, 134),
      loopback: udp4(C.mac, '10.5.0.77', [9, 9], BROADCAST, '127.0.0.1'),
    };
    const legal = {
      any: udp4(C.mac, '10.5.0.77'),
      arp: arp(C.mac, 2, [C.mac, '10.5.0.77'], [BROADCAST, LAN]),
      six: udp6(C.mac, 'fd00:5::77'),
    };
    expect(await seen(C, forged, legal.any)).toEqual([[]]);
    expect(await seen(C, legal, legal.any)).toEqual([Object.keys(legal)]);
    done('set', C.id, '--ipdel', 'all');
    lab.node('ip addr flush dev br0');
  });

  test('without mac_filter all leaves, and its device takes no part in what others are protected from', async () => {
    const own = {
      mac: udp4(STRANGER, '10.5.0.4'),
      address: udp4(D.mac, '10.9.9.9'),
      arp: arp(D.mac, 2, [D.mac, '10.9.9.9'], [BROADCAST, '10.9.9.9']),
      dhcp: udp4(D.mac, '10.5.0.4', [67, 68]),
      vlan: tagged(udp4(D.mac, '10.5.0.4'), 7),
    };
    expect(await seen(D, own, udp4(D.mac, '10.5.0.4'))).toEqual([Object.keys(own)]);
    done('set', D.id, '--ifname', 'eth0', '--mac_filter', 'on');
    expect(await seen(D, { mac: udp4(STRANGER, '10.5.0.4') }, udp4(D.mac, '10.5.0.4'))).toEqual([[]]);
    done('set', D.id, '--ifname', 'eth0', '--mac_filter', 'off');
  });

  test("who listens to everything hears nothing of others' talk, and a bridge that knows no better asks no filtered port", async () => {
    const [filtered, shared] = await Promise.all([102, 104].map((id) => lab.watcher(id, ['perl', '-e', WATCH, 'eth0'])));
    const talk = { toNobody: udp4(A.mac, A.ip, [9, 9], '02:00:00:00:12:34') };
    const heard = await seen(A, talk, udp4(A.mac, A.ip), filtered!, shared!);
    expect(heard).toEqual([['toNobody'], [], ['toNobody']]);
    const told = lab.vzdeck('net', 'rates').out.match(/^\S+ is shared: .*/gm);
    expect(told).toEqual(['veth104.0 is shared: without mac_filter eth0 hears and sends whatever passes br0']);
  });

  test('devices come and go, and change, without a lost connection of another', async () => {
    const server = await lab.lanServer('tcp', 7003);
    lab.inside(
      102,
      `({ echo one; until [ -e ${lab.root}/go ] || ! [ -d ${lab.root} ]; do sleep 0.05; done; echo two; } | busybox nc ${LAN} 7003) >/dev/null 2>&1 &`,
    );
    await until(() => server.got() === 'one\n');
    expect(done('set', B.id, '--netif_add', 'eth1,,,,br1', '--save')).toContain('Configure veth devices: veth102.1 \n');
    expect(look()).toMatch(/^br1 .*\n(?:.*\n)*veth102\.1@/m);
    const [, own = ''] = /link\/ether (\S+)/.exec(lab.node('ip -o link show br1').out) ?? [];
    const known = (): boolean => lab.node('nft list ruleset').out.includes(own);
    expect([own, known()]).toEqual([expect.stringMatching(/^[0-9a-f:]{17}$/), true]);
    done('set', B.id, '--ifname', 'eth1', '--bridge', 'br0', '--mac', '00:18:51:00:01:01', '--save');
    expect([look(), known()]).toEqual([expect.not.stringMatching(/^br1 /m), false]);
    expect(lab.inside(102, 'ip link show eth1').out).toContain('00:18:51:00:01:01');
    expect(done('set', B.id, '--netif_del', 'eth1', '--save')).toContain('Deleting veth devices: veth102.1 \n');
    expect(look()).not.toContain('veth102.1');
    writeFileSync(join(lab.root, 'go'), '');
    await until(() => server.got() === 'one\ntwo\n');
  });

  test('what cannot be is refused before anything changes', () => {
    const before = look();
    refused('MAC 00:18:51:00:00:0a belongs to container 101', 'set', C.id, '--netif_add', `eth5,${A.mac}`, '--save');
    refused('veth101.0 is a device of container 101', 'set', C.id, '--netif_add', 'eth5,,veth101.0', '--save');
    refused('the node has a network device wire0 already', 'set', C.id, '--netif_add', 'eth5,,wire0', '--save');
    refused('eth0 of this container has the same MAC', 'set', C.id, '--netif_add', `eth5,${C.mac}`, '--save');
    refused(`wire0 has address ${WIRE.node}`, 'set', C.id, '--netif_add', 'eth5,,,,br9', '--save');
    lab.env['SSH_CONNECTION'] = `${WIRE.lan} 50000 ${WIRE.node} 22`;
    refused('wire0 carries the session that asks for it', 'set', C.id, '--netif_add', 'eth5,,,,br9', '--save');
    // as sshd tells of one that came to a link-local address
    const [, local] = /inet6 (fe80:\S+)\//.exec(lab.node('ip -6 -o addr show dev wire0').out) ?? [];
    lab.env['SSH_CONNECTION'] = `fe80::9%wire0 50000 ${local}%wire0 22`;
    refused('wire0 carries the session that asks for it', 'set', C.id, '--netif_add', 'eth5,,,,br9', '--save');
    delete lab.env['SSH_CONNECTION'];
    const taken = lab.vzctl('set', C.id, '--ifname', 'eth0', '--address', A.ip, '--save');
    expect(taken).toMatchObject({ status: 78, err: expect.stringContaining('it belongs to container 101') });
    expect(lab.vzctl('set', C.id, '--netif_del', 'eth77')).toMatchObject({
      status: 0,
      err: expect.stringContaining('Container does not have configured veth: eth77, skipped'),
    });
    // no bridge: the kernel says so, and what else the call asked for is taken back
    expect(lab.vzctl('set', C.id, '--numproc', '77', '--ifname', 'eth0', '--bridge', 'wire0', '--save').status).not.toBe(0);
    expect(look()).toBe(before);
    expect(conf(C.id)).not.toMatch(/eth5|NUMPROC="77/);
  });

  test("the administrator's own script is asked for each device, as vznetcfg asks it, and its failure fails the start", () => {
    const script = join(lab.root, 'addbr');
    writeFileSync(script, `#!/bin/sh\necho "$VEID $*" >>${lab.root}/asked\n[ ! -e ${lab.root}/fail ]\n`);
    chmodSync(script, 0o755);
    writeFileSync(join(lab.root, 'etc/vz/vznet.conf'), `EXTERNAL_SCRIPT="${script}"\n`);
    done('stop', D.id, '--fast');
    done('start', D.id);
    expect(readFileSync(join(lab.root, 'asked'), 'utf8')).toBe('104 init veth veth104.0\n');
    done('stop', D.id, '--fast');
    writeFileSync(join(lab.root, 'fail'), '');
    refused(`${script} exited with error 1 for veth104.0`, 'start', D.id);
    expect(look()).not.toContain('veth104.0');
    writeFileSync(join(lab.root, 'etc/vz/vznet.conf'), '');
  });

  test('a start that is killed in the middle leaves nothing that a stop does not take away', async () => {
    done('create', '105');
    done('set', '105', '--netif_add', 'eth0,,,,br5', '--save');
    for (const seen of ['105/network', '105/init']) {
      const starting = lab.vzctlBeside('start', '105');
      const ended = new Promise((resolve) => starting.once('exit', resolve));
      await until(() => existsSync(note(seen)) && existsSync(note('105/record')));
      starting.kill('SIGKILL');
      await ended;
      lab.vzctl('stop', '105', '--fast');
      expect(existsSync(note('105/network'))).toBe(false);
      expect(look()).not.toMatch(/veth105|br5 /);
    }
  });

  test('a bridge of somebody else is only joined, and one that the node has taken to stays', () => {
    lab.node('ip link add br7 type bridge; ip link set br7 up');
    done('set', C.id, '--netif_add', 'eth7,,,,br7');
    done('set', C.id, '--netif_del', 'eth7');
    expect(look()).toMatch(/^br7 /m);
    done('set', C.id, '--netif_add', 'eth8,,,,br8');
    lab.node('ip addr add 10.8.0.1/24 dev br8');
    expect(lab.vzctl('set', C.id, '--netif_del', 'eth8').err).toContain(
      'br8 was made for containers and stays: the node has address 10.8.0.1/24 on it',
    );
    expect(look()).toMatch(/^br8 /m);
    lab.node('ip link del br7; ip link del br8');
  });

  test('the last one takes the bridge and all else with it', () => {
    for (const { id } of [A, B, C]) done('stop', id, '--fast');
    lab.node('ip link del up0');
    expect(lab.changed()).toEqual([]);
    expect(existsSync(note('network'))).toBe(false);
  });
});
