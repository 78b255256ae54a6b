// Names and addresses of containers that run, as a hosts(5) file for the node's own resolver. Each line ends with the container's own name, ct101, by
// which its lines are found again; a name that somebody has already, or that would make another one's traffic go astray, is left out.

export interface HostsEntry {
  readonly id: number;
  /** Without masks. */
  readonly addresses: readonly string[];
  /** As its config has them, unchecked. */
  readonly names: readonly string[];
}

const HEAD = '# Containers that run. vzdeck writes this file; what you change here is lost.\n';

/** RFC 1123, 2.1, and RFC 1035, 2.3.4; lower case, since names are compared without it. */
const NAME = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** An address, whatever resolvers make of it; names of the host itself on every machine; our own. */
const SPECIAL = /^[\d.]+$|^0x|(^|\.)(localhost|localdomain|local|invalid)$|^ip6-|^broadcasthost$|^ct\d+$/;

const ownName = (id: number): string => `ct${id}`;

/** Those that may stand there. `nodeName`: the node's own, in full or short. */
export function hostNames(names: readonly string[], nodeName: string): readonly string[] {
  const node = nodeName.toLowerCase();
  const own = new Set([node, node.split('.')[0]]);
  const lower = names.map((name) => name.toLowerCase().replace(/\.$/, ''));
  return [...new Set(lower)].filter((name) => NAME.test(name) && !SPECIAL.test(name) && !own.has(name));
}

/** `text`: the file as it was, "" for none. Returns "" where nobody is left. */
export function withHost(text: string, { id, addresses, names }: HostsEntry, nodeName: string): string {
  const others = text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && line.split(' ').at(-1) !== ownName(id));
  const taken = new Set(others.flatMap((line) => line.split(' ').slice(1)));
  const free = hostNames(names, nodeName).filter((name) => !taken.has(name));
  const lines = [...others, ...addresses.map((address) => [address, ...free, ownName(id)].join(' '))];
  return lines.length === 0 ? '' : `${HEAD}${lines.join('\n')}\n`;
}
