// Packets that are too large for a link on their way: whoever sent them is told, and sends smaller ones, through venet, the node and translation alike.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { until } from '../until.ts';
import { inNetLab, WIRE } from './net-lab.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

/** Behind the LAN, and behind a link that is narrower than the LAN, of which its own end knows nothing: it would ask for smaller packets itself. */
const FAR = { ip: '198.51.100.2', gateway: '198.51.100.1', ip6: '2001:db8:9::2', gateway6: '2001:db8:9::1', mtu: 1300 } as const;
const OWN = { ip: '192.0.2.101', ip6: '2001:db8:1::101' } as const;
const HIDDEN = '10.187.0.102';
const MUCH = 200_000;

/** Tells how many bytes of each connection it was sent, one after the other. */
const COUNT = `use Socket; use IO::Socket; $| = 1; my ($six) = @ARGV;
socket(my $s, $six ? 10 : 2, SOCK_STREAM, 0); setsockopt($s, 1, 2, 1);
bind($s, $six ? pack("SnLx16L", 10, 7006, 0, 0) : sockaddr_in(7000, INADDR_ANY)) or die $!; listen($s, 5); print "ready\\n";
while (accept(my $c, $s)) { my $n = 0; while (sysread($c, my $b, 65536)) { $n += length $b } print "$n\\n" }`;

/** Writes more than a packet holds at once: what writes less, and is told of each piece before the next one, never fills one. */
const SEND = `use IO::Socket::IP; my $s = IO::Socket::IP->new(PeerHost => shift, PeerPort => shift, Timeout => 20) or die $@;
syswrite($s, "x" x ${MUCH}) == ${MUCH} or die $!`;

inNetLab('a path', (lab, done) => {
  let four: { got(): string };
  let six: { got(): string };
  const send = (id: number, to: string): void => {
    expect(lab.inside(id, `perl -e '${SEND}' ${to} ${to.includes(':') ? 7006 : 7000}`)).toMatchObject({ status: 0, err: '' });
  };
  const mtuTo = (id: number, to: string): number => Number(/mtu (\d+)/.exec(lab.inside(id, `ip route get ${to}`).out)?.[1]);

  beforeAll(async () => {
    lab.lan(
      `echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
       unshare --net sleep 100000 >/dev/null 2>&1 </dev/null & far=$!; echo $far >${lab.root}/far
       until test "$(readlink /proc/$far/ns/net)" != "$(readlink /proc/self/ns/net)"; do sleep 0.05; done
       ip link add far0 mtu ${FAR.mtu} type veth peer name far1 netns $far
       ip addr add ${FAR.gateway}/24 dev far0; ip addr add ${FAR.gateway6}/64 dev far0 nodad; ip link set far0 up
       nsenter --net=/proc/$far/ns/net sh -c 'ip link set lo up; ip addr add ${FAR.ip}/24 dev far1; ip addr add ${FAR.ip6}/64 dev far1 nodad; ip link set far1 up
         ip route add default via ${FAR.gateway}; ip -6 route add default via ${FAR.gateway6}'`,
    );
    lab.node(`ip route add 198.51.100.0/24 via ${WIRE.lan}; ip -6 route add 2001:db8:9::/64 via ${WIRE.lan6}`);
    const behind = (argv: readonly string[]) =>
      lab.watcher('lan', ['sh', '-c', `exec nsenter --net=/proc/$(cat ${lab.root}/far)/ns/net "$@"`, 'far', ...argv]);
    four = await behind(['perl', '-e', COUNT]);
    six = await behind(['perl', '-e', COUNT, '6']);
    done('create', '101', '--ipadd', OWN.ip, '--ipadd', OWN.ip6);
    writeFileSync(join(lab.root, 'etc/vz/vz.conf'), 'VZDECK_NAT="yes"\n', { flag: 'a' });
    done('create', '102', '--ipadd', HIDDEN);
    for (const id of ['101', '102']) done('start', id);
  });
  afterAll(() => lab.lan(`kill $(cat ${lab.root}/far)`));

  test('that is narrower behind the node is told inside, by IPv4 and IPv6, and what is sent arrives whole', async () => {
    send(101, FAR.ip);
    await until(() => four.got().includes(`${MUCH}\n`));
    send(101, FAR.ip6);
    await until(() => six.got().includes(`${MUCH}\n`));
    expect([mtuTo(101, FAR.ip), mtuTo(101, FAR.ip6)]).toEqual([FAR.mtu, FAR.mtu]);
  });

  test('is told through translation, too', async () => {
    send(102, FAR.ip);
    await until(() => four.got().match(new RegExp(`${MUCH}\n`, 'g'))?.length === 2);
    expect(mtuTo(102, FAR.ip)).toBe(FAR.mtu);
  });

  test('that begins with a narrow link of the node is told by the node', async () => {
    lab.node('ip link set wire0 mtu 1400');
    try {
      const server = await lab.watcher('lan', ['perl', '-e', COUNT]);
      send(101, WIRE.lan);
      await until(() => server.got() === `${MUCH}\n`);
      expect(mtuTo(101, WIRE.lan)).toBe(1400);
    } finally {
      lab.node('ip link set wire0 mtu 1500');
    }
  });

  test('from the LAN to a container carries packets as large as the LAN does, and no larger ones', () => {
    const ping = (size: number): string => lab.lan(`busybox ping -c1 -W5 -s ${size} ${OWN.ip}`).out;
    expect(ping(1472)).toContain('1 packets received');
    expect(ping(4000)).toContain('1 packets received');
    expect(lab.inside(101, 'ip link show venet0').out).toContain('mtu 1500');
  });
});
