// What a container's network cannot have is told by its name and cause, and nothing of it is left; also what only the kernel knows to refuse.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { inNetLab } from './net-lab.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const ONLY_ON_KERNEL = 'this kernel has no links of that kind, nor a module for them';

/** Options of `vzctl set`, and what is said of them. */
const REFUSED: readonly (readonly [words: string, said: string])[] = [
  ['--ipadd 10.0.0.5/0', 'has a prefix that swallows the default route: /0'],
  ['--ipadd 128.0.0.5/1', 'has a prefix that swallows the default route: /1'],
  ['--ipadd 2001:db8:9::5/0', 'has a prefix that swallows the default route: /0'],
  ['--ifname eth0 --address 10.0.0.5/0', 'has a prefix that swallows the default route: /0'],
  // behind the semicolon there would be another device, or none that can be read
  ['--netif_add eth1,,,,br0;x', 'Bad parameter for --netif_add'],
  ['--netif_add eth1,,,,br0;ifname=eth2', 'Bad parameter for --netif_add'],
  ['--netif_add eth1,,;x', 'Bad parameter for --netif_add'],
  ['--netif_add eth1,,,,all', 'its bridge "all" is no name of a network device'],
  ['--netif_add default', 'its name "default" is no name of a network device'],
  ['--netif_add eth1,,,,real0', 'Unable to create veth device eth1: real0 is no bridge but a veth'],
  ['--ifname eth0 --bridge real0', 'Unable to create veth device eth0: real0 is no bridge but a veth'],
  ['--link_add eth0=macvlan:wire0', 'Network device eth0 is what another interface of this container is called inside'],
  ['--link_add venet0=macvlan:wire0', 'Network device venet0 is what another interface of this container is called inside'],
  ['--network empty --ipadd 10.0.0.6', '--network empty leaves nothing but loopback, which contradicts --ipadd'],
  [
    '--network empty --netif_add eth1 --rate 1mbit',
    '--network empty leaves nothing but loopback, which contradicts --netif_add and --rate',
  ],
  ['--netif_add real0,,veth101.9 --netdev_add real0', 'Network device real0 is what another interface of this container is called inside'],
];

