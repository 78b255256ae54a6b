// Links of the node in the files of distributions: golden texts of each program that keeps a network, ours only, once, and gone with the last address.
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/engine/spec/ip.ts';
import type { GuestLink } from '../../../src/engine/template/distro/interface-keepers.ts';
import { interfaceChanges, interfaceTells, withoutPart } from '../../../src/engine/template/distro/interfaces.ts';
import type { Seen } from '../../../src/engine/template/seen.ts';

type Files = Readonly<Record<string, string>>;

/** A text of null stands for what is no file. */
const seen = (files: Readonly<Record<string, string | null>>): Seen => ({
  text: (path) => files[path] ?? null,
  names: (dir) => Object.keys(files).flatMap((path) => (path.startsWith(`${dir}/`) ? [path.slice(dir.length + 1)] : [])),
  there: (path) => Object.hasOwn(files, path),
  link: () => null,
  answers: () => null,
});
const addresses = (text: string): GuestLink['addresses'] => text.split(' ').flatMap((word) => parseAddress(word) ?? []);
const VENET: GuestLink = {
  name: 'venet0',
  addresses: addresses('10.0.0.1/32 10.0.0.2/24 2001:db8::1/64'),
  ways: [
    { family: 4, via: '' },
    { family: 6, via: '' },
  ],
  silent: true,
};
const VETH: GuestLink = {
  name: 'eth0',
  addresses: addresses('192.0.2.7/24 2001:db8:1::7/64 2001:db8:1::8/64'),
  ways: [
    { family: 4, via: '192.0.2.1' },
    { family: 6, via: '2001:db8:1::1' },
  ],
  silent: false,
};
const BOTH = [VENET, VETH];

/** The tree afterwards. */
function settled(files: Files, links: readonly GuestLink[]): Files {
  const after = new Map(Object.entries(files));
  for (const op of interfaceChanges(seen(files), links).ops) {
    if (op.op === 'write') after.set(op.path, Buffer.from(op.data).toString('latin1'));
    if (op.op === 'remove') after.delete(op.path);
  }
  return Object.fromEntries(after);
}

const OURS = '# Addresses of the node: this file is written anew with each change.\n';
const [BEGIN, END] = [
  '# Addresses of the node begin here. They are written anew with each change.\n',
  '# Addresses of the node end here.\n',
];

const LO = 'auto lo\niface lo inet loopback\n';
const STANZAS = `auto venet0
iface venet0 inet manual
	up ip link set venet0 up || true
	up ip addr replace 10.0.0.1/32 dev venet0 label venet0:0 || true
	up ip addr replace 10.0.0.2/24 dev venet0 label venet0:1 || true
	up ip -6 addr replace 2001:db8::1/64 dev venet0 || true
	up ip route replace default dev venet0 || true
	up ip -6 route replace default dev venet0 || true
auto eth0
iface eth0 inet manual
	up ip link set eth0 up || true
	up ip addr replace 192.0.2.7/24 dev eth0 || true
	up ip -6 addr replace 2001:db8:1::7/64 dev eth0 || true
	up ip -6 addr replace 2001:db8:1::8/64 dev eth0 || true
	up ip route replace default via 192.0.2.1 dev eth0 onlink || true
	up ip -6 route replace default via 2001:db8:1::1 dev eth0 onlink || true
`;
const unit = (name: string, local: string): string =>
  `${OURS}[Match]\nName=${name}\n\n[Network]\nKeepConfiguration=yes\nDHCP=no\nIPv6AcceptRA=no\nLinkLocalAddressing=${local}\n`;

