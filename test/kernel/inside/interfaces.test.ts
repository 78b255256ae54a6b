// Links of the node in the network files of trees that somebody has laid traps in: through the launcher's handle nothing is written outside, what is no
// plain file stays, and a container's other files are none the worse for it.
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { guestLinks, writeInterfaces } from '../../../src/engine/ct/inside/interfaces.ts';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import type { Host } from '../../../src/engine/host/port.ts';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import { loadNodeConfig, type NodeConfig } from '../../../src/engine/store/node-config.ts';
import { LAUNCHER, requires } from '../requires.ts';

const LO = 'auto lo\niface lo inet loopback\n';
const FILE = 'etc/network/interfaces';
const UNIT = 'etc/systemd/network/10-vzdeck-venet.network';
const VALUES = new Map([
  ['IP_ADDRESS', '10.0.0.7 2001:db8::7'],
  ['NETIF', 'ifname=eth0,ip=192.0.2.7/24,gw=192.0.2.1,configure=all;ifname=eth1,ip=192.0.2.8/24'],
]);

requires('root', 'launcher')('network files inside', () => {
  let host: Host;
  let node: NodeConfig;
  let dir: string;
  let root: string;
  let notes: string[];
  beforeAll(() => {
    dir = mkdtempSync('/tmp/vzdeck-interfaces-');
    host = openLinuxHost(dir, openLauncher(LAUNCHER));
    node = loadNodeConfig(host.files, dir);
  });
  afterAll(() => {
    host.launcher.close();
    rmSync(dir, { recursive: true });
  });
  beforeEach(() => {
    root = mkdtempSync(join(dir, 'tree-'));
    notes = [];
    plant('usr/lib/systemd/systemd-networkd', '');
    plant(FILE, LO);
  });
  const plant = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const read = (path: string): string => readFileSync(join(root, path), 'latin1');
  const set = (values: ReadonlyMap<string, string>) =>
    writeInterfaces({ report: ({ text }) => void notes.push(text) }, 101, guestLinks({ node }, 101, values), (work) =>
      work((ops) => host.launcher.tree(root, ops)),
    );

  test('are told of venet and of devices that the node sets up, and of no other', async () => {
    const { back } = await set(VALUES);
    expect(read(FILE)).toContain('\tup ip addr replace 10.0.0.7/32 dev venet0 label venet0:0 || true\n');
    expect(read(FILE)).toContain('\tup ip route replace default via 192.0.2.1 dev eth0 onlink || true\n');
    expect(read(FILE)).not.toContain('eth1');
    expect(read(UNIT)).toContain('Name=venet0\n');
    await back();
    expect(read(FILE)).toBe(LO);
    expect(notes).toEqual([]);
    await set(VALUES);
    await set(new Map([...VALUES, ['VZDECK_NETWORK', 'empty']]));
    expect(read(FILE)).toBe(LO);
    expect(readdirSync(join(root, 'etc/systemd/network'))).toEqual([]);
  });

  test('are nobody outside, wherever links lead', async () => {
    const outside = join(dir, 'outside');
    mkdirSync(outside, { recursive: true });
    for (const name of ['interfaces', 'interfaces.d', '10-vzdeck-venet.network']) writeFileSync(join(outside, name), 'of the node\n');
    for (const target of [outside, `../../../../../../../../..${outside}`])
      for (const [at, to] of [
        [FILE, `${target}/interfaces`],
        [UNIT, `${target}/10-vzdeck-venet.network`],
        ['etc/network', target],
        ['etc/systemd/network', target],
        ['etc/systemd', target],
        ['etc', target],
      ] as const) {
        rmSync(join(root, at), { recursive: true, force: true });
        mkdirSync(dirname(join(root, at)), { recursive: true });
        symlinkSync(to, join(root, at));
        await set(VALUES);
        await set(new Map([['IP_ADDRESS', '']]));
        rmSync(join(root, 'etc'), { recursive: true });
        plant(FILE, LO);
      }
    for (const name of readdirSync(outside)) expect(readFileSync(join(outside, name), 'utf8')).toBe('of the node\n');
    expect(readdirSync(outside)).toHaveLength(3);
  });

  test('that are fifos, directories, devices or links to nothing stay, and the others are written', async () => {
    const odd = [
      () => spawnSync('mkfifo', [join(root, FILE)]),
      () => mkdirSync(join(root, FILE)),
      () => spawnSync('mknod', [join(root, FILE), 'c', '1', '5']),
      () => symlinkSync('nothing', join(root, FILE)),
    ];
    for (const put of odd) {
      rmSync(join(root, 'etc'), { recursive: true });
      mkdirSync(join(root, 'etc/network'), { recursive: true });
      put();
      const before = lstatSync(join(root, FILE)).ino;
      notes = [];
      await set(VALUES);
      expect(lstatSync(join(root, FILE)).ino).toBe(before);
      expect(notes).toEqual(['Warning: network files of container 101: /etc/network/interfaces is no file that can be read']);
      expect(read(UNIT)).toContain('Name=venet0\n');
    }
  });

  test('that are huge, or lie where no directory is, are told and nothing is half done', async () => {
    truncateSync(join(root, FILE), 5 << 30);
    await set(VALUES);
    expect(notes.join('\n')).toMatch(/^Warning: network files of container 101: .*\/etc\/network\/interfaces.*4 MiB or more/);
    expect(lstatSync(join(root, FILE)).size).toBe(5 << 30);
    rmSync(join(root, FILE));
    plant(FILE, LO);
    plant('etc/systemd', 'no directory');
    notes = [];
    await set(VALUES);
    expect(notes.join('\n')).toContain('mkdir /etc/systemd/network: ENOTDIR');
    expect([read(FILE), read('etc/systemd')]).toEqual([LO, 'no directory']);
  });

  test('are many, and only the first are looked at', async () => {
    mkdirSync(join(root, 'etc/sysconfig/network-scripts'), { recursive: true });
    for (let i = 0; i < 500; i++) writeFileSync(join(root, `etc/sysconfig/network-scripts/ifcfg-x${i}`), 'x'.repeat(100_000));
    await set(VALUES);
    expect(read('etc/sysconfig/network-scripts/ifcfg-venet0')).toContain('IPADDR0=10.0.0.7\n');
    expect(read('etc/sysconfig/network-scripts/ifcfg-x7')).toHaveLength(100_000);
  });
});
