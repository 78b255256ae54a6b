// Host name, resolver and time zone on small trees of each family, through the launcher's handle: each gets what its own programs read, twice is
// as good as once, taking it back leaves what was there, and nothing in a tree leads out of it.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lookInside, namesFor, namesOps } from '../../../src/engine/ct/inside/names.ts';
import { changeTree } from '../../../src/engine/ct/inside/tree.ts';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import type { Host } from '../../../src/engine/host/port.ts';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import { loadNodeConfig, type NodeConfig } from '../../../src/engine/store/node-config.ts';
import { LAUNCHER, requires } from '../requires.ts';

/** Path → text, "-> TARGET" for a link. */
type Tree = Readonly<Record<string, string>>;

const HOSTS = '127.0.0.1\tlocalhost\n';
const NAMED = `${HOSTS}# Auto-generated hostname. Please do not remove this comment.\n10.0.0.7\tweb.example.org web\n`;
const SYSTEMD = { '/usr/lib/systemd/systemd': '' };
const RESOLVER = 'search example.org lan\nnameserver 10.0.0.53\nnameserver 2001:db8::53\n';
const RESOLVED = '[Resolve]\nDNS=10.0.0.53 2001:db8::53\nDomains=example.org lan\n';

interface Made {
  readonly what: string;
  readonly family: string;
  readonly tree: Tree;
  /** What stands there afterwards; null: nothing. */
  readonly after: Readonly<Record<string, string | null>>;
  readonly ostemplate?: string;
}

