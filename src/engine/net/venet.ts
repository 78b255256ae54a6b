// venet: a link without addresses of its own below IP. Inside it is venet0 with one /32 or /128 for each address and a default route; the node has a
// route for each address, answers for it on its own devices, and lets nothing else out of the container.
import { type Address, asNumber, parseAddress } from '../spec/ip.ts';
import type { Thing } from './thing.ts';

/** Inside. */
export const VENET = 'venet0';

export interface VenetWish {
  readonly id: number;
  /** Of the prefix. */
  readonly tag: string;
  readonly addresses: readonly Address[];
  /** Devices of the node on which it answers for them, by family. */
  readonly neighbours: Readonly<Record<4 | 6, readonly string[]>>;
  /** IPv4 address that the node sends from to them (VE_ROUTE_SRC_DEV); "" for the kernel's choice. */
  readonly source: string;
}

export const addressesOf = (value: string | undefined): readonly Address[] =>
  (value ?? '').split(' ').flatMap((word) => parseAddress(word) ?? []);

/** Its name on the node: at most 15 bytes, also of the largest CTID. */
export const venetName = (tag: string, id: number): string => (tag === '' ? `venet${id}` : `v${tag}${id.toString(36)}`);

const hex = (n: number): string => n.toString(16).padStart(2, '0');
/** Locally administered, and the same on both ends: without ARP a packet is sent to the sender's own. */
const macOf = (id: number): string => ['02', '00', ...[24, 16, 8, 0].map((bits) => hex((id >>> bits) & 255))].join(':');

/** Beyond all that the node counts up to by itself: a restored container finds its index free. */
const FIRST_INDEX = 0x2000_0000;
const indexOf = (id: number): number => FIRST_INDEX + (id % FIRST_INDEX);

const whole = ({ family, text }: Address): string => `${text}/${family === 4 ? 32 : 128}`;
const LABEL = new RegExp(`^${VENET}:(\\d+)$`);

/** Aliases keep their numbers as long as the address stays. */
function labels(addresses: readonly Address[], before: readonly Thing[]): ReadonlyMap<string, string> {
  const kept = new Map(before.flatMap((thing) => (thing[0] === 'address' && thing[4] !== undefined ? [[thing[1] ?? '', thing[4]]] : [])));
  const taken = new Set([...kept.values()].map((label) => Number(LABEL.exec(label)?.[1])));
  let next = 0;
  return new Map(
    addresses.map((address) => {
      const key = inner(address);
      const label = kept.get(key);
      if (label !== undefined) return [key, label];
      while (taken.has(next)) next++;
      taken.add(next);
      return [key, `${VENET}:${next}`];
    }),
  );
}

/** A mask matters inside only. */
const inner = (address: Address): string => `${address.text}/${address.mask || (address.family === 4 ? 32 : 128)}`;

/** One that is there stays as it is: the kernel takes no second one to the same place. */
const routeTo = (to: string, link: string, source: string, before: readonly Thing[]): Thing =>
  before.find((thing) => thing[0] === 'route' && thing[1] === to && thing[2] === link) ??
  (source === '' ? ['route', to, link] : ['route', to, link, source]);

/** What must exist; nothing without addresses. `before`: what there is. */
export function venetThings({ id, tag, addresses, neighbours, source }: VenetWish, before: readonly Thing[] = []): readonly Thing[] {
  if (addresses.length === 0) return [];
  const name = venetName(tag, id);
  const four = addresses.filter(({ family }) => family === 4);
  const six = addresses.filter(({ family }) => family === 6);
  const named = labels(four, before);
  return [
    ['tally', 'foreign', `foreign-${id}`, name],
    ['element', 'guarded', `"${name}"`],
    ...addresses.map((a): Thing => ['element', `own${a.family}`, `"${name}" . ${a.text}`]),
    ['pair', name, VENET, String(indexOf(id)), macOf(id)],
    ...addresses.map((a) => routeTo(whole(a), name, a.family === 4 ? source : '', before)),
    ...addresses.flatMap((a) => neighbours[a.family].map((device): Thing => ['proxy', a.text, device])),
    ...addresses.flatMap((a) => neighbours[a.family].map((device): Thing => ['told', a.text, device])),
    ...(four.length > 0 ? [['switch', `ipv4/conf/${name}/forwarding`, '1'] as const] : []),
    ['up', VENET],
    ...four.map((a): Thing => ['address', inner(a), VENET, 'label', named.get(inner(a)) ?? VENET]),
    ...six.map((a): Thing => ['address', inner(a), VENET, 'nodad']),
    ...(four.length > 0 ? [['way', 'default', VENET] as const] : []),
    ...(six.length > 0 ? [['way', '::/0', VENET] as const] : []),
  ];
}

/** What has a place in the table of bridges for these things: addresses that no port may use. */
export const keptFor = (things: readonly Thing[]): readonly Thing[] =>
  things.flatMap(([kind, set, value = '']): readonly Thing[] => {
    const address = value.split(' . ')[1] ?? '';
    if (kind !== 'element') return [];
    if (set === 'own4') return [['element', 'kept4', address]];
    // each link has such a one by itself
    if (set !== 'own6' || /^fe[89ab]/i.test(address)) return [];
    return [
      ['element', 'kept6', address],
      ['element', 'keptTarget', asNumber(address)],
    ];
  });
