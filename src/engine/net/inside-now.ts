// What a container's network namespace says of itself, read below /proc of its init: nobody has to go inside for it.
import { parseAddress } from '../spec/ip.ts';
import { routesOf } from './conflicts.ts';
import { VENET } from './venet.ts';

export interface InsideNow {
  /** Names of links. */
  readonly links: ReadonlySet<string>;
  /** Of links that are up. */
  readonly addresses: ReadonlySet<string>;
  /** Families with a default route by venet0, and with one by another link. */
  readonly led: { readonly byVenet: ReadonlySet<4 | 6>; readonly elsewhere: ReadonlySet<4 | 6> };
}

/** Of the text of net/dev. */
export const linkNames = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/^\s*([^\s:]+):/gm)].map(([, name]) => name ?? ''));

/** net/fib_trie (ipv4/fib_trie.c) and net/if_inet6 (ipv6/addrconf.c). */
function addressesIn(trie: string, six: string): ReadonlySet<string> {
  const four = [...trie.matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL/g)].map(([, address]) => address ?? '');
  const text = (hex: string): string => parseAddress((hex.match(/.{4}/g) ?? []).join(':'))?.text ?? '';
  return new Set([...four, ...[...six.matchAll(/^([0-9a-f]{32}) /gm)].map(([, hex]) => text(hex ?? ''))]);
}

/** `read`: a file of /proc/PID/net, "" where there is none. Null where the process is gone. */
export function insideNow(read: (name: string) => string): InsideNow | null {
  const dev = read('dev');
  if (dev === '') return null;
  const ways = routesOf(read('route'), read('ipv6_route')).filter(({ text, device }) => text.endsWith('/0') && device !== 'lo');
  const families = (byVenet: boolean): ReadonlySet<4 | 6> =>
    new Set(ways.flatMap(({ to, device }) => ((device === VENET) === byVenet ? [to.family] : [])));
  return {
    links: linkNames(dev),
    addresses: addressesIn(read('fib_trie'), read('if_inet6')),
    led: { byVenet: families(true), elsewhere: families(false) },
  };
}
