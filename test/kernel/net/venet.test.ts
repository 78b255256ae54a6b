// venet on the real kernel: packets between containers, node and LAN, what is dropped, addresses that come and go under load, and that nothing stays.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { until } from '../until.ts';
import { inNetLab, WIRE } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const A = '192.0.2.101';
const A6 = '2001:db8:1::101';
const B = '192.0.2.102';
const B6 = '2001:db8:1::102';
const ping = (...to: string[]): string => to.map((address) => `busybox ping -c1 -W5 ${address} >/dev/null && echo ${address}`).join('; ');
const reached = (...to: string[]): string => to.map((address) => `${address}\n`).join('');

inNetLab('venet', (lab, done) => {
  const note = (path: string): string => join(lab.root, 'run/vzdeck', path);

  beforeAll(async () => {
    done('create', '101', '--ipadd', A, '--ipadd', A6);
    done('create', '102', '--ipadd', `${B} ${B6}/64`);
    const first = done('start', '101');
    expect(first).toContain(`Adding IP address(es): ${A} ${A6}\n`);
    expect(first).toContain('Setting net/ipv6/conf/all/forwarding of the node: 1 in place of 0, until the last container stops\n');
    expect(done('start', '102')).not.toContain('of the node');
  });

  test('reaches the node, another container and the LAN, and they reach it, by IPv4 and IPv6', () => {
    const out = [WIRE.node, WIRE.node6, B, B6, WIRE.lan, WIRE.lan6];
    expect(lab.inside(101, ping(...out)).out).toBe(reached(...out));
    for (const from of [lab.node, lab.lan]) expect(from(ping(A, A6, B, B6)).out).toBe(reached(A, A6, B, B6));
  });

  test('carries TCP and UDP with right checksums to a program beside', async () => {
    const tcp = await lab.lanServer('tcp', 7001);
    lab.inside(101, `echo over tcp | busybox nc -w 30 ${WIRE.lan} 7001`);
    await until(() => tcp.got().includes('over tcp\n'));
    // a question to a name server is what busybox sends by UDP
    const udp = await lab.lanServer('udp', 53);
    await until(() => {
      lab.inside(101, `busybox timeout 1 busybox nslookup over-udp ${WIRE.lan}`);
      return udp.got().includes('over-udp');
    });
  });

  test('inside is a link without ARP that has its addresses and a default way, high above the indexes that the node counts', () => {
    const { out } = lab.inside(102, 'ip addr show venet0; ip route; ip -6 route');
    expect(out).toMatch(/^5\d{8}: venet0@.*NOARP/);
    expect(out).toContain(`inet ${B}/32 scope global venet0:0`);
    expect(out).toContain(`inet6 ${B6}/64 scope global`);
    expect(out).not.toContain('inet6 fe80');
    expect(out.match(/^default dev venet0/gm)).toHaveLength(2);
  });

  test('a source that is not its own is dropped and counted, whoever it belongs to', () => {
    const before = lab.node('nft list counters').out.match(/foreign-101 \{\s+packets (\d+)/)?.[1];
    const forged = `ip addr add ${B}/32 dev venet0; ip addr add 10.9.9.9/32 dev venet0; busybox ping -c1 -W1 -I ${B} ${WIRE.lan}; busybox ping -c1 -W1 -I 10.9.9.9 ${WIRE.node}; ip addr del ${B}/32 dev venet0; ip addr del 10.9.9.9/32 dev venet0`;
    expect(lab.inside(101, forged).out.match(/0 packets received/g)).toHaveLength(2);
    const after = lab.node('nft list counters').out.match(/foreign-101 \{\s+packets (\d+)/)?.[1];
    expect(Number(after) - Number(before)).toBe(2);
    expect(lab.inside(102, ping(WIRE.lan)).out).toBe(reached(WIRE.lan));
  });

  test("the node's loopback is out of reach also where the node takes such packets, and is another one inside", () => {
    const switched = (value: number): string => `for f in all wire0; do echo ${value} >/proc/sys/net/ipv4/conf/$f/route_localnet; done`;
    const dropped = (): number => Number(lab.node('nft list counters').out.match(/foreign-101 \{\s+packets (\d+)/)?.[1]);
    const before = dropped();
    lab.node(switched(1));
    const { out } = lab.inside(
      101,
      `echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet; ip route del table local 127.0.0.0/8; ip addr del 127.0.0.1/8 dev lo
       ip route add 127.0.0.1/32 dev venet0 src ${A}; ip route get 127.0.0.1; busybox ping -c1 -W1 127.0.0.1
       ip route del 127.0.0.1/32; ip addr add 127.0.0.1/8 dev lo; busybox ping -c1 -W5 127.0.0.1`,
    );
    lab.node(switched(0));
    expect(out).toMatch(/dev venet0 .*\b0 packets received.*\b1 packets received/s);
    expect(dropped() - before).toBe(1);
  });

  test('the node forwards for containers only: what the LAN sends through it to somebody else goes nowhere', () => {
    lab.node(
      'ip addr add 198.51.100.1/32 dev lo; ip link add stub0 type veth peer name stub1; ip addr add 198.18.0.1/24 dev stub0; ip link set stub0 up; ip link set stub1 up',
    );
    lab.lan(`ip route add 198.18.0.0/24 via ${WIRE.node}`);
    lab.lan('busybox ping -c1 -W1 198.18.0.7');
    expect(lab.node('ip neigh show 198.18.0.7').out).toBe('');
    lab.lan('ip route del 198.18.0.0/24');
    lab.node('ip link del stub0; ip addr del 198.51.100.1/32 dev lo');
  });

  test('an address comes and goes without a lost connection of another', async () => {
    const server = await lab.lanServer('tcp', 7002);
    lab.inside(
      101,
      `({ echo one; until [ -e ${lab.root}/go ] || ! [ -d ${lab.root} ]; do sleep 0.05; done; echo two; } | busybox nc ${WIRE.lan} 7002) >/dev/null 2>&1 &`,
    );
    await until(() => server.got() === 'one\n');
    // a neighbour that knows somebody else for it is told
    lab.lan('ip neigh replace 192.0.2.111 lladdr 02:00:00:00:00:99 dev wire1 nud stale');
    expect(done('set', '101', '--ipadd', '192.0.2.111')).toContain('Adding IP address(es): 192.0.2.111\n');
    expect(lab.lan('ip neigh show 192.0.2.111').out).toMatch(/lladdr (?!02:00:00:00:00:99)/);
    expect(lab.lan(ping('192.0.2.111', A)).out).toBe(reached('192.0.2.111', A));
    expect(done('set', '101', '--ipadd', '192.0.2.112/24', '--ipdel', '192.0.2.111', '--save')).toContain(
      'Deleting IP address(es): 192.0.2.111\n',
    );
    expect(lab.lan(ping('192.0.2.112', '192.0.2.111')).out).toBe(reached('192.0.2.112'));
    writeFileSync(join(lab.root, 'go'), '');
    await until(() => server.got() === 'one\ntwo\n');
    expect(readFileSync(join(lab.root, 'etc/vz/conf/101.conf'), 'utf8')).toContain(`IP_ADDRESS="${A} ${A6} 192.0.2.112/24"`);
  });

  test('all addresses go, and come again, while it runs', () => {
    expect(done('set', '102', '--ipdel', 'all')).toContain(`Deleting all IP address(es): ${B} ${B6}/64\n`);
    expect(lab.inside(102, 'ip link').out).not.toContain('venet0');
    expect(lab.node('nft list ruleset').out).not.toContain('foreign-102');
    done('set', '102', '--ipadd', B);
    expect(lab.inside(102, ping(WIRE.lan)).out).toBe(reached(WIRE.lan));
  });

  test('what somebody else has is refused before anything changes', () => {
    const said = lab.vzctl('set', '102', '--ipadd', A, '--save');
    expect(said).toMatchObject({ status: 78, err: expect.stringContaining(`Unable to add IP ${A}: it belongs to container 101`) });
    expect(lab.vzctl('create', '103', '--ipadd', WIRE.node).err).toContain(`Unable to add IP ${WIRE.node}: it is the node's own, on wire0`);
    expect(existsSync(join(lab.root, 'etc/vz/conf/103.conf'))).toBe(false);
    const all = lab.vzctl('set', '102', '--ipadd', '192.0.2.255').err;
    expect(all).toContain('it is the broadcast address of 192.0.2.0/24, on wire0');
  });

  test('the node sends to it from the address of the device that VE_ROUTE_SRC_DEV names', () => {
    const conf = `${lab.root}/etc/vz/vz.conf`;
    const A3 = '192.0.2.133';
    lab.node('ip link add src0 type bridge; ip link set src0 up; ip addr add 203.0.113.7/24 dev src0');
    lab.node(`echo 'VE_ROUTE_SRC_DEV="src0"' >>${conf}`);
    done('set', '101', '--ipadd', A3);
    expect(lab.node(`ip route get ${A3}`).out).toContain('src 203.0.113.7');
    expect(lab.node(`busybox ping -c1 -W5 ${A3}`).status).toBe(0);
    try {
      // what is there stays as it is, whatever vz.conf says by now
      lab.node(`sed -i s/src0/none0/ ${conf}`);
      done('set', '101', '--ipdel', A3);
      const refused = lab.vzctl('set', '101', '--ipadd', A3);
      expect(refused).toMatchObject({
        status: 34,
        err: expect.stringContaining('none0 has no IPv4 address that the node could send from'),
      });
    } finally {
      lab.node(`sed -i /VE_ROUTE_SRC_DEV/d ${conf}; ip link del src0`);
    }
  });

  test('a start that is killed in the middle leaves nothing that the next one, or a stop, does not take away', async () => {
    done('create', '104', '--ipadd', '192.0.2.104');
    for (const seen of ['104/network', 'network', '104/init']) {
      const starting = lab.vzctlBeside('start', '104');
      const ended = new Promise((resolve) => starting.once('exit', resolve));
      await until(() => existsSync(note(seen)) && existsSync(note('104/record')));
      starting.kill('SIGKILL');
      await ended;
      lab.vzctl('stop', '104', '--fast');
      expect(existsSync(note('104/network'))).toBe(false);
      expect(lab.node('nft list ruleset; ip route; ip neigh show proxy').out).not.toMatch(/192\.0\.2\.104|foreign-104/);
    }
    done('start', '104');
    expect(lab.lan(ping('192.0.2.104')).out).toBe(reached('192.0.2.104'));
  });

  test('a reboot inside keeps its network, and an end inside takes it', async () => {
    const before = readFileSync(note('104/init'), 'utf8');
    lab.vzctl('exec2', '104', 'reboot');
    await until(() => existsSync(note('104/init')) && readFileSync(note('104/init'), 'utf8') !== before);
    await until(() => lab.lan(ping('192.0.2.104')).out === reached('192.0.2.104'));
    // its network is there before its init is
    await until(() => lab.vzctl('exec2', '104', 'pidof crond').status === 0);
    lab.vzctl('exec2', '104', 'halt');
    await until(() => !existsSync(note('104/network')));
    expect(lab.node('nft list ruleset; ip route; ip neigh show proxy').out).not.toMatch(/192\.0\.2\.104|foreign-104/);
  });

  test('who stands in another network namespace is told where this one is, and ends nothing', () => {
    const said = lab.vzctlOnLan('stop', '101', '--fast');
    expect(said).toMatchObject({
      status: 34,
      err: expect.stringMatching(/^The network of container 101 stands in another network namespace/),
    });
    expect(lab.lan(ping(A)).out).toBe(reached(A));
  });

  test('the last one gives the node back what it had', () => {
    for (const id of ['101', '102']) done('stop', id, '--fast');
    expect(lab.changed()).toEqual([]);
    expect(existsSync(note('network'))).toBe(false);
  });

  test('so does one whose link was there before the node forwarded IPv6', () => {
    done('create', '150', '--ipadd', '192.0.2.150');
    for (const id of ['150', '101']) done('start', id);
    for (const id of ['101', '150']) done('stop', id, '--fast');
    expect(lab.changed()).toEqual([]);
  });
});
