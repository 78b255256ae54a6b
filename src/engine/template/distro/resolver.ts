// Which name servers a container asks and which domains it searches. Where a program of the container's own keeps /etc/resolv.conf, that program
// is told; a link that nobody keeps is replaced by a file, since what it leads to is gone with the next boot.
import { editConf, formatLine } from '../../spec/conf.ts';
import type { TreeOp } from '../../spec/op.ts';
import { mkdirsAbove, remove, type Seen, type Wants, write } from '../seen.ts';

export interface Resolver {
  /** Addresses; empty: those that are there stay. */
  readonly servers: readonly string[];
  readonly search: readonly string[];
}

const FILE = '/etc/resolv.conf';

/** A program that keeps the file. */
interface Keeper {
  readonly name: string;
  /** Where the link leads that it has put there. */
  readonly link: RegExp;
  /** Any of these: it is started at the boot, or called by others. */
  readonly active: readonly string[];
  readonly file: string;
  readonly text: (before: string | null, resolver: Resolver) => string;
  /** Tells it of the file while the container runs. */
  readonly tell: readonly string[];
}

const words = (list: readonly string[]): string => list.join(' ');
const UNIT = 'systemd-resolved.service';

const KEEPERS: readonly Keeper[] = [
  {
    name: 'systemd-resolved',
    link: /(^|\/)(run\/systemd\/resolve\/|usr\/lib\/systemd\/resolv\.conf$)/,
    active: [
      ...['sysinit', 'multi-user', 'network'].map((target) => `/etc/systemd/system/${target}.target.wants/${UNIT}`),
      '/etc/systemd/system/dbus-org.freedesktop.resolve1.service',
    ],
    file: '/etc/systemd/resolved.conf.d/vzdeck.conf',
    text: (_, { servers, search }) =>
      `[Resolve]\n${servers.length > 0 ? `DNS=${words(servers)}\n` : ''}${search.length > 0 ? `Domains=${words(search)}\n` : ''}`,
    tell: ['systemctl', 'try-restart', UNIT],
  },
  {
    name: 'resolvconf',
    link: /(^|\/)(run\/resolvconf|etc\/resolvconf\/run)\//,
    active: ['/sbin/resolvconf', '/usr/sbin/resolvconf'],
    file: '/etc/resolvconf/resolv.conf.d/base',
    text: withResolver,
    tell: ['resolvconf', '-u'],
  },
  {
    name: 'netconfig',
    link: /(^|\/)run\/netconfig\//,
    active: ['/sbin/netconfig', '/usr/sbin/netconfig'],
    file: '/etc/sysconfig/network/config',
    text: (before, { servers, search }) =>
      editConf(
        before ?? '',
        [
          { key: 'NETCONFIG_DNS_STATIC_SERVERS', list: servers },
          { key: 'NETCONFIG_DNS_STATIC_SEARCHLIST', list: search },
        ].flatMap(({ key, list }) => (list.length > 0 ? [{ key, line: formatLine(key, words(list)) }] : [])),
      ),
    tell: ['netconfig', 'update', '-f'],
  },
];

/** NetworkManager writes over a plain file, too, unless it is told not to. */
const MANAGER = ['/usr/sbin/NetworkManager', '/usr/bin/NetworkManager'];
const MANAGER_FILE = '/etc/NetworkManager/conf.d/90-vzdeck-dns.conf';
const MANAGER_TEXT = '[main]\ndns=none\n';

export const RESOLVER_FILES: Wants = {
  reads: [FILE, MANAGER_FILE, ...KEEPERS.map(({ file }) => file)],
  looks: [FILE, ...MANAGER, ...KEEPERS.flatMap(({ active }) => active)],
};

/** resolv.conf(5): all servers and the search list are replaced, whatever else stands there stays. */
function withResolver(before: string | null, { servers, search }: Resolver): string {
  const gone = new RegExp(
    `^\\s*(${[...(servers.length > 0 ? ['nameserver'] : []), ...(search.length > 0 ? ['search', 'domain'] : [])].join('|')})\\s`,
  );
  const kept = (before ?? '').split('\n').filter((line) => !gone.test(line));
  const last = kept.at(-1) === '' ? kept.slice(0, -1) : kept;
  return [...(search.length > 0 ? [`search ${words(search)}`] : []), ...last, ...servers.map((server) => `nameserver ${server}`), ''].join(
    '\n',
  );
}

function keeperOf(seen: Seen): Keeper | undefined {
  const link = seen.link(FILE);
  return link === null ? undefined : KEEPERS.find((keeper) => keeper.link.test(link) && keeper.active.some((path) => seen.there(path)));
}

/** Leads to where nothing outlives a boot, or to nothing: a file takes its place. */
function isStale(seen: Seen): boolean {
  const link = seen.link(FILE);
  return link !== null && (/(^|\/)(run|tmp|proc)\//.test(link) || seen.text(FILE) === null);
}

export function resolverChanges(seen: Seen, resolver: Resolver): readonly TreeOp[] {
  if (resolver.servers.length === 0 && resolver.search.length === 0) return [];
  const keeper = keeperOf(seen);
  if (keeper) {
    const before = seen.text(keeper.file);
    const after = keeper.text(before, resolver);
    return after === before ? [] : [...mkdirsAbove(keeper.file), write(keeper.file, after)];
  }
  const stale = isStale(seen);
  const before = stale ? null : seen.text(FILE);
  const after = withResolver(before, resolver);
  const quiet = MANAGER.some((path) => seen.there(path)) && seen.text(MANAGER_FILE) !== MANAGER_TEXT;
  return [
    ...(quiet ? [...mkdirsAbove(MANAGER_FILE), write(MANAGER_FILE, MANAGER_TEXT)] : []),
    ...(stale ? [remove(FILE)] : []),
    ...(after === before ? [] : [write(FILE, after)]),
  ];
}

/** What a running container has to be told after a change; null where files are enough. */
export function resolverTell(seen: Seen): readonly string[] | null {
  return keeperOf(seen)?.tell ?? null;
}

/** Servers and search list of a resolv.conf(5); of several search lists the last one counts. */
export function parseResolver(text: string): Resolver {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const servers = lines.flatMap(([word, server]) => (word === 'nameserver' && server !== undefined ? [server] : []));
  return { servers, search: lines.findLast(([word]) => word === 'search' || word === 'domain')?.slice(1) ?? [] };
}

/** What the tree has: of the program that keeps the file, or of the file itself. */
export function resolverOf(seen: Seen): Resolver {
  const keeper = keeperOf(seen);
  if (keeper?.name !== 'systemd-resolved') return parseResolver(seen.text(FILE) ?? '');
  const value = (key: string): readonly string[] =>
    new RegExp(`^${key}=(.*)$`, 'm')
      .exec(seen.text(keeper.file) ?? '')?.[1]
      ?.split(/\s+/)
      .filter((word) => word !== '') ?? [];
  return { servers: value('DNS'), search: value('Domains') };
}