inNetLab('what cannot be', (lab, done) => {
  const config = (): string => readFileSync(join(lab.root, 'etc/vz/conf/101.conf'), 'utf8');
  /** But for carriers, which the kernel tells of some time after what has brought or taken them. */
  const stands = (): string =>
    `${lab.node('ip -o link; ip -o addr; ip route; ip -6 route').out}${lab.inside(101, 'ip -o link; ip -o addr').out}`.replace(
      /NO-CARRIER,|,LOWER_UP| state \w+| linkdown| tentative/g,
      '',
    );
  const set = (words: string) => lab.vzctl('set', '101', ...words.split(' '), '--save');

  beforeAll(() => {
    lab.node(`ip link add real0 type veth peer name real0 netns ${lab.lanPid}`);
    done('create', '101', '--ipadd', '10.0.0.101');
    done('set', '101', '--netif_add', 'eth0,,,,br0', '--save');
    done('start', '101');
  });

  test.each(REFUSED)('%s', (words, said) => {
    const before = [config(), stands()];
    const { status, err, out } = set(words);
    expect(`${err}${out}`).toContain(said);
    expect(status).not.toBe(0);
    expect([config(), stands()]).toEqual(before);
  });

  test.each([
    ['--ipdel 10.0.0.9', 'no address 10.0.0.9 that could be taken away: it has 10.0.0.101', false],
    ['--netdev_del eth7', 'no device eth7 that could be taken away: it has none', false],
    ['--netif_del eth7', 'no device eth7 that could be taken away: it has eth0', false],
    ['--link_del eth7', 'no link eth7 that could be taken away: it has none', true],
    ['--forward_del tcp:80:80', 'no port tcp:80:80 that could be taken away: it has tcp:81:81', true],
  ])('%s of what is not there says so, vzctl where the original has no such option', (words, said, always) => {
    done('set', '101', '--forward', 'tcp:81:81', '--save');
    const before = stands();
    const friendly = lab.vzdeck('set', '101', ...words.split(' '), '--save');
    expect(friendly).toMatchObject({ status: 0, err: expect.stringContaining(`Warning: container 101 has ${said}`) });
    const { status, err } = set(words);
    expect([status, err.includes(said)]).toEqual([0, always]);
    expect(stands()).toEqual(before);
    done('set', '101', '--forward_del', 'tcp:81:81', '--save');
  });

  test.each([
    ['0.0.0.0', 'is nobody'],
    ['10.0.0.6 ::', ':: is nobody'],
    ['127.0.0.9', 'is loopback'],
    ['::1', 'is loopback'],
    ['224.0.0.5', 'is multicast'],
    ['ff02::5', 'is multicast'],
    ['255.255.255.255', 'is reserved'],
    ['192.0.2.255', 'is the broadcast address of 192.0.2.0/24'],
    ['169.254.1.1', 'is link-local'],
    ['fe80::5', 'is link-local'],
  ])('%s is no address of a container, and what would be one is told', (address, why) => {
    for (const id of ['101', '102']) {
      if (id === '102') done('create', '102');
      const { status, err } = lab.vzdeck('set', id, '--ipadd', address, '--save');
      expect([status === 0, err]).toEqual([false, expect.stringContaining(why)]);
      expect(err).toMatch(/--ipadd auto/);
      if (id === '102') lab.vzctl('destroy', '102');
    }
  });

  test('a bridge, which the kernel keeps in its network namespace, is told to be kept there', () => {
    lab.node('ip link add kept0 address 02:00:00:00:00:07 type bridge');
    const before = [config(), stands()];
    const { status, err } = set('--netdev_add kept0');
    expect(err).toContain('Network device kept0 cannot leave its network namespace: the kernel keeps it there');
    expect(status).toBe(104);
    expect([config(), stands()]).toEqual(before);
    lab.node('ip link del kept0');
  });

  test('a kind of link that this kernel does not have is told', () => {
    const has = lab.node('ip link add link wire0 name probed type ipvlan mode l2').status === 0;
    lab.node('ip link del probed');
    const { status, err } = set('--link_add eth5=ipvlan:wire0:l2');
    expect([status, err.includes(ONLY_ON_KERNEL)]).toEqual(has ? [0, false] : [34, true]);
    done('set', '101', '--link_del', 'all', '--save');
  });

  test('a bridge that cannot be made is refused by that call alone, and the next one goes on', () => {
    // a name that no list of links has, and yet is taken
    lab.node('ip link property add dev wire0 altname br5');
    const before = [config(), stands()];
    expect(set('--netif_add eth5,,,,br5').status).toBe(34);
    expect([config(), stands()]).toEqual(before);
    done('set', '101', '--netif_add', 'eth5,,,,br6', '--save');
    expect(lab.inside(101, 'ip link show eth5').status).toBe(0);
    done('set', '101', '--netif_del', 'eth5', '--save');
    expect([config(), stands()]).toEqual(before);
    lab.node('ip link property del dev wire0 altname br5');
  });

  test.each(['running', 'stopped'])('of two %s ones that ask for the same at once one gets it, and both go on', async (state) => {
    const at = state === 'running' ? 1 : 2;
    for (const verb of ['create', 'start']) if (at === 1) done(verb, '102');
    if (at === 2) done('stop', '102', '--fast');
    if (at === 2) done('stop', '101', '--fast');
    for (const words of [
      ['--ipadd', `10.0.0.${at}0`],
      ['--forward', `tcp:900${at}:80`],
      ['--forward', `tcp:901${at}:80`],
      ['--netif_add', `eth${at},00:18:51:00:00:0${at}`],
    ]) {
      const both = ['101', '102'].map((id) => lab.vzctlBeside('set', id, ...words, '--save'));
      const ends = await Promise.all(both.map(async (one) => (await once(one, 'exit'))[0]));
      expect([words, ends.filter((status) => status === 0).length]).toEqual([words, 1]);
    }
    for (const id of ['101', '102']) done('set', id, '--forward', `tcp:80${at}${id.at(-1)}:80`, '--save');
  });

  test('when it has stopped it is as it was', () => {
    for (const id of ['101', '102']) lab.vzctl('stop', id, '--fast');
    lab.node('ip link del real0');
    expect(lab.changed()).toEqual([]);
  });
});
