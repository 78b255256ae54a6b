// What somebody else has, and what must not be cut off, is refused before anything changes and is there afterwards; and a change that is killed in the
// middle is none.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { until } from '../until.ts';
import { holdNetwork } from './held-network.ts';
import { loggedIn } from './login.ts';
import { inNetLab, WIRE } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const A = '192.0.2.101';

inNetLab('what is not ours', (lab, done) => {
  const note = (path: string): string => join(lab.root, 'run/vzdeck', path);
  /** Whoever asks is told so, and what the administrator has made is as it was. */
  const refused = (why: string, look: string, ...words: string[]): void => {
    const before = lab.node(look).out;
    expect(before).not.toBe('');
    const said = lab.vzctl(...words);
    expect({ words, ...said }).toMatchObject({ err: expect.stringContaining(why) });
    expect(said.status).not.toBe(0);
    expect(lab.node(look).out).toBe(before);
  };

  beforeAll(async () => {
    for (const id of ['101', '102']) done('create', id);
    done('set', '101', '--ipadd', A, '--save');
    done('start', '102');
  });

  test("a route of the administrator's", () => {
    lab.node(
      `ip route add ${A}/32 via ${WIRE.lan}; ip route add 10.9.0.0/16 via ${WIRE.lan}; ip -6 route add 2001:db8:1::101 via ${WIRE.lan6}`,
    );
    refused('it has a route of the node already', 'ip route show dev wire0', 'start', '101');
    refused(`it lies behind ${WIRE.lan}`, 'ip route show dev wire0', 'set', '102', '--ipadd', '10.9.1.1');
    refused('it has a route of the node already', 'ip -6 route show dev wire0', 'set', '102', '--ipadd', '2001:db8:1::101');
    lab.node(`ip route del ${A}/32; ip route del 10.9.0.0/16; ip -6 route del 2001:db8:1::101`);
  });

  test("one that comes later is the administrator's also when the container goes", () => {
    done('start', '101');
    lab.node(`ip route add ${A}/32 via ${WIRE.lan}`);
    done('set', '101', '--ipadd', '192.0.2.121', '--ipdel', A);
    done('stop', '101', '--fast');
    expect(lab.node(`ip route show ${A}`).out).toContain(`via ${WIRE.lan}`);
    lab.node(`ip route del ${A}/32`);
  });

  test('an address that the node answers for', () => {
    lab.node('ip neigh add proxy 192.0.2.131 dev wire0; ip neigh add proxy 2001:db8:1::131 dev wire0');
    for (const [address, look] of [
      ['192.0.2.131', 'ip neigh show proxy'],
      ['2001:db8:1::131', 'ip -6 neigh show proxy'],
    ] as const)
      refused('is one that the node answers for already, on wire0', look, 'set', '102', '--ipadd', address);
    lab.node('ip neigh del proxy 192.0.2.131 dev wire0; ip neigh del proxy 2001:db8:1::131 dev wire0');
  });

  test('a link of the same name, whichever kind asks for it', () => {
    const venet = /peer name (v[0-9a-f]{8})2t/.exec(done('start', '101', '--dry-run'))?.[1] ?? 'none';
    const limited = ['set', '102', '--ipadd', '192.0.2.102', '--rate', '8mbit'];
    const ifb = /link add name (\S+) type ifb/.exec(done(...limited, '--dry-run'))?.[1] ?? 'none';
    for (const [name, words] of [
      [`${venet}2t`, ['start', '101']],
      [ifb, limited],
    ] as const) {
      lab.node(`ip link add ${name} type bridge`);
      refused(`Network device ${name} is there already, and not of this container`, `ip -o link show ${name}`, ...words);
      lab.node(`ip link del ${name}`);
    }
  });

  test('where the session that asks comes from, and the port at which it does', () => {
    lab.env['SSH_CONNECTION'] = `192.0.2.77 40000 ${WIRE.node} 22`;
    refused('it is where the session that asks for it comes from', 'ip route', 'set', '102', '--ipadd', '192.0.2.77');
    refused('Port tcp:22 of the node carries the session that asks for it', 'ip route', 'set', '102', '--forward', 'tcp:22:22');
    expect(lab.vzctl('set', '102', '--forward', 'udp:22:22').status).toBe(0);
    done('set', '102', '--forward_del', 'all');
    delete lab.env['SSH_CONNECTION'];
  });

  const local = (device: string, node: boolean): string =>
    /inet6 (fe80:\S+)\//.exec((node ? lab.node : lab.lan)(`ip -6 -o addr show dev ${device}`).out)?.[1] ?? '';
  const CARRIES = 'carries the login of';

  test('a login that whoever asks has no word of (tmux, screen, cron) keeps its device, and its port', async () => {
    await loggedIn(lab, WIRE.node, WIRE.node, () => {
      const asked = (...words: string[]): void => refused(`${CARRIES} ${WIRE.lan} (process `, 'ip route', 'set', '102', ...words);
      asked('--netdev_add', 'wire0');
      asked('--forward', 'tcp:22:22');
    });
    await loggedIn(lab, '::', `${local('wire0', true)}%wire1`, () =>
      refused(`${CARRIES} ${local('wire1', false)} (process `, 'ip route', 'set', '102', '--netdev_add', 'wire0'),
    );
  });

  test('nor does one go that carries a login by what stands on it, what it is a part of, or where answers go', async () => {
    lab.node(`ip link add wire2 type veth peer name wire3 netns ${lab.lanPid}; ip link set wire2 up; ip link add br5 type bridge`);
    lab.lan('ip addr add 198.51.100.9/24 dev wire3; ip link set wire3 up');
    const move = (why: string): void => refused(why, 'ip -o link show wire2', 'set', '102', '--netdev_add', 'wire2');
    const port = (why: string): void => {
      lab.node(`echo 'VZDECK_BRIDGES="br6=wire2"' >>${lab.root}/etc/vz/vz.conf`);
      refused(why, 'ip -o link show wire2', 'set', '102', '--netif_add', 'eth7,,,,br6', '--save');
      lab.node(`sed -i '/^VZDECK_BRIDGES/d' ${lab.root}/etc/vz/vz.conf`);
    };
    // a bridge of the administrator's
    lab.node('ip link set wire2 master br5; ip link set br5 up; ip addr add 198.51.100.1/24 dev br5');
    port('wire2 is a part of br5 already');
    await loggedIn(lab, '198.51.100.1', '198.51.100.1', () => {
      move('is a part of br5');
      port(`wire2 ${CARRIES} 198.51.100.9`);
    });
    lab.node('ip link del br5');
    // a macvlan on it
    lab.node('ip link add mac5 link wire2 type macvlan mode bridge; ip link set mac5 up; ip addr add 198.51.100.1/24 dev mac5');
    await loggedIn(lab, '198.51.100.1', '198.51.100.1', () => {
      move(`${CARRIES} 198.51.100.9`);
      port(`wire2 ${CARRIES} 198.51.100.9`);
    });
    lab.node('ip link del mac5');
    // an address of the node elsewhere: packets come in by wire0, and answers go out by wire2
    lab.node('ip addr add 203.0.113.1/32 dev lo; ip route add 198.51.100.9/32 dev wire2');
    lab.lan('ip route add 203.0.113.1/32 dev wire3');
    await loggedIn(lab, '203.0.113.1', '203.0.113.1', () => {
      move(`${CARRIES} 198.51.100.9`);
      port(`wire2 ${CARRIES} 198.51.100.9`);
    });
    lab.node('ip addr del 203.0.113.1/32 dev lo; ip link del wire2');
  });

  test('a server of the node that a forwarded port covers is told, once, and none that listens on loopback only', async () => {
    const LISTEN =
      '$| = 1; $s = IO::Socket::INET->new(LocalAddr => $ARGV[0], LocalPort => 8022, Listen => 1) or die $!; print "ready\n"; sleep 600';
    const warned = async (address: string): Promise<readonly boolean[]> => {
      const server = spawn('nsenter', [`--net=/proc/${lab.nodePid}/ns/net`, 'perl', '-MIO::Socket::INET', '-e', LISTEN, address]);
      await new Promise((resolve) => server.stdout.once('data', resolve));
      const said = ['tcp:8022:80', 'tcp:8022:80 tcp:8023:80'].map((ports) => lab.vzctl('set', '102', '--forward', ports, '--save').err);
      server.kill();
      done('set', '102', '--forward_del', 'all', '--save');
      return said.map((err) => err.includes('Warning: a program of the node listens on tcp:8022'));
    };
    expect(await warned('0.0.0.0')).toEqual([true, false]);
    expect(await warned('127.0.0.1')).toEqual([false, false]);
  });

  test('a change that is killed in the middle is taken back whole by the next one', async () => {
    done('start', '101');
    const look = (): string => lab.node('nft list ruleset; ip route; ip neigh show proxy').out.replace(/packets \d+ bytes \d+/g, '');
    const within = (): string => lab.inside(101, 'ip addr show venet0; ip route').out;
    const half = (): boolean => readFileSync(note('101/network'), 'utf8').includes('"half"');
    let [before, inside] = ['', ''];
    // where this machine is busy it may be over before anybody sees it: then another one is killed
    do {
      done('set', '101', '--ipdel', 'all', '--ipadd', A, '--save');
      [before, inside] = [look(), within()];
      const changing = lab.vzctlBeside('set', '101', '--ipadd', '192.0.2.141', '--ipdel', A, '--save');
      let over = false;
      const ended = new Promise<void>((resolve) => changing.once('exit', () => resolve()));
      void ended.then(() => (over = true));
      await until(() => over || half());
      changing.kill('SIGKILL');
      await ended;
    } while (!half());
    done('set', '101', '--cpuunits', '500');
    expect(look()).toBe(before);
    expect(within()).toBe(inside);
    expect(lab.lan(`busybox ping -c1 -W5 ${A}`).status).toBe(0);
    expect(half()).toBe(false);
  });

  test('the bridge of a device that has gone goes with the next verb, where the first was killed before it could', async () => {
    done('set', '101', '--netif_add', 'eth2,,,,br7', '--save');
    const words = ['set', '101', '--netif_del', 'eth2', '--save'] as const;
    const network = await holdNetwork(lab.root);
    try {
      const changing = lab.vzctlBeside(...words);
      const ended = new Promise((resolve) => changing.once('exit', resolve));
      await network.wanted(changing);
      // the first time it waits for the lock its change has not begun, the second time it is over but for the bridge
      while (readFileSync(note('101/network'), 'utf8').includes('"half"')) await network.pass(changing);
      changing.kill('SIGKILL');
      await ended;
    } finally {
      await network.release();
    }
    expect(lab.node('ip link show br7').status).toBe(0);
    done(...words);
    expect(lab.node('ip link show br7').status).not.toBe(0);
  });

  test('all of a network that has gone goes with the next verb, where the first was killed before it could', async () => {
    done('set', '102', '--ipadd', '192.0.2.102', '--save');
    const users = (): string => readFileSync(note('network'), 'utf8');
    const changing = lab.vzctlBeside('set', '102', '--ipdel', 'all', '--save');
    const ended = new Promise((resolve) => changing.once('exit', resolve));
    await until(() => !existsSync(note('102/network')) || readFileSync(note('102/network'), 'utf8').includes('"values":{},'));
    changing.kill('SIGKILL');
    await ended;
    done('set', '102', '--ipdel', 'all', '--save');
    expect([existsSync(note('102/network')), users()]).toEqual([false, expect.stringContaining('"users":[101]')]);
    done('stop', '102', '--fast');
  });

  test('what a stop that was killed has left goes with the next set', async () => {
    const network = await holdNetwork(lab.root);
    try {
      const stopping = lab.vzctlBeside('stop', '101', '--fast');
      const ended = new Promise((resolve) => stopping.once('exit', resolve));
      await network.wanted(stopping);
      stopping.kill('SIGKILL');
      await ended;
    } finally {
      await network.release();
    }
    expect(existsSync(note('101/network'))).toBe(true);
    done('set', '101', '--cpuunits', '600', '--save');
    expect(existsSync(note('101/network'))).toBe(false);
    expect(lab.node('ip route').out).not.toContain(A);
  });

  test('nothing stays', () => {
    for (const id of ['101', '102']) done('stop', id, '--fast');
    expect(existsSync(note('network'))).toBe(false);
    expect(lab.changed()).toEqual([]);
  });
});
