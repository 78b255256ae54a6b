// Interfaces that a container has on a link of the node (macvlan, ipvlan, vlan), "eth0=macvlan:eth1:bridge,mac=… eth1=vlan:eth1:100", and whether it
// has any at all.
import { isLinkName } from '../link-name.ts';
import { kernel } from './enforcer.ts';
import { refusedList, taken, union, words } from './grammar.ts';
import { generatedMac } from './netif.ts';
import type { Around, Change, Grammar, Items, Merged, Param, Reading } from './types.ts';

interface LinkKind {
  /** What stands after the parent; the first one where nothing does. */
  readonly hows: readonly string[] | 'id';
  readonly ownMac: boolean;
}

export const LINK_KINDS = {
  macvlan: { hows: ['bridge', 'private', 'vepa'], ownMac: true },
  ipvlan: { hows: ['l2', 'l3', 'l3s'], ownMac: false },
  vlan: { hows: 'id', ownMac: false },
} as const satisfies Readonly<Record<string, LinkKind>>;
export type LinkKindName = keyof typeof LINK_KINDS;

export interface SubLink {
  /** In the container. */
  readonly name: string;
  readonly kind: LinkKindName;
  /** Of the node; "eth1.100" is made where it is missing. */
  readonly parent: string;
  /** A mode, or the id of a VLAN. */
  readonly how: string;
  /** Lower case; "" for one that has none of its own. */
  readonly mac: string;
}

const MAC = /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/;

export const isVlanId = (text: string): boolean => /^[1-9]\d{0,3}$/.test(text) && Number(text) <= 4094;

const print = ({ name, kind, parent, how, mac }: SubLink): string => `${name}=${kind}:${parent}:${how}${mac === '' ? '' : `,mac=${mac}`}`;

/** A text says why it is none. */
function readLink(item: string): SubLink | string {
  const [, name = '', kind = '', parent = '', how = '', , given = ''] =
    /^([^=]*)=([^:,]*):([^:,]*)(?::([^:,]*))?(,mac=(.*))?$/.exec(item) ?? [];
  if (!isLinkName(name) || !isLinkName(parent)) return 'expected NAME=KIND:DEVICE[:HOW][,mac=MAC]';
  if (!(kind in LINK_KINDS)) return `there is no kind ${kind}, only ${Object.keys(LINK_KINDS).join(', ')}`;
  const { hows, ownMac } = LINK_KINDS[kind as LinkKindName];
  const mac = given.toLowerCase();
  if (mac !== '' && !(ownMac && MAC.test(mac))) return ownMac ? `${given} is no MAC of one device` : `${kind} has no MAC of its own`;
  if (hows === 'id') return isVlanId(how) ? { name, kind: 'vlan', parent, how, mac } : 'a VLAN has an id from 1 to 4094';
  const chosen = how === '' ? hows[0] : (hows as readonly string[]).find((one) => one === how);
  return chosen === undefined ? `${kind} is ${hows.join(', ')}` : { name, kind: kind as LinkKindName, parent, how: chosen, mac };
}

/** Of a canonical value. */
export function parseLinks(value: string | undefined): readonly SubLink[] {
  return words(value ?? '').flatMap((item) => {
    const link = readLink(item);
    return typeof link === 'string' ? [] : [link];
  });
}

/** The last word about a name counts. */
const overlay = (links: readonly SubLink[]): string => [...new Map(links.map((link) => [link.name, link])).values()].map(print).join(' ');

function read(text: string): Reading {
  const links: SubLink[] = [];
  for (const item of words(text)) {
    const link = readLink(item);
    if (typeof link === 'string')
      return { ok: false, fault: 'syntax', shown: item, remarks: [{ level: -1, text: `Link ${item}: ${link}` }] };
    links.push(link);
  }
  return taken(overlay(links));
}

/** A MAC that follows from the node and the name: the same at each start. */
const complete = (link: SubLink, id: number, around: Around): SubLink =>
  LINK_KINDS[link.kind].ownMac && link.mac === '' ? { ...link, mac: generatedMac(link.name, id, around.hardware()).toLowerCase() } : link;

