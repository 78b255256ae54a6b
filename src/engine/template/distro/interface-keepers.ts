// What keeps the network of a tree, as data: for each program its files and what stands in them, so that it finds what the node has set up, leaves it
// alone, and gives it back where root inside restarts it. Who touches only links that it is told of is not told: netctl of Arch, rc.inet1 of Slackware,
// and netplan, which leaves links that its own files do not name to systemd-networkd or NetworkManager.
import { type Address, printAddress } from '../../spec/ip.ts';

/** A link of the container that the node sets up. */
export interface GuestLink {
  readonly name: string;
  /** All with masks. */
  readonly addresses: readonly Address[];
  /** Default routes, at most one of each family; `via` is "" for the link itself. */
  readonly ways: readonly { readonly family: 4 | 6; readonly via: string }[];
  /** Nothing is heard or asked on it: no link-local addresses, and IPv4 addresses have labels (venet0:0). */
  readonly silent: boolean;
}

type Texts = readonly (readonly [path: string, text: string])[];

export interface Keeper {
  readonly name: string;
  /** It is there where one of these is. */
  readonly active: readonly string[];
  /** Our part of a file that is the container's own; only where that is. */
  readonly part?: { readonly file: string; readonly text: (links: readonly GuestLink[]) => string };
  /** Files of ours, and where they lie. */
  readonly whole?: (links: readonly GuestLink[]) => Texts;
  readonly within?: readonly { readonly dir: string; readonly names: RegExp }[];
  /** Lines of its files that are somebody else's and set up the same link. */
  readonly foreign?: (name: string) => RegExp;
  /** Tells it of its files while the container runs. */
  readonly tell?: readonly string[];
}

const all = <T>(links: readonly GuestLink[], texts: (link: GuestLink) => readonly T[]): readonly T[] => links.flatMap(texts);
const of = (link: GuestLink, family: 4 | 6): readonly Address[] => link.addresses.filter((address) => address.family === family);
const lines = (...text: readonly (string | readonly string[])[]): string => `${text.flat().join('\n')}\n`;

/** interfaces(5) of ifupdown, ifupdown-ng and busybox: commands that do nothing where all is there, and nothing at all where a link goes down. */
function stanza({ name, addresses, ways, silent }: GuestLink): readonly string[] {
  let label = 0;
  return [
    `auto ${name}`,
    `iface ${name} inet manual`,
    `\tup ip link set ${name} up || true`,
    ...addresses.map((address) =>
      address.family === 6
        ? `\tup ip -6 addr replace ${printAddress(address)} dev ${name} || true`
        : `\tup ip addr replace ${printAddress(address)} dev ${name}${silent ? ` label ${name}:${label++}` : ''} || true`,
    ),
    ...ways.map(
      ({ family, via }) =>
        `\tup ip ${family === 6 ? '-6 ' : ''}route replace default${via === '' ? '' : ` via ${via}`} dev ${name}${via === '' ? '' : ' onlink'} || true`,
    ),
  ];
}

/**
 * systemd.network(5): what the node has put there stays, and nothing is configured by what is heard. The addresses are not repeated: networkd would put
 * its own beside those that are there, and fails with it.
 */
const unit = (links: readonly GuestLink[], linkLocal: string): string =>
  lines(
    '[Match]',
    `Name=${links.map(({ name }) => name).join(' ')}`,
    '',
    '[Network]',
    'KeepConfiguration=yes',
    'DHCP=no',
    'IPv6AcceptRA=no',
    `LinkLocalAddressing=${linkLocal}`,
  );

function units(links: readonly GuestLink[]): Texts {
  const [silent, other] = [links.filter((link) => link.silent), links.filter((link) => !link.silent)];
  return [
    ...(silent.length > 0 ? [['/etc/systemd/network/10-vzdeck-venet.network', unit(silent, 'no')] as const] : []),
    ...(other.length > 0 ? [['/etc/systemd/network/10-vzdeck-veth.network', unit(other, 'ipv6')] as const] : []),
  ];
}