interface Golden {
  readonly what: string;
  readonly tree: Files;
  /** What comes to it, or is there instead. */
  readonly after: Files;
}
const ifupdown: Golden = {
  what: 'Debian, Devuan and Alpine with ifupdown, busybox',
  tree: { '/etc/network/interfaces': LO },
  after: { '/etc/network/interfaces': `${LO}${BEGIN}${STANZAS}${END}` },
};
const GOLDEN: readonly Golden[] = [
  ifupdown,
  {
    what: 'systemd-networkd, of whomever',
    tree: { '/usr/lib/systemd/systemd-networkd': '' },
    after: {
      '/etc/systemd/network/10-vzdeck-venet.network': unit('venet0', 'no'),
      '/etc/systemd/network/10-vzdeck-veth.network': unit('eth0', 'ipv6'),
    },
  },
  {
    what: 'netplan, whose files name neither',
    tree: { '/usr/sbin/netplan': '', '/etc/netplan/50-cloud-init.yaml': 'network: {version: 2}\n', '/lib/systemd/systemd-networkd': '' },
    after: {
      '/etc/systemd/network/10-vzdeck-venet.network': unit('venet0', 'no'),
      '/etc/systemd/network/10-vzdeck-veth.network': unit('eth0', 'ipv6'),
    },
  },
  {
    what: 'NetworkManager, of Fedora and Red Hat 9',
    tree: { '/usr/sbin/NetworkManager': '' },
    after: {
      '/etc/NetworkManager/conf.d/90-vzdeck-links.conf': `${OURS}[keyfile]\nunmanaged-devices+=interface-name:venet0;interface-name:eth0\n`,
    },
  },
  {
    what: 'network scripts of Red Hat up to 8',
    tree: { '/etc/sysconfig/network-scripts': '', '/etc/sysconfig/network-scripts/ifcfg-lo': 'DEVICE=lo\n' },
    after: {
      '/etc/sysconfig/network-scripts/ifcfg-venet0': `${OURS}DEVICE=venet0
ONBOOT=yes
BOOTPROTO=none
NM_CONTROLLED=no
NOZEROCONF=yes
IPADDR0=10.0.0.1
PREFIX0=32
ARPCHECK0=no
ARPUPDATE0=no
IPADDR1=10.0.0.2
PREFIX1=24
ARPCHECK1=no
ARPUPDATE1=no
GATEWAYDEV=venet0
IPV6INIT=yes
IPV6_AUTOCONF=no
IPV6ADDR=2001:db8::1/64
IPV6_DEFAULTDEV=venet0
`,
      '/etc/sysconfig/network-scripts/ifcfg-eth0': `${OURS}DEVICE=eth0
ONBOOT=yes
BOOTPROTO=none
NM_CONTROLLED=no
NOZEROCONF=yes
IPADDR0=192.0.2.7
PREFIX0=24
ARPCHECK0=no
ARPUPDATE0=no
GATEWAYDEV=eth0
GATEWAY=192.0.2.1
IPV6INIT=yes
IPV6_AUTOCONF=no
IPV6ADDR=2001:db8:1::7/64
IPV6ADDR_SECONDARIES="2001:db8:1::8/64"
IPV6_DEFAULTDEV=eth0
IPV6_DEFAULTGW=2001:db8:1::1
`,
    },
  },
  {
    what: 'wicked of SUSE',
    tree: { '/usr/sbin/wicked': '', '/etc/sysconfig/network/config': '' },
    after: {
      '/etc/sysconfig/network/ifcfg-venet0': `${OURS}STARTMODE='auto'
BOOTPROTO='static'
CHECK_DUPLICATE_IP='no'
SEND_GRATUITOUS_ARP='no'
IPADDR_0='10.0.0.1/32'
LABEL_0='0'
IPADDR_1='10.0.0.2/24'
LABEL_1='1'
IPADDR_2='2001:db8::1/64'
`,
      '/etc/sysconfig/network/ifroute-venet0': `${OURS}0.0.0.0/0 - - venet0\n::/0 - - venet0\n`,
      '/etc/sysconfig/network/ifcfg-eth0': `${OURS}STARTMODE='auto'
BOOTPROTO='static'
CHECK_DUPLICATE_IP='no'
SEND_GRATUITOUS_ARP='no'
IPADDR_0='192.0.2.7/24'
IPADDR_1='2001:db8:1::7/64'
IPADDR_2='2001:db8:1::8/64'
`,
      '/etc/sysconfig/network/ifroute-eth0': `${OURS}0.0.0.0/0 192.0.2.1 - eth0\n::/0 2001:db8:1::1 - eth0\n`,
    },
  },
  {
    what: 'netifrc of Gentoo',
    tree: { '/etc/init.d/net.lo': '', '/etc/conf.d/net': 'dns_domain_lo="x"\n' },
    after: {
      '/etc/conf.d/net': `dns_domain_lo="x"
${BEGIN}config_venet0="noop
10.0.0.1/32
10.0.0.2/24
2001:db8::1/64"
routes_venet0="default
-6 default"
config_eth0="noop
192.0.2.7/24
2001:db8:1::7/64
2001:db8:1::8/64"
routes_eth0="default via 192.0.2.1
-6 default via 2001:db8:1::1"
${END}`,
    },
  },
  { what: 'netctl of Arch, which leaves what it has no profile of', tree: { '/etc/netctl/examples/ethernet-static': '' }, after: {} },
  {
    what: 'rc.inet1 of Slackware, which leaves what it does not name',
    tree: { '/etc/rc.d/rc.inet1.conf': 'IFNAME[0]="eth0"\n' },
    after: {},
  },
  { what: 'a tree that keeps no network', tree: {}, after: {} },
];

