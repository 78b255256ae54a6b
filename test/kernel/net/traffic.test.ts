// What goes over a container's links is counted, real packets between real containers: to the byte within headers, over restarts, halts and kills, once
// however many look, and what it forges is told by its reason.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { trafficSum } from '../../../src/engine/index.ts';
import type { TrafficAccount } from '../../../src/engine/spec/traffic.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';
import { type NetLab, openNetLab } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const A = '192.0.2.101';
const B = '192.0.2.102';
const MEGABYTE = 1_000_000;
/** Headers of frames, acknowledgements and the connection's beginning and end; what the kernel cuts later is counted with one header. */
const HEADERS = 0.1;

requires(
  'root',
  'launcher',
  'busybox',
  'ip',
  'nft',
)('traffic', () => {
  let lab: NetLab;
  const done = (...words: string[]): string => {
    const said = lab.vzctl(...words);
    expect({ words, ...said }).toMatchObject({ status: 0 });
    return said.out;
  };
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
  /** TCP from the LAN into a container, until all of it has arrived. */
  const send = async (id: number, address: string, count: number): Promise<void> => {
    const sink = await lab.watcher(id, ['perl', '-e', SINK]);
    lab.lan(`head -c ${count} /dev/zero | busybox nc -w 5 ${address} 7000`);
    await until(() => sink.got().includes(`got ${count}\n`));
  };

  beforeAll(async () => {
    lab = await openNetLab();
    done('create', '101', '--ipadd', A);
    done('create', '102', '--ipadd', B);
    for (const id of ['101', '102']) done('start', id);
  });
  afterAll(() => lab.down());

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
    await until(() => lab.vzctl('status', '101').out.includes('down'));
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

  test('goes with the container, and nothing of it stays on the node', () => {
    done('stop', '101', '--fast');
    for (const id of ['101', '102']) done('destroy', id);
    expect(() => kept(101)).toThrow(/ENOENT/);
    expect(lab.changed()).toEqual([]);
  });
});

/** Takes one connection and tells what came. */
const SINK = `
use IO::Socket::INET; $| = 1; my $s = IO::Socket::INET->new(LocalPort => 7000, Proto => "tcp", Listen => 1, ReuseAddr => 1) or die $!;
print "ready\\n"; my $c = $s->accept; my $n = 0; while (sysread($c, my $b, 65536)) { $n += length $b } print "got $n\\n";`;