/** ifup-eth of Red Hat adds what is not there, replaces routes, and asks nobody on a link without ARP. NetworkManager reads the same file. */
function ifcfg(link: GuestLink): Texts {
  const { name, ways } = link;
  const [four, six] = [of(link, 4), of(link, 6)];
  const [first, ...more] = six.map(printAddress);
  const [way4, way6] = ([4, 6] as const).map((family) => ways.find((way) => way.family === family)?.via);
  return [
    [
      `/etc/sysconfig/network-scripts/ifcfg-${name}`,
      lines(
        `DEVICE=${name}`,
        'ONBOOT=yes',
        'BOOTPROTO=none',
        'NM_CONTROLLED=no',
        'NOZEROCONF=yes',
        four.flatMap(({ text, mask }, i) => [`IPADDR${i}=${text}`, `PREFIX${i}=${mask}`, `ARPCHECK${i}=no`, `ARPUPDATE${i}=no`]),
        way4 === undefined ? [] : [`GATEWAYDEV=${name}`, ...(way4 === '' ? [] : [`GATEWAY=${way4}`])],
        first === undefined ? [] : ['IPV6INIT=yes', 'IPV6_AUTOCONF=no', `IPV6ADDR=${first}`],
        more.length === 0 ? [] : [`IPV6ADDR_SECONDARIES="${more.join(' ')}"`],
        way6 === undefined ? [] : [`IPV6_DEFAULTDEV=${name}`, ...(way6 === '' ? [] : [`IPV6_DEFAULTGW=${way6}`])],
      ),
    ],
  ];
}

/** wicked's ifcfg(5) and routes(5). */
function suse(link: GuestLink): Texts {
  const { name, addresses, ways, silent } = link;
  const dir = '/etc/sysconfig/network';
  const routes = ways.map(({ family, via }) => `${family === 4 ? '0.0.0.0/0' : '::/0'} ${via || '-'} - ${name}`);
  return [
    [
      `${dir}/ifcfg-${name}`,
      lines(
        "STARTMODE='auto'",
        "BOOTPROTO='static'",
        "CHECK_DUPLICATE_IP='no'",
        "SEND_GRATUITOUS_ARP='no'",
        addresses.flatMap((address, i) => [
          `IPADDR_${i}='${printAddress(address)}'`,
          ...(silent && address.family === 4 ? [`LABEL_${i}='${i}'`] : []),
        ]),
      ),
    ],
    ...(routes.length === 0 ? [] : [[`${dir}/ifroute-${name}`, lines(routes)] as const]),
  ];
}

/** netifrc: with "noop" first a link that has an address stays as it is. */
function gentoo({ name, addresses, ways }: GuestLink): readonly string[] {
  const variable = name.replace(/[^A-Za-z0-9]/g, '_');
  const routes = ways.map(({ family, via }) => `${family === 6 ? '-6 ' : ''}default${via === '' ? '' : ` via ${via}`}`);
  return [
    `config_${variable}="noop`,
    `${addresses.map(printAddress).join('\n')}"`,
    ...(routes.length === 0 ? [] : [`routes_${variable}="${routes.join('\n')}"`]),
  ];
}

export const KEEPERS: readonly Keeper[] = [
  {
    name: 'ifupdown',
    active: ['/etc/network/interfaces'],
    part: { file: '/etc/network/interfaces', text: (links) => lines(all(links, stanza)) },
    within: [{ dir: '/etc/network/interfaces.d', names: /^[\w.-]+$/ }],
    foreign: (name) => new RegExp(`^\\s*iface\\s+${name}(:\\d+)?\\s`, 'm'),
  },
  {
    name: 'systemd-networkd',
    active: ['/lib/systemd/systemd-networkd', '/usr/lib/systemd/systemd-networkd'],
    whole: units,
    within: [{ dir: '/etc/systemd/network', names: /^10-vzdeck-/ }],
  },
  {
    name: 'NetworkManager',
    active: ['/usr/sbin/NetworkManager', '/usr/bin/NetworkManager'],
    whole: (links) => [
      [
        '/etc/NetworkManager/conf.d/90-vzdeck-links.conf',
        lines('[keyfile]', `unmanaged-devices+=${links.map(({ name }) => `interface-name:${name}`).join(';')}`),
      ],
    ],
    within: [{ dir: '/etc/NetworkManager/conf.d', names: /^90-vzdeck-links/ }],
    tell: ['nmcli', 'general', 'reload', 'conf'],
  },
  {
    name: 'network-scripts',
    active: ['/etc/sysconfig/network-scripts'],
    whole: (links) => all(links, ifcfg),
    within: [{ dir: '/etc/sysconfig/network-scripts', names: /^ifcfg-/ }],
  },
  {
    name: 'wicked',
    active: ['/usr/sbin/wicked', '/etc/sysconfig/network/config'],
    whole: (links) => all(links, suse),
    within: [{ dir: '/etc/sysconfig/network', names: /^if(cfg|route)-/ }],
  },
  {
    name: 'netifrc',
    active: ['/etc/init.d/net.lo'],
    part: { file: '/etc/conf.d/net', text: (links) => lines(all(links, gentoo)) },
  },
];
