// Before a container takes an address, the wire is asked whether somebody has it: neighbours that answer themselves, or for somebody else, by IPv4 and
// IPv6, behind a device of the node and behind a bridge.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { inNetLab } from './net-lab.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const TAKEN = '192.0.2.201';
const TAKEN6 = '2001:db8:1::201';
const FREE = '192.0.2.101';

inNetLab('an address that somebody on the wire has', (lab) => {
  let mac: string;
  const done = (...words: string[]): string => {
    const said = lab.vzctl(...words);
    expect({ words, ...said }).toMatchObject({ status: 0 });
    return said.err;
  };
  const refused = (address: string, device = 'wire0', by = mac) => ({
    status: 78,
    err: expect.stringContaining(`Unable to add IP ${address}: it is answered for by ${by} on ${device}`),
  });
  const macOf = (link: string): string => /link\/ether (\S+)/.exec(lab.lan(`ip link show ${link}`).out)?.[1] ?? '';
  const nodeHas = (): string => lab.node('ip route; ip -6 route; ip neigh show proxy; nft list ruleset').out;
  const setting = (line: string): void => {
    const file = join(lab.root, 'etc/vz/vz.conf');
    const text = readFileSync(file, 'utf8').replace(/^(SKIP_ARPDETECT|ERROR_ON_ARPFAIL)=.*\n/gm, '');
    writeFileSync(file, `${text}${line}\n`);
  };

  beforeAll(async () => {
    mac = macOf('wire1');
    lab.lan(`ip addr add ${TAKEN}/24 dev wire1; ip addr add ${TAKEN6}/64 dev wire1 nodad`);
    done('create', '101', '--ipadd', FREE);
    expect(done('start', '101')).toBe('');
  });

  test.each([TAKEN, TAKEN6])('is refused for a container that runs, with the MAC that answers, and nothing stays (%s)', (address) => {
    const before = nodeHas();
    expect(lab.vzctl('set', '101', '--ipadd', `${address} 192.0.2.111`, '--save')).toMatchObject(refused(address));
    expect(nodeHas()).toBe(before);
    expect(readFileSync(join(lab.root, 'etc/vz/conf/101.conf'), 'utf8')).toContain(`IP_ADDRESS="${FREE}"`);
    expect(lab.lan(`busybox ping -c1 -W5 ${FREE}`).status).toBe(0);
    done('set', '101', '--ipadd', '192.0.2.111', '--ipadd', '2001:db8:1::111');
  });

  test.each([TAKEN, TAKEN6])('is refused at a start, and nothing stays (%s)', (address) => {
    done('create', '102', '--ipadd', `192.0.2.102 ${address}`);
    const before = nodeHas();
    expect(lab.vzctl('start', '102')).toMatchObject(refused(address));
    expect(lab.vzctl('status', '102').out).toContain('down');
    expect(nodeHas()).toBe(before);
    done('destroy', '102');
  });

  test('is refused where another node answers for a container of its own', () => {
    lab.lan('echo 1 >/proc/sys/net/ipv4/conf/all/forwarding; echo 0 >/proc/sys/net/ipv4/neigh/wire1/proxy_delay');
    lab.lan('echo 1 >/proc/sys/net/ipv6/conf/all/forwarding; echo 1 >/proc/sys/net/ipv6/conf/wire1/proxy_ndp');
    lab.lan(
      'echo 0 >/proc/sys/net/ipv6/neigh/wire1/proxy_delay; ip link add ct0 type veth peer name ct1; ip link set ct0 up; ip link set ct1 up; ip route add 192.0.2.202 dev ct0',
    );
    lab.lan('ip neigh add proxy 192.0.2.202 dev wire1; ip -6 neigh add proxy 2001:db8:1::202 dev wire1');
    for (const address of ['192.0.2.202', '2001:db8:1::202'])
      expect(lab.vzctl('set', '101', '--ipadd', address)).toMatchObject(refused(address));
  });

  test('is refused behind the bridge that the container would join', () => {
    lab.node(`ip link add br7 type bridge; ip link set br7 up; ip link add leg0 type veth peer name leg1 netns ${lab.lanPid}`);
    lab.node('ip link set leg0 master br7; ip link set leg0 up');
    lab.lan('ip addr add 10.7.0.201/24 dev leg1; ip addr add fd07::201/64 dev leg1 nodad; ip link set leg1 up');
    const by = macOf('leg1');
    done('set', '101', '--netif_add', 'eth0,,,,br7', '--save');
    for (const address of ['10.7.0.201', 'fd07::201'])
      expect(lab.vzctl('set', '101', '--ifname', 'eth0', '--address', address, '--configure', 'all', '--save')).toMatchObject(
        refused(address, 'br7', by),
      );
    done('set', '101', '--ifname', 'eth0', '--address', '10.7.0.101/24', '--configure', 'all', '--save');
    done('set', '101', '--netif_del', 'eth0', '--save');
    lab.node('ip link del leg0; ip link del br7');
  });

  test('is taken where nobody is to be asked, or a warning is enough', () => {
    done('set', '101', '--ipadd', TAKEN, '--skip_arpdetect');
    done('set', '101', '--ipdel', TAKEN);
    setting('ERROR_ON_ARPFAIL="no"');
    const warning = `Warning: IP ${TAKEN} is answered for by ${mac} on wire0, and is used all the same`;
    expect(done('set', '101', '--ipadd', TAKEN)).toContain(warning);
    done('set', '101', '--ipdel', TAKEN);
    setting('SKIP_ARPDETECT="yes"');
    expect(done('set', '101', '--ipadd', TAKEN)).not.toContain(mac);
    done('set', '101', '--ipdel', TAKEN);
    setting('');
    expect(lab.vzctl('set', '101', '--ipadd', TAKEN)).toMatchObject(refused(TAKEN));
  });

  test('that nobody has any more is had at once', () => {
    lab.lan(`ip addr del ${TAKEN}/24 dev wire1`);
    done('set', '101', '--ipadd', TAKEN);
    expect(lab.node(`busybox ping -c1 -W5 ${TAKEN}`).status).toBe(0);
  });

  test('is not asked for where the wire is out, and that is nobody’s refusal', () => {
    lab.lan('ip link set wire1 down');
    done('set', '101', '--ipadd', '192.0.2.112');
    lab.node('ip link set wire0 down');
    done('stop', '101', '--fast');
    done('start', '101');
  });
});
