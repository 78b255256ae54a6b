// How fast packets pass under a limit, on the real kernel: what arrives is measured by who takes it, from its first byte to its last.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { until } from '../until.ts';
import { inNetLab, WIRE } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const CONTAINER = '192.0.2.101';
/** What a limit counts of a full packet of TCP, and what of it who takes it is given. */
const FRAME = 1514 / 1448;
/** Tells bits per second of the first connection. The clock begins with all that has come before it is asked: a machine that is busy asks late. */
const SINK = `use IO::Socket::INET; use Time::HiRes "time"; my ($out) = @ARGV;
my $s = IO::Socket::INET->new(LocalPort => 7000, Proto => "tcp", Listen => 1, ReuseAddr => 1) or die; open F, ">$out.ready"; close F;
my $c = $s->accept; sysread($c, my $b, 1 << 22); my ($n, $since) = (0, time); while (sysread($c, $b, 65536)) { $n += length $b }
open F, ">$out.tmp"; printf F "%.0f", $n * 8 / (time - $since); close F; rename "$out.tmp", $out;`;

inNetLab('a rate', (lab, done) => {
  type Shell = (line: string) => unknown;
  /** The best of three: a machine that is busy with something else sends slower than it may, and never faster. */
  async function measured(sink: Shell, source: Shell, address: string, bytes: number, wanted: number): Promise<number> {
    let best = 0;
    for (let tries = 0; tries < 3 && best < wanted * 0.9; tries++) best = Math.max(best, await once(sink, source, address, bytes));
    return best;
  }

  async function once(sink: Shell, source: Shell, address: string, bytes: number): Promise<number> {
    const out = join(lab.root, 'rate');
    for (const file of [out, `${out}.ready`]) rmSync(file, { force: true });
    sink(`perl -e '${SINK}' ${out} >/dev/null 2>&1 </dev/null &`);
    await until(() => existsSync(`${out}.ready`));
    source(`head -c ${bytes} /dev/zero | busybox nc -w 5 ${address} 7000`);
    await until(() => existsSync(out));
    return Number(readFileSync(out, 'utf8')) * FRAME;
  }
  const inside: Shell = (line) => lab.inside(101, line);

  beforeAll(async () => {
    done('create', '101', '--ipadd', CONTAINER);
    done('set', '101', '--rate', '2mbit:1mbit', '--save');
    done('start', '101');
  });

  test('holds what comes and what goes within a tenth', async () => {
    const [to, from] = [
      await measured(inside, lab.lan, CONTAINER, 1_000_000, 2e6),
      await measured(lab.lan, inside, WIRE.lan, 500_000, 1e6),
    ];
    expect([to / 2e6, from / 1e6].map((share) => share > 0.9 && share < 1.1)).toEqual([true, true]);
  });

  test('changes and goes while the container runs', async () => {
    done('set', '101', '--rate', '1mbit');
    const to = await measured(inside, lab.lan, CONTAINER, 500_000, 1e6);
    expect(to / 1e6 > 0.9 && to / 1e6 < 1.1).toBe(true);
    done('set', '101', '--rate', '0');
    expect(lab.node('tc qdisc show; ip -o link').out).not.toMatch(/tbf|ingress|ifb/);
  });

  test('holds bridged devices, too, each by its own where it has one', async () => {
    lab.node('ip link add br0 type bridge; ip addr add 10.5.0.254/24 dev br0; ip link set br0 up');
    done('create', '102');
    for (const device of ['eth0', 'eth1']) done('set', '102', '--netif_add', `${device},,,,br0`, '--save');
    done('set', '102', '--rate', '1mbit:2mbit eth1=2mbit:1mbit', '--save');
    done('start', '102');
    const inner: Shell = (line) => lab.inside(102, line);
    const both = async (address: string, [to, from]: readonly [number, number]): Promise<readonly number[]> => [
      await measured(inner, lab.node, address, 500_000, to),
      await measured(lab.node, inner, '10.5.0.254', 500_000, from),
    ];
    const within = (rates: readonly number[], wanted: readonly number[]): readonly unknown[] =>
      rates.map((rate, n) => Math.abs(rate / (wanted[n] ?? 0) - 1) < 0.1 || rate);
    lab.inside(102, 'ip addr add 10.5.0.1/24 dev eth0; ip link set eth0 up');
    expect(within(await both('10.5.0.1', [1e6, 2e6]), [1e6, 2e6])).toEqual([true, true]);
    lab.inside(102, 'ip addr flush dev eth0; ip addr add 10.5.0.2/24 dev eth1; ip link set eth1 up');
    expect(within(await both('10.5.0.2', [2e6, 1e6]), [2e6, 1e6])).toEqual([true, true]);
    done('set', '102', '--netif_del', 'eth1', '--save');
    expect(lab.node('ip -o link show type ifb').out.trim().split('\n')).toHaveLength(1);
    done('set', '102', '--rate', '0', '--save');
    expect(lab.node('tc qdisc show; ip -o link').out).not.toMatch(/tbf|ingress|ifb/);
    done('stop', '102', '--fast');
    lab.node('ip link del br0');
  });

  test('is refused where the node has no end of a device, unless that is left out by name', () => {
    const said = (...words: string[]) => lab.vzctl('set', '103', '--save', ...words);
    done('create', '103');
    expect(said('--link_add', 'eth0=macvlan:wire0:bridge')).toMatchObject({ status: 0 });
    const refusal = { status: 104, err: expect.stringContaining('Network device eth0 cannot be held to a rate') };
    expect(said('--rate', '1mbit')).toMatchObject(refusal);
    expect(said('--rate', 'eth0=1mbit')).toMatchObject(refusal);
    expect(said('--rate', '1mbit eth0=0')).toMatchObject({ status: 0 });
    expect(said('--rate', 'venet0=1mbit')).toMatchObject({ status: 0 });
    expect(lab.vzctl('set', '101', '--link_add', 'eth0=macvlan:wire0:bridge')).toMatchObject(refusal);
    done('destroy', '103');
  });

  test('of an interface that is not there waits, which is told, also beside one that comes with it', () => {
    const said = (...words: string[]) => lab.vzctl('set', '101', ...words);
    expect(said('--rate', '2mbit eht0=1mbit')).toMatchObject({
      status: 0,
      err: expect.stringContaining('Warning: the rate of eht0 waits: container 101 has no such interface yet'),
    });
    expect(said('--cpus', '1').err).not.toContain('waits');
    expect(said('--rate', '2mbit eth0=1mbit', '--netif_add', 'eth0').err).not.toContain('waits');
    expect(said('--rate', 'venet0=1mbit').err).not.toContain('waits');
    done('set', '101', '--netif_del', 'eth0');
  });

  test('nothing stays', () => {
    done('set', '101', '--rate', '8mbit');
    done('stop', '101', '--fast');
    expect(lab.changed()).toEqual([]);
  });
});
