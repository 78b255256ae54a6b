// venet0 in a container's own network files, so that its boot finds it configured and leaves it alone, and its tools know of it: by what the tree
// keeps its network with. What is up already is not made anew. Knows the files; which addresses there are it is told.
import { type Address, printAddress } from '../../spec/ip.ts';
import type { TreeOp } from '../../spec/op.ts';
import { mkdirsAbove, remove, type Seen, type Wants, write } from '../seen.ts';

const LINK = 'venet0';
const length = ({ family, mask }: Address): number => mask || (family === 4 ? 32 : 128);
const whole = (address: Address): string => printAddress({ ...address, mask: length(address) });

/** Our part of a file that is the container's own. */
const [BEGIN, END] = ['# Addresses of the node begin here. They are written anew with each change.', '# Addresses of the node end here.'];

/** ifupdown(5), Debian's and busybox's: lines that do nothing where all is there. */
function stanza(addresses: readonly Address[]): string {
  const up = addresses.map((a) => `\tup ip ${a.family === 6 ? '-6 ' : ''}addr replace ${whole(a)} dev ${LINK} || true`);
  const ways = ([4, 6] as const).filter((family) => addresses.some((a) => a.family === family));
  return [
    `auto ${LINK}`,
    `iface ${LINK} inet manual`,
    `\tup ip link set ${LINK} up || true`,
    ...up,
    ...ways.map((family) => `\tup ip ${family === 6 ? '-6 ' : ''}route replace default dev ${LINK} || true`),
  ].join('\n');
}

/**
 * systemd.network(5): what the node has put there stays, and nothing is configured by what is heard. The addresses are not repeated: networkd would put
 * its own beside those that are there, and fails with it.
 */
const UNIT = `[Match]
Name=${LINK}

[Network]
KeepConfiguration=yes
DHCP=no
IPv6AcceptRA=no
LinkLocalAddressing=no
`;

/** Without our part; text of the container's own stays as it is. */
function without(text: string): string {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  return from < 0 || to < from ? text : text.slice(0, from) + text.slice(to + END.length + 1);
}

function withStanza(text: string, addresses: readonly Address[]): string {
  const own = without(text);
  if (addresses.length === 0) return own;
  return `${own}${own === '' || own.endsWith('\n') ? '' : '\n'}${BEGIN}\n${stanza(addresses)}\n${END}\n`;
}

interface Keeper {
  readonly file: string;
  /** One of them is there. */
  readonly active: readonly string[];
  /** null: the file goes. */
  readonly text: (before: string | null, addresses: readonly Address[]) => string | null;
}

const KEEPERS: readonly Keeper[] = [
  {
    file: '/etc/network/interfaces',
    active: ['/etc/network/interfaces'],
    text: (before, addresses) => withStanza(before ?? '', addresses),
  },
  {
    file: '/etc/systemd/network/10-venet0.network',
    active: ['/lib/systemd/systemd-networkd', '/usr/lib/systemd/systemd-networkd'],
    text: (_before, addresses) => (addresses.length === 0 ? null : UNIT),
  },
];

export const INTERFACE_FILES: Wants = {
  reads: KEEPERS.map(({ file }) => file),
  looks: KEEPERS.flatMap(({ active }) => active),
};

/** Files that only repeat what is there are not touched; a tree that keeps no network has none. */
export function interfaceChanges(seen: Seen, addresses: readonly Address[]): readonly TreeOp[] {
  return KEEPERS.filter(({ active }) => active.some((path) => seen.there(path))).flatMap(({ file, text }) => {
    const before = seen.text(file);
    const after = text(before, addresses);
    if (after === before) return [];
    return after === null ? [remove(file)] : [...mkdirsAbove(file), write(file, after)];
  });
}
