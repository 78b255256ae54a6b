// The short way between containers: what takes it and what must not, told by what the program has counted and by a rule of the node's that sees only what
// goes the ordinary way.
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type Connections, type NetCheck, type Talks, trafficSum } from '../../../src/engine/index.ts';
import { directLinks, parseHanded } from '../../../src/engine/spec/bpf/direct.ts';
import type { TrafficByLink } from '../../../src/engine/spec/traffic.ts';
import { until } from '../until.ts';
import { SEND, tagged, udp4 } from './frames.ts';
import { inNetLab, WIRE } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const [A, B, C] = ['192.0.2.101', '192.0.2.102', '192.0.2.103'];
const [A6, B6] = ['2001:db8:1::101', '2001:db8:1::102'];

inNetLab('the short way between containers', (lab, done) => {
  const place = (): string => join(lab.root, 'run/vzdeck/bpf/direct');
  const read = (name: string): string =>
    existsSync(place())
      ? readdirSync(place())
          .map((version) => readFileSync(join(place(), version, name), 'utf8'))
          .join('\n')
      : '';
  /** Packets that were handed over, to whomever. */
  const handed = (): number => [...parseHanded(read('counts')).values()].reduce((sum, { packets }) => sum + packets, 0);
  /** Packets of containers that have come by a rule of the node's. */
  const forwarded = (): number => Number(/packets (\d+)/.exec(lab.node('nft list chain inet own see').out)?.[1] ?? Number.NaN);
  const link = (id: number): string => JSON.parse(lab.vzdeck('net', 'rates', String(id), '--json').out)[0].links[0].hostName;
  const macOf = (id: number): string =>
    lab
      .node(`ip -br link show ${link(id)}`)
      .out.trim()
      .split(/\s+/)[2] ?? '';
  const ping = (from: number, to: string, ...words: string[]) =>
    lab.inside(from, `busybox ping -c 3 -i 0.05 -W 5 ${words.join(' ')} ${to}`);
  /** What a few packets there and back have come by. */
  const way = (from: number, to: string): 'short' | 'ordinary' | 'both' | 'none' => {
    const before = [handed(), forwarded()];
    const { status } = ping(from, to);
    const [short = 0, ordinary = 0] = [handed() - (before[0] ?? 0), forwarded() - (before[1] ?? 0)];
    if (status !== 0) return 'none';
    return short > 0 && ordinary > 0 ? 'both' : short > 0 ? 'short' : 'ordinary';
  };

  beforeAll(() => {
    lab.node('for a in ipv4/conf/all ipv6/conf/all; do echo 1 >/proc/sys/net/$a/forwarding; done');
    lab.node("nft 'add table inet own; add chain inet own see { type filter hook forward priority 0; }; add rule inet own see counter'");
    done('create', '101', '--ipadd', A, '--ipadd', A6);
    done('create', '102', '--ipadd', B, '--ipadd', B6);
    done('create', '103', '--ipadd', C);
    const path = join(lab.root, 'etc/vz/vz.conf');
    done('start', '101');
    done('start', '102');
    expect(way(101, B)).toBe('ordinary');
    expect(existsSync(place())).toBe(false);
    done('stop', '101', '--fast');
    done('stop', '102', '--fast');
    appendFileSync(path, 'VZDECK_DIRECT="yes"\n');
    for (const id of ['101', '102', '103']) done('start', id);
  });
  const conf = (before: 'yes' | 'no', now: 'yes' | 'no'): void => {
    const path = join(lab.root, 'etc/vz/vz.conf');
    writeFileSync(path, readFileSync(path, 'utf8').replace(`VZDECK_DIRECT="${before}"`, `VZDECK_DIRECT="${now}"`));
  };

  beforeEach(() => {
    expect(way(101, C)).toBe('short');
  });

  test('is taken by IPv4 and IPv6, both ways, and net path and net check say so', () => {
    expect([way(101, B), way(102, A), way(101, B6), way(102, A6)]).toEqual(['short', 'short', 'short', 'short']);
    expect(lab.vzdeck('net', 'path', '101', '102')).toMatchObject({ status: 0, out: expect.stringContaining('VZDECK_DIRECT') });
    expect(lab.vzdeck('net', 'check')).toMatchObject({ status: 0, out: expect.stringContaining('no rule of the node sees') });
  });

  test('is not taken to the node, to the LAN and from it', () => {
    const before = handed();
    for (const to of [WIRE.node, WIRE.lan]) expect(ping(101, to).status).toBe(0);
    expect(lab.lan(`busybox ping -c 1 -W 5 ${A}`).status).toBe(0);
    expect(handed()).toBe(before);
  });

  test('what is forged is handed over to nobody: a source of another container, of nobody, a tag, a broadcast MAC, a last hop', async () => {
    const mac = macOf(101);
    const watch = await lab.watcher(102, ['perl', '-e', RECEIVE]);
    const send = (frame: string): void => void expect(lab.inside(101, `perl -e '${SEND}' venet0 ${frame}`)).toMatchObject({ status: 0 });
    const before = handed();
    const good = udp4(mac, A, [9, 7777], mac, B);
    for (const frame of [
      udp4(mac, C, [9, 7777], mac, B),
      udp4(mac, '203.0.113.7', [9, 7777], mac, B),
      tagged(good, 5),
      udp4(mac, A, [9, 7777], undefined, B),
      `${good.slice(0, 28)}46${good.slice(30)}`,
    ])
      send(frame);
    expect(handed()).toBe(before);
    expect(watch.got()).toBe('');
    send(good);
    await until(() => watch.got() === `${A}\n`);
    expect(handed()).toBe(before + 1);
    // the node says that a packet has no hop left
    expect(lab.inside(101, `busybox ping -c 1 -W 1 -t 1 ${B}`).status).not.toBe(0);
    expect(handed()).toBe(before + 1);
  });

  test('a rate, a forwarded port and the route of the node lead the ordinary way, and back', () => {
    for (const [there, back] of [
      [
        ['--rate', '10mbit'],
        ['--rate', '0'],
      ],
      [
        ['--forward', 'tcp:8080:80'],
        ['--forward_del', 'all'],
      ],
    ] as const) {
      done('set', '102', ...there);
      expect({ there, way: [way(101, B), way(102, A), way(101, C)] }).toEqual({ there, way: ['ordinary', 'ordinary', 'short'] });
      done('set', '102', ...back);
      expect({ back, way: [way(101, B), way(102, A)] }).toEqual({ back, way: ['short', 'short'] });
    }
    lab.node(`ip rule add to ${B} blackhole`);
    expect(way(101, B)).toBe('none');
    lab.node(`ip rule del to ${B} blackhole`);
    expect(way(101, B)).toBe('short');
  });

  test('a forwarded port answers a container whose packets take the short way elsewhere', async () => {
    done('set', '102', '--forward', 'tcp:8080:80');
    done('exec', '102', 'echo hello >/var/www/hello');
    await lab.listens(102, 80);
    expect(lab.inside(101, `printf 'GET /hello HTTP/1.0\\r\\n\\r\\n' | busybox nc -w 30 ${WIRE.node} 8080 | tail -n 1`).out).toBe(
      'hello\n',
    );
    done('set', '102', '--forward_del', 'all');
  });

  test('an address that goes takes the short way no more, at once, and one that comes does', () => {
    done('set', '102', '--ipadd', '192.0.2.112');
    expect(way(101, '192.0.2.112')).toBe('short');
    done('set', '102', '--ipdel', '192.0.2.112');
    expect(directLinks(read('addresses'))('192.0.2.112')).toBeNull();
    const before = handed();
    expect(ping(101, '192.0.2.112').status).not.toBe(0);
    expect(handed()).toBe(before);
    expect(way(101, B)).toBe('short');
  });

  test('is counted on both sides, as what the node forwards, and over the end of the container', () => {
    const usage = (id: number) => {
      const [told] = JSON.parse(lab.vzdeck('net', 'usage', String(id), '--json').out) as { parts: { links: TrafficByLink }[] }[];
      return trafficSum(told?.parts[0]?.links ?? {});
    };
    const [up, down] = [usage(101).up, usage(103).down];
    const flood = 200;
    expect(lab.inside(101, `busybox ping -c ${flood} -i 0.01 -s 1000 -W 5 ${C}`).status).toBe(0);
    const frame = 14 + 20 + 8 + 1000;
    const about = (n: number): boolean => n >= flood * frame && n < flood * frame + 5000;
    expect([usage(101).up - up, usage(103).down - down].map(about)).toEqual([true, true]);
    done('stop', '103', '--fast');
    expect(about(usage(103).down - down)).toBe(true);
    done('start', '103');
    expect(way(101, C)).toBe('short');
    expect(usage(103).down - down).toBeLessThan(flood * frame + 10_000);
  });

  test('counters of a link go with it, and whoever has something of his own at a link keeps it', () => {
    done('set', '103', '--ipdel', 'all');
    expect([...parseHanded(read('counts')).keys()]).toHaveLength(2);
    done('set', '103', '--ipadd', C);
    expect(way(101, C)).toBe('short');
    conf('yes', 'no');
    lab.vzdeck('net', 'check', '--repair', '103');
    const name = link(103);
    expect(lab.node(`tc qdisc add dev ${name} clsact`).status).toBe(0);
    conf('no', 'yes');
    lab.vzdeck('net', 'check', '--repair', '103');
    expect(way(101, C)).toBe('ordinary');
    done('set', '103', '--ipadd', '192.0.2.113');
    expect(lab.node(`tc qdisc show dev ${name}`).out).toContain('clsact');
    done('set', '103', '--ipdel', '192.0.2.113');
    lab.node(`tc qdisc del dev ${name} clsact`);
    lab.vzdeck('net', 'check', '--repair', '103');
    expect(way(101, C)).toBe('short');
  });

  test('a filter or qdisc of ours that somebody has taken from a link is found, and made anew', () => {
    const name = link(102);
    const [, block] = / ingress_block (\d+)/.exec(lab.node(`tc qdisc show dev ${name}`).out) ?? [];
    for (const [line, cts] of [
      [`tc qdisc del dev ${name} clsact`, [102]],
      [`tc filter del block ${block}`, [101, 102, 103]],
    ] as const) {
      expect({ line, ...lab.node(line) }).toMatchObject({ status: 0 });
      expect(way(102, A), line).not.toBe('short');
      const { findings } = JSON.parse(lab.vzdeck('net', 'check', '--json').out) as NetCheck;
      expect([...new Set(findings.flatMap((one) => one.cts))], line).toEqual(cts);
      expect(findings[0], line).toMatchObject({ rule: 'direct', evidence: [expect.stringContaining('somebody has taken it (tc)')] });
      expect(lab.vzdeck('net', 'check', '--repair')).toMatchObject({ status: 0 });
      expect(way(102, A), line).toBe('short');
    }
  });

  test('where all that ran was killed nothing is handed over to what has gone, and the next verb clears up', async () => {
    const [name, number] = [link(103), directLinks(read('addresses'))(C)];
    for (const file of ['keeper', 'init'].map((one) => join(lab.root, 'run/vzdeck/103', one)))
      if (existsSync(file)) process.kill(Number(readFileSync(file, 'utf8').split(' ')[0]), 'SIGKILL');
    await until(() => lab.node(`ip link show ${name}`).status !== 0);
    const before = handed();
    expect(ping(101, C).status).not.toBe(0);
    expect(handed()).toBe(before);
    const unfinished = (): NetCheck['findings'] =>
      (JSON.parse(lab.vzdeck('net', 'check', '--json').out) as NetCheck).findings.filter(({ rule }) => rule === 'unfinished');
    expect(unfinished()).toMatchObject([{ cts: [103], remedy: 'vzctl stop 103' }]);
    lab.vzctl('stop', '103');
    expect(unfinished()).toEqual([]);
    done('start', '103');
    expect(way(101, C)).toBe('short');
    expect(directLinks(read('addresses'))(C)).not.toBe(number);
  });

  test('who talks to whom by the short way is told beside what the table of connections has', async () => {
    const words = (of: string) => ['perl', '-MIO::Socket::INET', '-e', `$| = 1; ${of} print "ready\\n"; sleep 600`];
    const asks = (address: string, port: number) =>
      words(`$c = IO::Socket::INET->new(PeerAddr => "${address}", PeerPort => ${port}) or die;`);
    await lab.watcher(102, words('$s = IO::Socket::INET->new(LocalPort => 5432, Listen => 9) or die;'));
    await lab.watcher(103, words('$s = IO::Socket::INET->new(LocalPort => 5433, Listen => 9) or die;'));
    done('set', '103', '--forward', 'tcp:8080:5433');
    await lab.watcher(101, asks(B, 5432));
    await lab.watcher('lan', asks(WIRE.node, 8080));
    const { talks, source } = JSON.parse(lab.vzdeck('net', 'talkers', '--json').out);
    expect(source).toBe('both');
    expect(talks).toContainEqual(expect.objectContaining({ from: 101, to: 102, port: 5432, connections: 1, bytes: null }));
    expect(talks).toContainEqual(expect.objectContaining({ from: 'outside', to: 103, port: 5433, connections: 1 }));
    expect(lab.vzdeck('net', 'talkers').out).toContain('what goes the short way by open TCP sockets');
    // UDP of a socket without a peer, of both families, and its answer
    for (const [to, size] of [
      [A, 2000],
      [A6, 1000],
    ] as const) {
      const echo = await lab.watcher(101, ['perl', '-MIO::Socket::IP', '-e', ECHO, to]);
      expect(lab.inside(102, `perl -MIO::Socket::IP -e '${ASK}' ${to} ${size}`)).toMatchObject({ status: 0, out: `${size}\n` });
      expect(echo.got()).toBe(`${size}\n`);
    }
    expect(ping(101, B).status).toBe(0);
    const told = JSON.parse(lab.vzdeck('net', 'talkers', '--json').out) as Talks;
    const between = told.talks.filter(
      ({ from, to, protocol }) => protocol !== 'tcp' && [from, to].every((end) => end === 101 || end === 102),
    );
    // of a packet of two parts the second one has no port
    expect(between).toContainEqual(expect.objectContaining({ from: 102, to: 101, protocol: 'udp', port: 5353, connections: 2 }));
    const bytes = between
      .filter(({ protocol, port }) => protocol === 'udp' && port === 5353)
      .reduce((sum, one) => sum + (one.bytes ?? 0), 0);
    expect(bytes).toBeGreaterThan(2 * 1400 + 2 * 1000);
    expect(between).toContainEqual(expect.objectContaining({ protocol: 'udp', port: 0 }));
    expect(between).toContainEqual(expect.objectContaining({ protocol: 'icmp', port: 0 }));
    expect(lab.vzdeck('net', 'talkers').out).toMatch(/^102 +101 +udp\/5353 +2 /m);
    // and of one container, where the socket that answers has no peer
    for (const [id, serves, peers] of [
      ['101', true, [B, B6]],
      ['102', false, [A, A6]],
    ] as const) {
      const { talkers } = JSON.parse(lab.vzdeck('net', 'talkers', id, '--json').out) as Connections;
      const one = talkers.find(({ port }) => port === 5353);
      expect([id, one]).toEqual([id, expect.objectContaining({ protocol: 'udp', serves, connections: 1, peers: 1 })]);
      expect(peers).toContain(one?.peer);
      expect(one?.up).toBeGreaterThan(2000);
      expect(one?.down).toBeGreaterThan(2000);
    }
    done('set', '103', '--forward_del', 'all');
  });

  test('is left where vz.conf says so no more, and nothing stays when the last one stops', () => {
    conf('yes', 'no');
    expect(lab.vzdeck('net', 'check')).toMatchObject({ status: 1, out: expect.stringContaining('still takes the short way') });
    lab.vzdeck('net', 'check', '--repair');
    expect([way(101, B), way(101, C)]).toEqual(['ordinary', 'ordinary']);
    conf('no', 'yes');
    lab.vzdeck('net', 'check', '--repair');
    expect([way(101, B), way(101, C)]).toEqual(['short', 'short']);
    for (const id of ['101', '102', '103']) done('stop', id, '--fast');
    expect(existsSync(place())).toBe(false);
    lab.node('nft delete table inet own; for a in ipv4/conf/all ipv6/conf/all; do echo 0 >/proc/sys/net/$a/forwarding; done');
    expect(lab.changed()).toEqual([]);
  });
});

const RECEIVE = `
use Socket; $| = 1; socket(my $s, PF_INET, SOCK_DGRAM, 0) or die; bind($s, sockaddr_in(7777, INADDR_ANY)) or die; print "ready\\n";
while (1) { my $from = recv($s, my $data, 4096, 0); my ($port, $address) = sockaddr_in($from); print inet_ntoa($address), "\\n"; }`;

/** Answers one packet with itself, on port 5353. */
const ECHO = `$| = 1; my $s = IO::Socket::IP->new(LocalAddr => shift, LocalPort => 5353, Proto => "udp") or die; print "ready\\n";
my $from = recv($s, my $data, 9000, 0) // die; print length $data, "\\n"; send($s, $data, 0, $from); sleep 600;`;
/** Asks it with so many bytes, from a socket without a peer. */
const ASK = `use Socket qw(getaddrinfo); my ($e, $to) = getaddrinfo(shift, 5353, {flags => Socket::AI_NUMERICHOST, socktype => Socket::SOCK_DGRAM});
socket(my $s, $to->{family}, Socket::SOCK_DGRAM, 0) or die; send($s, "x" x shift, 0, $to->{addr}) or die; alarm 20;
recv($s, my $data, 9000, 0) // die; print length $data, "\\n";`;