const plain = { '/etc/hostname': 'web.example.org\n', '/etc/resolv.conf': RESOLVER };
const MADE: readonly Made[] = [
  {
    what: 'Debian',
    family: 'debian',
    tree: {
      '/etc/os-release': 'PRETTY_NAME="Debian"\nID=debian\n',
      ...SYSTEMD,
      '/etc/timezone': 'Etc/UTC\n',
      '/usr/share/zoneinfo/Europe/Berlin': 'TZif2',
      '/etc/localtime': '-> /usr/share/zoneinfo/Etc/UTC',
    },
    after: {
      ...plain,
      '/etc/timezone': 'Europe/Berlin\n',
      '/etc/localtime': '-> ../usr/share/zoneinfo/Europe/Berlin',
      '/etc/sysconfig': null,
    },
  },
  {
    what: 'Ubuntu, whose resolver is a stub of systemd',
    family: 'debian',
    tree: {
      '/etc/os-release': '-> ../usr/lib/os-release',
      '/usr/lib/os-release': 'ID=ubuntu\nID_LIKE=debian\n',
      ...SYSTEMD,
      '/etc/resolv.conf': '-> ../run/systemd/resolve/stub-resolv.conf',
      '/etc/systemd/system/sysinit.target.wants/systemd-resolved.service': '-> /usr/lib/systemd/system/systemd-resolved.service',
    },
    after: {
      '/etc/hostname': 'web.example.org\n',
      '/etc/resolv.conf': '-> ../run/systemd/resolve/stub-resolv.conf',
      '/etc/systemd/resolved.conf.d/vzdeck.conf': RESOLVED,
    },
  },
  {
    what: 'a link to a stub that nothing keeps',
    family: 'debian',
    tree: { '/etc/os-release': 'ID=ubuntu\n', ...SYSTEMD, '/etc/resolv.conf': '-> ../run/systemd/resolve/stub-resolv.conf' },
    after: { ...plain, '/etc/systemd/resolved.conf.d': null },
  },
  {
    what: 'Devuan with resolvconf',
    family: 'debian',
    tree: {
      '/etc/devuan_version': 'daedalus\n',
      '/etc/resolv.conf': '-> /run/resolvconf/resolv.conf',
      '/sbin/resolvconf': '#!/bin/sh\n',
      '/etc/resolvconf/resolv.conf.d/base': '# mine\n',
    },
    after: {
      '/etc/hostname': 'web.example.org\n',
      '/etc/resolvconf/resolv.conf.d/base': `search example.org lan\n# mine\n${RESOLVER.slice(23)}`,
    },
  },
  {
    what: 'Alpine',
    family: 'alpine',
    tree: { '/etc/alpine-release': '3.20.0\n', '/etc/os-release': 'ID=alpine\n', '/etc/hostname': 'localhost\n' },
    after: plain,
  },
  {
    what: 'CentOS 6',
    family: 'redhat',
    tree: {
      '/etc/centos-release': 'CentOS release 6.10 (Final)\n',
      '/etc/redhat-release': '-> centos-release',
      '/etc/sysconfig/network': 'NETWORKING="yes"\nHOSTNAME=localhost\n',
      '/etc/sysconfig/clock': 'ZONE="Etc/UTC"\nUTC=true\n',
    },
    after: {
      '/etc/hostname': null,
      '/etc/sysconfig/network': 'NETWORKING="yes"\nHOSTNAME="web.example.org"\n',
      '/etc/sysconfig/clock': 'ZONE="Europe/Berlin"\nUTC=true\n',
      '/etc/resolv.conf': RESOLVER,
    },
  },
  {
    what: 'Rocky 9 with NetworkManager',
    family: 'redhat',
    tree: {
      '/etc/os-release': 'ID="rocky"\nID_LIKE="rhel centos fedora"\n',
      ...SYSTEMD,
      '/etc/sysconfig/network': '# Created by anaconda\n',
      '/usr/sbin/NetworkManager': '',
    },
    after: {
      ...plain,
      '/etc/sysconfig/network': '# Created by anaconda\n',
      '/etc/NetworkManager/conf.d/90-vzdeck-dns.conf': '[main]\ndns=none\n',
    },
  },
  {
    what: 'Fedora',
    family: 'redhat',
    tree: { '/etc/os-release': 'ID=fedora\n', ...SYSTEMD },
    after: { ...plain, '/etc/sysconfig/network': null },
  },
  {
    what: 'openSUSE with netconfig',
    family: 'suse',
    tree: {
      '/etc/os-release': 'ID="opensuse-leap"\nID_LIKE="suse opensuse"\n',
      ...SYSTEMD,
      '/etc/resolv.conf': '-> /run/netconfig/resolv.conf',
      '/usr/sbin/netconfig': '',
      '/etc/sysconfig/network/config': 'NETCONFIG_DNS_STATIC_SERVERS=""\nOTHER="x"\n',
    },
    after: {
      '/etc/hostname': 'web.example.org\n',
      '/etc/HOSTNAME': null,
      '/etc/sysconfig/network/config':
        'NETCONFIG_DNS_STATIC_SERVERS="10.0.0.53 2001:db8::53"\nOTHER="x"\nNETCONFIG_DNS_STATIC_SEARCHLIST="example.org lan"\n',
    },
  },
  {
    what: 'SUSE 11',
    family: 'suse',
    tree: { '/etc/SuSE-release': 'SUSE Linux Enterprise Server 11\n' },
    after: { '/etc/HOSTNAME': 'web.example.org\n', '/etc/resolv.conf': RESOLVER },
  },
  { what: 'Arch', family: 'arch', tree: { '/etc/arch-release': '', '/etc/os-release': 'ID=arch\n', ...SYSTEMD }, after: plain },
  {
    what: 'Gentoo with OpenRC',
    family: 'gentoo',
    tree: { '/etc/gentoo-release': 'Gentoo Base System release 2.15\n', '/etc/conf.d/hostname': '# Set\nhostname="localhost"\n' },
    after: {
      '/etc/conf.d/hostname': '# Set\nhostname="web.example.org"\n',
      '/etc/hostname': null,
      '/etc/timezone': 'Europe/Berlin\n',
      '/etc/resolv.conf': RESOLVER,
    },
  },
  {
    what: 'Slackware',
    family: 'slackware',
    tree: { '/etc/slackware-version': 'Slackware 15.0\n' },
    after: { '/etc/HOSTNAME': 'web.example.org\n', '/etc/hostname': null, '/etc/resolv.conf': RESOLVER },
  },
  {
    what: 'ALT',
    family: 'altlinux',
    tree: { '/etc/altlinux-release': 'ALT\n', '/etc/sysconfig/network': 'NETWORKING=yes\n' },
    after: { '/etc/sysconfig/network': 'NETWORKING=yes\nHOSTNAME="web.example.org"\n' },
  },
  { what: 'busybox', family: 'busybox', tree: { '/etc/os-release': 'ID=busybox\n' }, after: plain },
  {
    what: 'a tree that only its template tells about',
    family: 'redhat',
    ostemplate: 'centos-5-x86_64',
    tree: { '/bin/sh': '' },
    after: { '/etc/sysconfig/network': 'HOSTNAME="web.example.org"\n' },
  },
  { what: 'whatever else there is', family: 'other', tree: { '/bin/sh': '' }, after: plain },
];

