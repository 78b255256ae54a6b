// A container's links that have an end on the node, by the note of its network.
import type { Host } from '../../host/port.ts';
import { readNetNote } from '../../store/net-note.ts';
import type { NodeConfig } from '../../store/node-config.ts';

export interface CtLink {
  /** Inside, and on the node. */
  readonly name: string;
  readonly hostName: string;
  readonly kind: 'venet' | 'veth';
  /** As the node has told the container's end; root inside can change what he has there. */
  readonly mac: string;
  /** That the node has given to the container's end, without masks. */
  readonly addresses: readonly string[];
  /** Counters of nftables by which packets are dropped that it was not to send. */
  readonly guards: readonly string[];
  /** What leaves the container goes through it where there is a rate; "" without. */
  readonly ifb: string;
  /** Bridge whose other ports hear what it sends, and that it hears: one without mac_filter. "" for others. */
  readonly shared: string;
}

export interface CtLinks {
  /** Network namespace that the node's ends stand in. */
  readonly namespace: string;
  readonly links: readonly CtLink[];
}

const KINDS: Readonly<Record<string, CtLink['kind']>> = { pair: 'venet', cable: 'veth' };

/** Null for a container without a network. */
export function linksOf(host: Pick<Host, 'files'>, node: NodeConfig, id: number): CtLinks | null {
  const note = readNetNote(host, node, id);
  if (note === null) return null;
  const of = (kind: string, at: number, is: string): readonly string[] | undefined =>
    note.things.find((thing) => thing[0] === kind && thing[at] === is);
  const links = note.things.flatMap((thing): CtLink[] => {
    const [what = '', hostName = '', name = '', , mac = ''] = thing;
    const kind = KINDS[what];
    if (kind === undefined) return [];
    const guards = note.things.flatMap((tally) => (tally[0] === 'tally' && tally[3] === hostName ? [tally[2] ?? ''] : []));
    const own = kind === 'venet' ? mac : (of('innerMac', 1, name)?.[2] ?? '');
    const addresses = note.things.flatMap((t) => (t[0] === 'address' && t[2] === name ? [(t[1] ?? '').replace(/\/.*$/, '')] : []));
    const shared = guards.length > 0 ? '' : (of('port', 1, hostName)?.[2] ?? '');
    return [{ name, hostName, kind, mac: own, addresses, guards, shared, ifb: of('steer', 1, hostName)?.[2] ?? '' }];
  });
  return { namespace: note.namespace, links };
}

/** Addresses that the node has given to links of running containers, whose each is; a bridged device that configures itself has none that are known. */
export function linkAddresses(
  host: Pick<Host, 'files'>,
  node: NodeConfig,
  containers: readonly { readonly id: number }[],
): ReadonlyMap<string, number> {
  return new Map(
    containers.flatMap(({ id }) =>
      (readNetNote(host, node, id)?.things ?? []).flatMap(([kind, address = '']): [string, number][] =>
        kind === 'address' ? [[address.slice(0, address.indexOf('/')), id]] : [],
      ),
    ),
  );
}