describe.each(GOLDEN)('$what', ({ tree, after }) => {
  test('is told of links in texts of its own, once', () => {
    const once = settled(tree, BOTH);
    expect(once).toEqual({ ...tree, ...after });
    expect(interfaceChanges(seen(once), BOTH)).toEqual({ ops: [], notes: [] });
  });

  test('keeps what is left, and has its own files byte for byte after the last', () => {
    const both = settled(tree, BOTH);
    const one = settled(both, [VENET]);
    expect(JSON.stringify(one)).not.toContain('eth0: ');
    expect(one).toEqual(settled(tree, [VENET]));
    expect(settled(one, [])).toEqual(tree);
    expect(settled(tree, [])).toEqual(tree);
  });
});

test('lines of the container itself survive, wherever it puts them, and a last line without its end', () => {
  const file = '/etc/network/interfaces';
  for (const own of [LO, LO.trimEnd(), '', '\n', '# caf\xe9\r\n']) {
    const once = settled({ [file]: own }, [VENET])[file] ?? '';
    expect(withoutPart(once)).toBe(own);
    expect(withoutPart(`# mine\n${once}`)).toBe(`# mine\n${own}`);
    const ended = once.endsWith('\n') ? once : `${once}\n`;
    const line = own === '' || own.endsWith('\n') ? own : `${own}\n`;
    expect(settled({ [file]: `${ended}auto eth1\n` }, [])[file]).toBe(`${line}auto eth1\n`);
  }
  // without its last line our part is nobody's any more: nothing goes with it that came later
  const torn = `${LO}${BEGIN}auto venet0\nauto eth1\n`;
  expect(settled(settled({ [file]: torn }, [VENET]), [])[file]).toBe(torn);
});

test('files of somebody else stay, and so does what is no file, with a note', () => {
  const scripts = '/etc/sysconfig/network-scripts';
  const mine = { [scripts]: '', [`${scripts}/ifcfg-venet0`]: 'DEVICE=venet0\nIPADDR=10.9.9.9\n' };
  expect(interfaceChanges(seen(mine), [VENET])).toEqual({ ops: [], notes: [`${scripts}/ifcfg-venet0 is somebody else's, and stays`] });
  expect(settled(mine, [])).toEqual(mine);
  const odd = {
    '/etc/network/interfaces': null,
    '/usr/lib/systemd/systemd-networkd': '',
    '/etc/systemd/network/10-vzdeck-venet.network': null,
  };
  expect(interfaceChanges(seen(odd), [VENET])).toEqual({
    ops: [],
    notes: [
      '/etc/network/interfaces is no file that can be read',
      "/etc/systemd/network/10-vzdeck-venet.network is somebody else's, and stays",
    ],
  });
  expect(interfaceChanges(seen(odd), [])).toEqual({ ops: [], notes: [] });
});

test('lines for the same link in files of ifupdown are told', () => {
  const own = {
    '/etc/network/interfaces': `${LO}iface venet0:0 inet static\n`,
    '/etc/network/interfaces.d/cloud': 'iface eth0 inet dhcp\n',
  };
  expect(interfaceChanges(seen(own), BOTH).notes).toEqual([
    '/etc/network/interfaces has lines of its own for venet0, which stay',
    '/etc/network/interfaces.d/cloud has lines of its own for eth0, which stay',
  ]);
  expect(interfaceChanges(seen(settled({ '/etc/network/interfaces': LO }, BOTH)), BOTH).notes).toEqual([]);
});

test('a name that a shell would read otherwise stands in no file', () => {
  for (const name of ['$(reboot)', '`x`', 'a b', 'eth*', '-x', 'a"b', 'a\nauto x']) {
    const { ops, notes } = interfaceChanges(seen(ifupdown.tree), [{ ...VETH, name }]);
    expect({ name, ops, notes: notes.length }).toEqual({ name, ops: [], notes: 1 });
  }
});

test('NetworkManager alone has to be told', () => {
  expect(interfaceTells(seen(ifupdown.tree))).toEqual([]);
  expect(interfaceTells(seen({ '/usr/bin/NetworkManager': '' }))).toEqual([['nmcli', 'general', 'reload', 'conf']]);
});