/** Taken away before new ones come. */
function merge(before: string | undefined, change: Change, id: number, around: Around): Merged {
  if (change.set !== undefined) return { ok: true, value: change.set };
  if (change.add === undefined && change.del === undefined) return { ok: true, value: null };
  const gone = words(change.del ?? '');
  const kept = parseLinks(before).filter(({ name }) => gone[0] !== 'all' && !gone.includes(name));
  return { ok: true, value: overlay([...kept, ...parseLinks(change.add).map((link) => complete(link, id, around))]) };
}

const nameFault = (text: string): string | null =>
  isLinkName(text) ? null : 'expected a name of at most 15 letters, digits, ".", "_" and "-"';

const items: Items = {
  one: 'link',
  fields: [
    { name: 'name', help: 'name in the container', fault: nameFault },
    { name: 'kind', help: Object.keys(LINK_KINDS).join(', '), choices: Object.keys(LINK_KINDS) },
    { name: 'device', help: 'of the node, that it stands on', fault: nameFault },
    { name: 'how', help: 'bridge, private, vepa; l2, l3, l3s; of a vlan its id', open: true },
    { name: 'mac', help: 'of a macvlan; open: it follows from the name', open: true },
  ],
  split: (value) => parseLinks(value).map(({ name, kind, parent, how, mac }) => ({ name, kind, device: parent, how, mac })),
  separator: ' ',
  read({ name = '', kind = '', device = '', how = '', mac = '' }, { id, around }) {
    const link = readLink(`${name}=${kind}:${device}${how === '' ? '' : `:${how}`}${mac === '' ? '' : `,mac=${mac}`}`);
    if (typeof link === 'string') return { ok: false, fault: 'syntax', remarks: [{ level: -1, text: link }] };
    const whole = complete(link, id, around);
    const chosen = whole.mac === link.mac ? [] : [{ level: 0 as const, text: `mac ${whole.mac}` }];
    return { ...taken(print(whole)), remarks: chosen };
  },
  identity: ({ name = '' }) => name,
};

const links: Grammar = {
  hint: 'NAME=macvlan:DEVICE[:bridge|private|vepa][,mac=MAC], NAME=ipvlan:DEVICE[:l2|l3|l3s] or NAME=vlan:DEVICE:ID, separated by blanks',
  read,
  readFile: (text) => {
    const reading = read(text);
    return reading.ok ? reading : refusedList(text);
  },
  join: (first, second) => overlay([...parseLinks(first), ...parseLinks(second)]),
  merge,
  items,
  examples: ['eth0=macvlan:eth1:bridge,mac=00:18:51:00:00:02', 'eth0=ipvlan:eth1:l2 eth1=vlan:eth1:100', ''],
};

const names: Grammar = {
  ...links,
  hint: 'names in the container, separated by blanks, or all',
  read: (text) => (words(text).every((name) => name === 'all' || isLinkName(name)) ? taken(words(text).join(' ')) : refusedList(text)),
  join: union,
  examples: ['eth0', 'all'],
};

export const VZDECK_LINKS: Param = {
  key: 'VZDECK_LINKS',
  field: 'links',
  grammar: links,
  flags: [
    { name: 'link_add', op: 'add' },
    { name: 'link_del', op: 'del', grammar: names, help: 'takes interfaces on links of the node away' },
  ],
  repeat: 'add',
  acts: 'live',
  effect: 'live',
  enforcer: kernel('macvlan, ipvlan and vlan interfaces'),
  help: 'interfaces on a link of the node, which then is the way to its network; a VLAN as DEVICE-dot-ID is raised with its first container',
};

const WHETHER = ['own', 'empty'] as const;

export const VZDECK_NETWORK: Param = {
  key: 'VZDECK_NETWORK',
  grammar: {
    hint: WHETHER.join(', '),
    choices: WHETHER,
    read(text) {
      if ((WHETHER as readonly string[]).includes(text)) return taken(text);
      const shared = /^(none|host)$/.test(text);
      const why =
        'The network of the node itself is shared with no container: its root could listen on addresses of the node and talk to its sockets that have no file';
      return { ok: false, fault: 'syntax', remarks: shared ? [{ level: -1, text: why }] : [] };
    },
    examples: WHETHER,
  },
  flags: [{ name: 'network', op: 'set' }],
  repeat: 'last',
  acts: 'live',
  effect: 'live',
  enforcer: kernel('its network namespace'),
  fallback: 'own',
  help: 'empty: nothing but loopback, whatever else its config says',
};
