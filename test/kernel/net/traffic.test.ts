// What goes over a container's links is counted, real packets between real containers: to the byte within headers, over restarts, halts and kills, once
// however many look, and what it forges is told by its reason.
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { trafficSum } from '../../../src/engine/index.ts';
import type { TrafficAccount, TrafficByLink } from '../../../src/engine/spec/traffic.ts';
import { until } from '../until.ts';
import { inNetLab, WIRE } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const A = '192.0.2.101';
const B = '192.0.2.102';
const MEGABYTE = 1_000_000;
/** Headers of frames, acknowledgements and the connection's beginning and end; what the kernel cuts later is counted with one header. */
const HEADERS = 0.1;

inNetLab('traffic', (lab, done) => {
  const kept = (id: number): TrafficAccount =>
    JSON.parse(
      readFileSync(join(lab.root, `var/lib/vzdeck/traffic/${id}`), 'utf8')
        .split('\n')[0]
        ?.slice(9) ?? '',
    );
  /** Bytes that were kept: from it, and to it. */
  const bytes = (id: number): readonly [number, number] => {
    const { up, down } = trafficSum(kept(id).total);
    return [up, down];
  };
  const isAbout = (got: number, sent: number): boolean => got >= sent && got <= sent * (1 + HEADERS) + 2000;
  /** As it is told: bytes to it. */
  const usage = (words: readonly string[]): readonly { readonly id: number; readonly account: number }[] =>
    (JSON.parse(lab.vzdeck('net', 'usage', ...words, '--json').out) as { id: number; parts: { links: TrafficByLink }[] }[]).map(
      ({ id, parts }) => ({ id, account: trafficSum(parts[0]?.links ?? {}).down }),
    );
  /** TCP from the LAN into a container, until all of it has arrived. */
  const send = async (id: number, address: string, count: number): Promise<void> => {
    const sink = await lab.watcher(id, ['perl', '-e', SINK]);
    lab.lan(`head -c ${count} /dev/zero | busybox nc -w 5 ${address} 7000`);
    await until(() => sink.got().includes(`got ${count}\n`));
  };

  beforeAll(async () => {
    done('create', '101', '--ipadd', A);
    done('create', '102', '--ipadd', B);
    for (const id of ['101', '102']) done('start', id);
  });

  test('is counted to the byte within headers, and kept when the container stops', async () => {
    await send(101, A, MEGABYTE);
    done('stop', '101', '--fast');
    const [up, down] = bytes(101);
    expect({ down, about: isAbout(down, MEGABYTE) }).toMatchObject({ about: true });
    expect(up).toBeLessThan(MEGABYTE / 10);
  });

  test('is added up over starts, each of which has a new link', async () => {
    const [, before] = bytes(101);
    done('start', '101');
    await send(101, A, MEGABYTE);
    done('stop', '101');
    const [, after] = bytes(101);
    expect({ before, after, about: isAbout(after - before, MEGABYTE) }).toMatchObject({ about: true });
  });

  test('is kept of a container whose init is killed, and of one that reboots', async () => {
    const [, before] = bytes(101);
    done('start', '101');
    await send(101, A, MEGABYTE);
    const init = (): string => readFileSync(join(lab.root, 'run/vzdeck/101/init'), 'utf8').split(' ')[0] ?? '';
    process.kill(Number(init()), 'SIGKILL');
    await until(() => !existsSync(join(lab.root, 'run/vzdeck/101/network')));
    const [, killed] = bytes(101);
    expect({ before, killed, about: isAbout(killed - before, MEGABYTE) }).toMatchObject({ about: true });
    done('start', '101');
    await send(101, A, MEGABYTE);
    const first = init();
    done('exec', '101', 'reboot -f');
    await until(() => {
      try {
        return init() !== first && lab.vzctl('status', '101').out.includes('running');
      } catch {
        return false;
      }
    });
    const [, rebooted] = bytes(101);
    expect({ killed, rebooted, about: isAbout(rebooted - killed, MEGABYTE) }).toMatchObject({ about: true });
  });

  test('of an interface that goes while the container runs is kept', async () => {
    await send(102, B, MEGABYTE);
    done('set', '102', '--ipdel', 'all');
    const [, down] = bytes(102);
    expect({ down, about: isAbout(down, MEGABYTE) }).toMatchObject({ about: true });
    done('set', '102', '--ipadd', B);
    await send(102, B, MEGABYTE);
    done('stop', '102', '--fast');
    const [, after] = bytes(102);
    expect({ down, after, about: isAbout(after - down, MEGABYTE) }).toMatchObject({ about: true });
  });

  test('is told once by many who look at the same time, some of whom are killed', async () => {
    done('start', '102');
    // their first look writes: the day that is kept is another one
    const file = join(lab.root, 'var/lib/vzdeck/traffic/102');
    const before = bytes(102)[1];
    const looking = (): ChildProcess => lab.vzdeckBeside('net', 'usage', '102');
    const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('exit', resolve));
    for (let round = 0; round < 3; round++) {
      rmSync(file);
      const many = Array.from({ length: 4 }, looking);
      const gone = many.map(ended);
      await send(102, B, MEGABYTE / 10);
      many[round]?.kill('SIGKILL');
      await Promise.all(gone);
    }
    // each round has counted anew what the link has carried since its beginning, once
    const [{ account }] = [usage(['102']).find(({ id }) => id === 102) ?? { account: 0 }];
    expect(before).toBeGreaterThan(0);
    expect({ account, about: isAbout(account, (3 * MEGABYTE) / 10) }).toMatchObject({ about: true });
    done('stop', '102', '--fast');
    expect(bytes(102)[1] - account).toBeLessThan(5000);
  });

  test('is told by day and month, and what cannot be asked is refused', () => {
    const today = kept(102).days.at(-1);
    const said = lab.vzdeck('net', 'usage', '102', '--day', '--json');
    expect(JSON.parse(said.out)[0].parts).toMatchObject([{ key: today?.key, earlier: false, links: today?.links }]);
    expect(lab.vzdeck('net', 'usage', '--month', '102').out).toMatch(new RegExp(`${today?.key.slice(0, 7)} +102 `));
    expect(JSON.parse(lab.vzdeck('net', 'usage', '102', '--since', '2999-01-01', '--json').out)[0].parts[0].links).toEqual({});
    expect(lab.vzdeck('net', 'usage', '--since', 'tomorrow')).toMatchObject({ status: 20 });
    expect(lab.vzdeck('net', 'usage', '--day', '--month')).toMatchObject({ status: 20 });
    expect(lab.vzdeck('net', 'usage', '999')).toMatchObject({ status: 21 });
  });

  test('that is dropped is told by its reason: forged sources, and what is faster than the rate', async () => {
    done('start', '102');
    const forged = `ip addr add ${A}/32 dev venet0; for i in 1 2 3; do busybox ping -c1 -W1 -I ${A} ${WIRE.lan}; done; ip addr del ${A}/32 dev venet0`;
    lab.inside(102, forged);
    const rates = (): { guard: number; rate: number } => JSON.parse(lab.vzdeck('net', 'rates', '102', '--json').out)[0].links[0].dropped;
    expect(rates()).toMatchObject({ guard: 3, rate: 0 });
    done('set', '102', '--rate', '1mbit:1mbit');
    lab.lan(`perl -e '${FLOOD}' ${B}`);
    expect(rates().rate).toBeGreaterThan(100);
    expect(lab.vzdeck('net', 'rates').out).toMatch(/102 .* venet0 .* 3 +\d{3,} +0$/m);
  });

  test('connections are told by port, and who talks to whom, to whoever asks from outside', async () => {
    done('set', '102', '--rate', '0');
    const server = await lab.watcher(102, ['perl', '-e', HOLD, '5432']);
    const client = await lab.watcher(101, ['perl', '-e', ASK, B, '5432', '4000']);
    await until(() => client.got().includes('sent') && server.got().includes('got 4000'));
    const asked = (...words: string[]): unknown => JSON.parse(lab.vzdeck('net', 'talkers', ...words, '--json').out);
    expect(asked('102')).toMatchObject({ cut: false, talkers: [{ port: 5432, serves: true, connections: 1, peer: A, down: 4000 }] });
    expect(asked('101')).toMatchObject({ talkers: [{ port: 5432, serves: false, peer: B }] });
    expect(asked()).toMatchObject({ talks: [{ from: 101, to: 102, port: 5432, connections: 1 }] });
    expect(lab.vzdeck('net', 'talkers').out).toMatch(/^101 +102 +tcp\/5432 +1 /m);
    expect(lab.vzdeck('net', 'talkers', '102').out).toMatch(/1 ESTAB[\s\S]*tcp\/5432 +others +1 +1 /);
    expect(lab.vzdeck('net', 'talkers', '101', '102')).toMatchObject({ status: 21 });
  });

  test('of links that root inside has made without end so many are told, and how many more there are', () => {
    lab.inside(101, 'for i in $(seq 1 20); do ip link add d$i type veth peer name e$i; done');
    const [seen] = JSON.parse(lab.vzdeck('net', 'rates', '101', '--json').out) as [{ links: readonly { kind: string }[]; more: number }];
    expect([seen.links.filter(({ kind }) => kind === 'inside').length, seen.more]).toEqual([16, 24]);
    expect(lab.vzdeck('net', 'rates', '101').out).toContain('Container 101 has 24 more links inside, which are not looked at');
    lab.inside(101, 'for i in $(seq 1 20); do ip link del d$i; done');
  });

  test('a socket of UDP without a peer is told with its port, and with whom it talks where the node keeps that', async () => {
    type Told = { datagrams: { down: number }; talkers: readonly { port: number; connections: number; peer: string; down: number }[] };
    const told = (): Told => JSON.parse(lab.vzdeck('net', 'talkers', '102', '--json').out);
    const heard = await lab.watcher(102, [
      ...['perl', '-MIO::Socket::INET', '-e'],
      '$| = 1; $s = IO::Socket::INET->new(LocalPort => 5300, Proto => "udp") or die; print "ready\n"; while ($s->recv($_, 2000)) { print "got\n" }',
    ]);
    const sends = `perl -MSocket -e 'socket($s, AF_INET, SOCK_DGRAM, 0); send($s, "x" x 1000, 0, sockaddr_in(5300, inet_aton("${B}"))) for 1..3'`;
    const before = told().datagrams.down;
    expect(lab.inside(101, sends).status).toBe(0);
    await until(() => heard.got().length === 12);
    expect(told().datagrams.down - before).toBe(3);
    expect(told().talkers).toContainEqual(expect.objectContaining({ port: 5300, connections: 0, peer: '' }));
    expect(lab.vzdeck('net', 'talkers', '102').out).toMatch(/udp\/5300 +others +0 +0 .*nobody keeps with whom/);
    // a table of connections comes with the first port that is forwarded
    done('set', '102', '--forward', 'udp:5301:5300');
    lab.node('echo 1 >/proc/sys/net/netfilter/nf_conntrack_acct');
    expect(lab.inside(101, sends).status).toBe(0);
    await until(() => heard.got().length === 24);
    expect(told().talkers).toContainEqual(expect.objectContaining({ port: 5300, connections: 1, peer: A, down: 3 * 1028 }));
    lab.node('echo 0 >/proc/sys/net/netfilter/nf_conntrack_acct');
    done('set', '102', '--forward_del', 'all');
  });

  test('goes with the container, and nothing of it stays on the node', () => {
    for (const id of ['101', '102']) {
      done('stop', id, '--fast');
      done('destroy', id);
    }
    expect(() => kept(101)).toThrow(/ENOENT/);
    expect(lab.changed()).toEqual([]);
  });
});

