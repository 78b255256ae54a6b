// What a container's network namespace says of itself, read below /proc of its init: nobody has to go inside for it.
import { parseAddress } from '../spec/ip.ts';
import { routesOf } from './conflicts.ts';
import { VENET } from './venet.ts';

export interface InsideNow {
  /** Names of links. */
  readonly links: ReadonlySet<string>;
  /** Families with a default route by venet0, and with one by another link, or with more routes than anybody reads. */
  readonly led: { readonly byVenet: ReadonlySet<4 | 6>; readonly elsewhere: ReadonlySet<4 | 6> };
}

/** Of venet0, which no file below /proc tells. */
export interface VenetNow {
  readonly up: boolean;
  readonly mac: string;
}

/** The first bytes of a file of /proc/PID/net, "" where there is none. Root inside can make them as long as he likes. */
export type ReadInside = (name: string, most: number) => string;

/** Of the text of net/dev. */
export const linkNames = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/^\s*([^\s:]+):/gm)].map(([, name]) => name ?? ''));

/** Bytes: some 500 routes, the default ones before all others; some 10,000 addresses; links cost the container memory. */
const MOST = { routes: 64 << 10, addresses: 1 << 20, links: 16 << 20 } as const;

/** Of links that are up: net/fib_trie (ipv4/fib_trie.c) and net/if_inet6 (ipv6/addrconf.c). Null for more than anybody reads. */
export function addressesInside(read: ReadInside): ReadonlySet<string> | null {
  const [trie, six] = [read('fib_trie', MOST.addresses), read('if_inet6', MOST.addresses)];
  if (Math.max(trie.length, six.length) === MOST.addresses) return null;
  const four = [...trie.matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL/g)].map(([, address]) => address ?? '');
  const text = (hex: string): string => parseAddress((hex.match(/.{4}/g) ?? []).join(':'))?.text ?? '';
  return new Set([...four, ...[...six.matchAll(/^([0-9a-f]{32}) /gm)].map(([, hex]) => text(hex ?? ''))]);
}

/** Null where the process is gone. */
export function insideNow(read: ReadInside): InsideNow | null {
  const dev = read('dev', MOST.links);
  if (dev === '') return null;
  const [four, six] = [read('route', MOST.routes), read('ipv6_route', MOST.routes)];
  const ways = routesOf(four, six).filter(({ text, device }) => text.endsWith('/0') && device !== 'lo');
  const families = (byVenet: boolean): readonly (4 | 6)[] =>
    ways.flatMap(({ to, device }) => ((device === VENET) === byVenet ? [to.family] : []));
  const many = ([4, 6] as const).filter((family) => (family === 4 ? four : six).length === MOST.routes);
  return { links: linkNames(dev), led: { byVenet: new Set(families(true)), elsewhere: new Set([...families(false), ...many]) } };
}
