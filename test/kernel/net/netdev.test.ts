// Network devices of the node that move into a container, on the real kernel: with packets, and back with all that they had, whatever died meanwhile.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import type { NetCheck } from '../../../src/engine/index.ts';
import { MAIN, NODE } from '../../cli/run.ts';
import { until } from '../until.ts';
import { inNetLab, WIRE } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** A second wire, with an address of each family, a route and a MTU of its own. */
const SECOND = `ip link add real0 type veth peer name real1 netns $LAN &&
ip link set real0 mtu 1400 up && ip addr add 203.0.113.1/24 brd + dev real0 && ip addr add 2001:db8:2::1/64 dev real0 nodad &&
ip link property add dev real0 altname cable-to-the-lan && echo 1 >/proc/sys/net/ipv4/conf/real0/rp_filter &&
echo 7 >/proc/sys/net/ipv6/conf/real0/hop_limit && ip route add 198.51.101.0/24 via 198.18.9.9 dev real0 onlink &&
ip route add 198.51.102.0/24 nexthop via 203.0.113.7 dev real0 weight 2 nexthop via 192.0.2.9 dev wire0 &&
ip route add 198.51.100.0/24 via 203.0.113.7 dev real0 metric 5 && ip -6 route add 2001:db8:9::/48 via 2001:db8:2::7 dev real0`;
const LOOK = `ip -o -d link show real0 | sed 's/promiscuity.*//'; ip -o addr show real0 | grep -v fe80 | sed 's/ valid_lft.*//'; ip route show dev real0; ip route show 198.51.102.0/24; ip -6 route show dev real0 | grep -v fe80; cat /proc/sys/net/ipv4/conf/real0/rp_filter /proc/sys/net/ipv6/conf/real0/hop_limit`;

