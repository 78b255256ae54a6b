// How fast packets pass under a limit, on the real kernel: what arrives is measured by who takes it, from its first byte to its last.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { requires } from '../requires.ts';
import { until } from '../until.ts';
import { type NetLab, openNetLab, WIRE } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const CONTAINER = '192.0.2.101';
/** Tells bits per second of the first connection. */
const SINK = `use IO::Socket::INET; use Time::HiRes "time"; my ($out) = @ARGV;
my $s = IO::Socket::INET->new(LocalPort => 7000, Proto => "tcp", Listen => 1, ReuseAddr => 1) or die; open F, ">$out.ready"; close F;
my $c = $s->accept; my ($n, $since) = (0); while (sysread($c, my $b, 65536)) { $since //= time; $n += length $b }
open F, ">$out.tmp"; printf F "%.0f", $n * 8 / (time - $since); close F; rename "$out.tmp", $out;`;

requires(
  'root',
  'launcher',
  'busybox',
  'ip',
  'nft',
)('a rate', () => {
  let lab: NetLab;
  const done = (...words: string[]): string => {
    const said = lab.vzctl(...words);
    expect({ words, ...said }).toMatchObject({ status: 0 });
    return said.out;
  };

  type Shell = (line: string) => unknown;
  async function measured(sink: Shell, source: Shell, address: string, bytes: number): Promise<number> {
    const out = join(lab.root, 'rate');
    for (const file of [out, `${out}.ready`]) rmSync(file, { force: true });
    sink(`perl -e '${SINK}' ${out} >/dev/null 2>&1 </dev/null &`);
    await until(() => existsSync(`${out}.ready`));
    source(`head -c ${bytes} /dev/zero | busybox nc -w 5 ${address} 7000`);
    await until(() => existsSync(out));
    return Number(readFileSync(out, 'utf8'));
  }
  const inside: Shell = (line) => lab.inside(101, line);

  beforeAll(async () => {
    lab = await openNetLab();
    done('create', '101', '--ipadd', CONTAINER);
    done('set', '101', '--rate', '2mbit:1mbit', '--save');
    done('start', '101');
  });
  afterAll(() => lab.down());

  test('holds what comes and what goes within a tenth', async () => {
    const [to, from] = [await measured(inside, lab.lan, CONTAINER, 1_000_000), await measured(lab.lan, inside, WIRE.lan, 500_000)];
    expect([to / 2e6, from / 1e6].map((share) => share > 0.9 && share < 1.1)).toEqual([true, true]);
  });

  test('changes and goes while the container runs', async () => {
    done('set', '101', '--rate', '1mbit');
    const to = await measured(inside, lab.lan, CONTAINER, 500_000);
    expect(to / 1e6 > 0.9 && to / 1e6 < 1.1).toBe(true);
    done('set', '101', '--rate', '0');
    expect(lab.node('tc qdisc show; ip -o link').out).not.toMatch(/tbf|ingress|ifb/);
  });

  test('nothing stays', () => {
    done('set', '101', '--rate', '8mbit');
    done('stop', '101', '--fast');
    expect(lab.changed()).toEqual([]);
  });
});
