// Host name, name servers and time zone of a container: what its config wants, and what has to change in its tree for it. Knows the node's own
// answers where the config says `inherit`.
import type { Host } from '../../host/port.ts';
import { parseConf } from '../../spec/conf.ts';
import type { TreeOp } from '../../spec/op.ts';
import type { Values } from '../../spec/params/read.ts';
import type { NodeConfig } from '../../store/node-config.ts';
import type { Family } from '../../template/distro/families.ts';
import { NAME_FILES, nameChanges } from '../../template/distro/names.ts';
import { distNames, FINGERPRINTS, recognise } from '../../template/distro/recognise.ts';
import { parseResolver, RESOLVER_FILES, type Resolver, resolverChanges } from '../../template/distro/resolver.ts';
import { zoneChanges, zoneFiles } from '../../template/distro/zone.ts';
import { lookAt, type Seen, type TreeAsk } from '../../template/seen.ts';

export interface Names {
  /** "": whatever is there stays. */
  readonly hostname: string;
  /** First address without its mask. */
  readonly address: string;
  readonly resolver: Resolver;
  readonly zone: string;
}

const words = (values: Values, key: string): readonly string[] => (values.get(key) ?? '').split(' ').filter((word) => word !== '');

/** A resolver on the node's loopback is not there for a network of its own. */
const local = (server: string): boolean => /^(127\.|::1$)/.test(server);
/** The second one has the servers behind systemd's stub, which the first one names alone. */
const NODE_FILES = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];

/** What a container gets of the node's resolver. */
export function inherited(files: Pick<Host['files'], 'read'>): Resolver {
  const read = NODE_FILES.map((path) => parseResolver(files.read(path) ?? ''));
  const servers = read.map((resolver) => resolver.servers.filter((server) => !local(server))).find((list) => list.length > 0) ?? [];
  return { servers, search: read.map((resolver) => resolver.search).find((list) => list.length > 0) ?? [] };
}

export function resolverFor(files: Pick<Host['files'], 'read'>, values: Values): Resolver {
  const list = (key: string, part: keyof Resolver): readonly string[] => {
    const given = words(values, key);
    return given[0] === 'inherit' ? inherited(files)[part] : given;
  };
  return { servers: list('NAMESERVER', 'servers'), search: list('SEARCHDOMAIN', 'search') };
}

export function namesFor(host: Host, values: Values): Names {
  return {
    hostname: values.get('HOSTNAME') ?? '',
    address: (words(values, 'IP_ADDRESS')[0] ?? '').split('/')[0] ?? '',
    resolver: resolverFor(host.files, values),
    zone: zoneFor(host.files, values),
  };
}

const ZONE = 'VZDECK_TIMEZONE';

/** "Europe/Berlin"; what a node without a name for its zone hands on is nothing. */
function zoneFor(files: Host['files'], values: Values): string {
  const zone = values.get(ZONE) ?? '';
  if (zone !== 'inherit') return zone;
  return /\/zoneinfo\/(.+)$/.exec(files.readLink('/etc/localtime') ?? '')?.[1] ?? files.read('/etc/timezone')?.trim() ?? '';
}

export const wantsNames = ({ hostname, resolver, zone }: Names): boolean =>
  hostname !== '' || zone !== '' || resolver.servers.length + resolver.search.length > 0;

/** SET_HOSTNAME of the config that the administrator has for this template in /etc/vz/dists, "" for none. */
function distScript(files: Host['files'], node: NodeConfig, ostemplate: string): string {
  const dir = node.shown('/etc/vz/dists');
  for (const name of distNames(ostemplate)) {
    const text = files.read(`${dir}/${name}.conf`);
    if (text !== null) return parseConf(text).lines.find(({ key }) => key === 'SET_HOSTNAME')?.value ?? '';
  }
  return '';
}

export interface Looked {
  readonly seen: Seen;
  readonly family: Family;
}

/** All that the steps look at, asked in one call, and what the tree is. */
export async function lookInside(host: Host, node: NodeConfig, ask: TreeAsk, values: Values): Promise<Looked> {
  const seen = await lookAt(ask, [FINGERPRINTS, NAME_FILES, RESOLVER_FILES, zoneFiles(zoneFor(host.files, values) || 'UTC')]);
  const ostemplate = values.get('OSTEMPLATE') ?? '';
  return { seen, family: recognise(seen, distScript(host.files, node, ostemplate), ostemplate) };
}

/** Time zones of the node. */
export const NODE_ZONES = '/usr/share/zoneinfo';

export function namesOps(host: Host, { seen, family }: Looked, names: Names): readonly TreeOp[] {
  const data = names.zone === '' ? null : host.files.readBytes(`${NODE_ZONES}/${names.zone}`);
  return [
    ...nameChanges(seen, family, names.hostname, names.address),
    ...resolverChanges(seen, names.resolver),
    ...zoneChanges(seen, family, names.zone, data === null ? '' : Buffer.from(data).toString('latin1')),
  ];
}