requires('root', 'launcher')('names inside', () => {
  let host: Host;
  let node: NodeConfig;
  let dir: string;
  let root: string;
  let count = 0;
  beforeAll(() => {
    dir = mkdtempSync('/tmp/vzdeck-families-');
    host = openLinuxHost(dir, openLauncher(LAUNCHER));
    node = loadNodeConfig(host.files, dir);
  });
  afterAll(() => {
    host.launcher.close();
    rmSync(dir, { recursive: true });
  });
  beforeEach(() => {
    root = join(dir, `tree-${++count}`);
    mkdirSync(join(root, 'etc'), { recursive: true });
  });

  const plant = (tree: Tree): void => {
    for (const [path, text] of Object.entries({ '/etc/hosts': HOSTS, ...tree })) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      if (text.startsWith('-> ')) symlinkSync(text.slice(3), join(root, path));
      else writeFileSync(join(root, path), text);
    }
  };
  const found = (path: string): string | null => {
    const at = join(root, path);
    const there = lstatSync(at, { throwIfNoEntry: false });
    if (there === undefined) return null;
    return there.isSymbolicLink() ? `-> ${readlinkSync(at)}` : there.isDirectory() ? 'dir' : readFileSync(at, 'utf8');
  };
  const all = (at = ''): Readonly<Record<string, string | null>> =>
    Object.fromEntries(
      readdirSync(join(root, at), { recursive: true, encoding: 'utf8' })
        .map((name): [string, string | null] => [`/${name}`, found(name)])
        .filter(([, text]) => text !== 'dir')
        .sort(),
    );

  const VALUES = new Map([
    ['HOSTNAME', 'web.example.org'],
    ['IP_ADDRESS', '10.0.0.7/24 10.0.0.8'],
    ['NAMESERVER', '10.0.0.53 2001:db8::53'],
    ['SEARCHDOMAIN', 'example.org lan'],
    ['VZDECK_TIMEZONE', 'Europe/Berlin'],
  ]);
  const set = async (values: ReadonlyMap<string, string>) => {
    const ask: Parameters<typeof changeTree>[0] = (ops) => host.launcher.tree(root, ops);
    const looked = await lookInside(host, node, ask, values);
    const ops = namesOps(host, looked, namesFor(host, values));
    return { family: looked.family.name, ops, undo: await changeTree(ask, 101, ops) };
  };

  describe.each(MADE)('of $what', ({ family, tree, after, ostemplate }) => {
    test('stand where its own programs look', async () => {
      plant(tree);
      const values = new Map([...VALUES, ...(ostemplate === undefined ? [] : [['OSTEMPLATE', ostemplate] as const])]);
      const before = all();
      const first = await set(values);
      expect(first.family).toBe(family);
      for (const [path, text] of Object.entries({ '/etc/hosts': NAMED, ...after })) expect([path, found(path)]).toEqual([path, text]);
      expect((await set(values)).ops).toEqual([]);
      await first.undo();
      expect(all()).toEqual(before);
    });
  });

  test('of an administrator who names the script of another family follow it', async () => {
    plant({ '/etc/os-release': 'ID=debian\n' });
    mkdirSync(join(dir, 'etc/vz/dists'), { recursive: true });
    writeFileSync(join(dir, 'etc/vz/dists/own.conf'), '# mine\nADD_IP=slackware-add_ip.sh\nSET_HOSTNAME=slackware-set_hostname.sh\n');
    expect((await set(new Map([...VALUES, ['OSTEMPLATE', 'own-1.2-x86_64']]))).family).toBe('slackware');
    writeFileSync(join(dir, 'etc/vz/dists/own.conf'), 'SET_HOSTNAME=of-my-own.sh\n');
    expect((await set(new Map([...VALUES, ['OSTEMPLATE', 'own-1.2-x86_64']]))).family).toBe('debian');
  });

  test('change what differs, and keep what else stands there', async () => {
    plant({ '/etc/resolv.conf': '# by hand\noptions edns0\ndomain old\nnameserver 1.1.1.1\n', '/etc/hostname': '# comment\n' });
    await set(new Map([['NAMESERVER', '10.0.0.53']]));
    expect(found('/etc/resolv.conf')).toBe('# by hand\noptions edns0\ndomain old\nnameserver 10.0.0.53\n');
    expect(found('/etc/hosts')).toBe(HOSTS);
    await set(new Map([['SEARCHDOMAIN', 'new']]));
    expect(found('/etc/resolv.conf')).toBe('search new\n# by hand\noptions edns0\nnameserver 10.0.0.53\n');
    await set(new Map([['HOSTNAME', 'a']]));
    await set(
      new Map([
        ['HOSTNAME', 'b.c'],
        ['IP_ADDRESS', '10.1.1.1'],
      ]),
    );
    expect(found('/etc/hosts')).toBe(`${HOSTS}# Auto-generated hostname. Please do not remove this comment.\n10.1.1.1\tb.c b\n`);
  });

  test('never become shell: a file that is read by one has them quoted', async () => {
    plant({ '/etc/slackware': '', '/etc/sysconfig/network': 'HOSTNAME=x\n', '/etc/redhat-release': 'CentOS release 6\n' });
    await set(new Map([['HOSTNAME', 'a"$(reboot)`reboot`']]));
    expect(found('/etc/sysconfig/network')).toBe('HOSTNAME="a\\"\\$(reboot)\\`reboot\\`"\n');
  });

  test('leave everything outside of the tree alone, wherever its links lead', async () => {
    const outside = join(dir, 'outside');
    mkdirSync(outside, { recursive: true });
    for (const name of ['hostname', 'hosts', 'resolv.conf']) writeFileSync(join(outside, name), 'of the node\n');
    for (const target of [outside, `../../../../../../../..${outside}`]) {
      rmSync(join(root, 'etc'), { recursive: true, force: true });
      mkdirSync(join(root, 'etc'));
      for (const name of ['hostname', 'hosts', 'resolv.conf', 'localtime']) symlinkSync(`${target}/${name}`, join(root, 'etc', name));
      await set(VALUES).catch(() => {});
      rmSync(join(root, 'etc'), { recursive: true });
      symlinkSync(target, join(root, 'etc'));
      await set(VALUES).catch(() => {});
    }
    for (const name of ['hostname', 'hosts', 'resolv.conf']) expect(readFileSync(join(outside, name), 'utf8')).toBe('of the node\n');
    expect(readdirSync(outside).sort()).toEqual(['hostname', 'hosts', 'resolv.conf']);
  });

  test('are refused by name where something stands in the way, and nothing is half done', async () => {
    plant({ '/etc/os-release': 'ID=debian\n' });
    mkdirSync(join(root, 'etc/resolv.conf'));
    const before = all();
    await expect(set(VALUES)).rejects.toMatchObject({
      code: 'inside-refused',
      fields: { what: 'write /etc/resolv.conf', cause: 'EISDIR' },
    });
    expect(all()).toEqual(before);
    expect(existsSync(join(root, 'etc/hostname'))).toBe(false);
  });
});