inNetLab('devices of the node', (lab, done) => {
  let had = '';
  const note = (path: string): string => join(lab.root, 'run/vzdeck', path);
  /** As it was, of which the state of its carrier is told a moment later. */
  const back = (why = ''): Promise<void> => expect.poll(() => lab.node(LOOK).out, { message: why }).toBe(had);
  const gone = (): void => expect(lab.node('ip link show real0').status).toBe(1);

  beforeAll(async () => {
    expect(lab.node(SECOND.replace('$LAN', String(lab.lanPid)))).toMatchObject({ status: 0 });
    lab.lan('ip link set real1 up; ip addr add 203.0.113.9/24 dev real1; ip addr add 2001:db8:2::9/64 dev real1 nodad');
    // the kernel tells of a carrier some time after both ends are up
    await until(() => {
      had = lab.node(LOOK).out;
      return had.includes(' state UP ');
    });
    expect(had).toContain('203.0.113.1/24');
    done('create', '101');
    done('set', '101', '--netdev_add', 'real0', '--save');
    done('create', '102');
    done('start', '102');
  });

  test('one moves in at a start, and packets of both families pass', () => {
    done('start', '101');
    gone();
    lab.inside(101, 'ip link set real0 up; ip addr add 203.0.113.1/24 dev real0; ip addr add 2001:db8:2::1/64 dev real0 nodad');
    expect(lab.inside(101, 'busybox ping -c1 -W5 203.0.113.9 && busybox ping -c1 -W5 2001:db8:2::9')).toMatchObject({ status: 0 });
  });

  test('whoever asks for one that another container has is told so, and gets nothing', () => {
    expect(lab.vzctl('set', '102', '--netdev_add', 'real0')).toMatchObject({
      status: 104,
      err: expect.stringContaining('Network device real0 is lent to container 101'),
    });
    expect(lab.vzctl('set', '102', '--netdev_add', 'nosuch').err).toContain('Network device nosuch is not there');
    expect(lab.vzctl('set', '102', '--netdev_add', 'lo').status).toBe(21);
  });

  test('it is back at the stop, with name, index, MAC, MTU, addresses and routes, whatever root inside calls it', async () => {
    lab.inside(101, 'ip link set real0 down; ip link set real0 name mine0 mtu 1300 address 02:00:00:00:00:77; ip link set mine0 up');
    done('stop', '101', '--fast');
    await back();
  });

  test('no name that root inside gives keeps it there, and what he puts on it goes', async () => {
    done('start', '101');
    lab.inside(
      101,
      'ip link property add dev real0 altname wire0; ip link property add dev real0 altname mine; ip link set real0 name lo1',
    );
    lab.inside(101, 'ip link set lo1 name wire1; ip link property add dev wire1 altname real0');
    lab.node('ip link add wire1 type bridge');
    done('stop', '101', '--fast');
    await back();
    lab.node('ip link del wire1');
    done('set', '102', '--netdev_add', 'real0');
    lab.inside(
      102,
      'ip link add link real0 name tap0 type macvlan; ip link add link tap0 name tap1 type macvlan; ip link set real0 name wire0',
    );
    done('set', '102', '--netdev_del', 'real0');
    expect(lab.inside(102, 'ip -o link').out.trim().split('\n')).toHaveLength(1);
    await back();
  });

  test('what root inside holds in a network namespace of his own is told', async () => {
    done('set', '102', '--netdev_add', 'real0');
    done('exec', '102', '(busybox unshare -n sleep 98761 </dev/null >/dev/null 2>&1 &)');
    const sleeper = (): string => lab.node('pgrep -f "^sleep 98761"').out.trim();
    await until(() => sleeper() !== '');
    expect(lab.inside(102, `ip link add link real0 name tap0 netns ${sleeper()} type macvlan`)).toMatchObject({ status: 0 });
    expect(lab.vzctl('set', '102', '--netdev_del', 'real0')).toMatchObject({
      status: 0,
      err: expect.stringContaining(`process ${sleeper()} of container 102 has a network namespace of its own`),
    });
    await back();
    lab.node(`kill ${sleeper()}`);
    await until(() => sleeper() === '');
  });

  test('it comes and goes while the container runs', async () => {
    expect(done('set', '102', '--netdev_add', 'real0')).toContain('Adding network device(s): real0\n');
    gone();
    expect(lab.inside(102, 'ip link show real0').status).toBe(0);
    expect(done('set', '102', '--netdev_del', 'real0')).toContain('Deleting network device(s): real0\n');
    await back();
    expect(existsSync(note('102/net'))).toBe(false);
  });

  test.skipIf(!existsSync('/usr/bin/strace'))(
    'it is back, whatever word to the kernel a way home that was killed had come to',
    async () => {
      let killed = 0;
      for (let word = 1; word <= 8; word++) {
        done('set', '102', '--netdev_add', 'real0');
        gone();
        // netlink of the launcher; ip and node have other calls for theirs
        const inject = `strace -f -qq -o /dev/null -e trace=sendto -e inject=sendto:signal=KILL:when=${word}`;
        if (lab.node(`${inject} ${NODE} ${MAIN} vzctl set 102 --netdev_del real0`).status !== 0) killed++;
        done('set', '102', '--netdev_del', 'real0');
        await back(`word ${word}`);
      }
      expect(killed).toBeGreaterThan(3);
    },
  );

  test('it is back after all processes were killed at once', async () => {
    done('start', '101');
    gone();
    const pids = ['keeper', 'init'].map((file) => Number(readFileSync(note(`101/${file}`), 'utf8').split(' ')[0]));
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    for (const pid of pids) await until(() => !existsSync(`/proc/${pid}`));
    done('stop', '101', '--fast');
    await back();
    expect(existsSync(note('101/net'))).toBe(false);
  });

  test('it is in the container again after a reboot inside', async () => {
    done('start', '101');
    const before = readFileSync(note('101/init'), 'utf8');
    lab.vzctl('exec2', '101', 'reboot');
    await until(() => existsSync(note('101/init')) && readFileSync(note('101/init'), 'utf8') !== before);
    await until(() => lab.inside(101, 'ip link show real0').status === 0);
    // its device is there before its init is
    await until(() => lab.vzctl('exec2', '101', 'pidof crond').status === 0);
    lab.vzctl('exec2', '101', 'halt');
    await until(() => !existsSync(note('101/network')));
    await back();
  });

  test('the device of the session that asks, and the way out of the node, stay', () => {
    lab.node(`ip route add default via ${WIRE.lan}`);
    expect(lab.vzctl('set', '102', '--netdev_add', 'wire0').err).toContain("Network device wire0 carries the node's default route");
    lab.node('ip route del default');
    lab.env['SSH_CONNECTION'] = `${WIRE.lan} 40000 ${WIRE.node} 22`;
    expect(lab.vzctl('set', '102', '--netdev_add', 'wire0').err).toContain('Network device wire0 carries the session that asks for it');
    delete lab.env['SSH_CONNECTION'];
  });

  test('half way home, where a call that was killed has left it, it is found', () => {
    done('set', '102', '--netdev_add', 'real0');
    const passing = `back${Number(had.split(':')[0]).toString(16).padStart(8, '0')}`;
    lab.inside(102, `ip link set real0 down; ip link set real0 name ${passing}; ip link set ${passing} netns ${lab.nodePid}`);
    expect(lab.node(`ip link show ${passing}`).status).toBe(0);
    done('set', '102', '--netdev_del', 'real0');
    // the index is the one that it came with: only the whole way gives it back
    const unnumbered = (text: string): string => text.replace(/^\d+: /gm, '');
    expect(unnumbered(lab.node(LOOK).out)).toBe(unnumbered(had));
  });

  test('one whose name the node has again comes back beside it, and others as they were', () => {
    lab.node('ip link add real2 type veth peer name real3; ip addr add 203.0.114.1/24 dev real2');
    done('set', '102', '--netdev_add', 'real0 real2');
    lab.node('ip link add real0 type bridge');
    const said = lab.vzctl('set', '102', '--netdev_del', 'real0 real2');
    expect(said).toMatchObject({ status: 0, err: expect.stringContaining('the node has another real0 by now') });
    expect(lab.node('ip addr show real2').out).toContain('203.0.114.1/24');
    expect(lab.node('ip addr show real0').out).not.toContain('inet ');
    const [, back = 'none'] = /^\d+: (dev\d+)@/m.exec(lab.node('ip -o link').out) ?? [];
    lab.node(`ip link del real0; ip link del real2; ip link set ${back} name real0`);
  });

  test('one that root inside has deleted is found: the node makes another one, which a repair moves in, or it is given up', () => {
    const two = 'ip link add real2 type veth peer name real3; ip addr add 203.0.114.1/24 dev real2';
    const findings = (): NetCheck['findings'] => JSON.parse(lab.vzdeck('net', 'check', '--json').out).findings;
    lab.node(two);
    done('set', '102', '--netdev_add', 'real2');
    // whatever it is called
    lab.inside(102, 'ip link set real2 name mine');
    expect(findings()).toEqual([]);
    lab.inside(102, 'ip link del mine');
    expect(findings()).toMatchObject([
      { rule: 'devices', cts: [102], object: 'real2 of container 102', remedy: 'vzctl set 102 --netdev_del real2 --save' },
    ]);
    lab.vzdeck('net', 'check', '--repair');
    expect(findings()).toHaveLength(1);
    lab.node(two.replace('114.1', '114.2'));
    expect(findings()).toMatchObject([{ rule: 'devices', remedy: 'vzdeck net check --repair' }]);
    expect(lab.vzdeck('net', 'check', '--repair')).toMatchObject({ status: 0 });
    expect(lab.inside(102, 'ip link show real2').status).toBe(0);
    expect(lab.node('ip link show real2').status).toBe(1);
    done('set', '102', '--netdev_del', 'real2');
    expect(lab.node('ip addr show real2').out).toContain('203.0.114.2/24');
    done('set', '102', '--netdev_add', 'real2');
    lab.inside(102, 'ip link del real2');
    expect(lab.vzctl('set', '102', '--netdev_del', 'real2')).toMatchObject({
      status: 0,
      err: expect.stringContaining('real2 does not come back: root inside container 102 has deleted it'),
    });
    expect(findings()).toEqual([]);
  });

  test('nothing stays', () => {
    done('stop', '102', '--fast');
    lab.node('ip link del real0; ip route del 198.51.102.0/24');
    expect(lab.changed()).toEqual([]);
  });
});