/** Takes one connection and tells what came. */
const SINK = `
use IO::Socket::INET; $| = 1; my $s = IO::Socket::INET->new(LocalPort => 7000, Proto => "tcp", Listen => 1, ReuseAddr => 1) or die $!;
print "ready\\n"; my $c = $s->accept; my $n = 0; while (sysread($c, my $b, 65536)) { $n += length $b } print "got $n\\n";`;

/** A thousand packets of a kilobyte at once. */
const FLOOD = `use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => 9, Proto => "udp") or die;
send($s, "x" x 1000, 0) for 1 .. 1000;`;

/** Takes one connection, tells what came, and keeps it open. */
const HOLD = `
use IO::Socket::INET; $| = 1; my $s = IO::Socket::INET->new(LocalPort => shift, Proto => "tcp", Listen => 1, ReuseAddr => 1) or die $!;
print "ready\\n"; my $c = $s->accept; my $n = 0; while (sysread($c, my $b, 65536)) { $n += length $b; print "got $n\\n" }`;
const ASK = `
use IO::Socket::INET; $| = 1; my ($to, $port, $n) = @ARGV; print "ready\\n";
my $s = IO::Socket::INET->new(PeerAddr => $to, PeerPort => $port, Proto => "tcp") or die $!; print $s "x" x $n; $s->flush; print "sent\\n"; sleep 600;`;
