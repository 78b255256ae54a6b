// What goes over the links of containers just now, for somebody who looks again and again: one reading of the node's counters for all of them, rates
// between two looks. Opens nothing and costs nothing between its looks.
import type { Host } from '../../host/port.ts';
import { NO_TRAFFIC, type Traffic } from '../../spec/traffic.ts';
import { netNoteStamp } from '../../store/net-note.ts';
import type { NodeConfig } from '../../store/node-config.ts';
import { after } from '../../watch/timer.ts';
import { type LinkCounters, linkCounters, nodeCounters } from './counters.ts';
import { askDrops, type Dropped, droppedOf, type ToldDrops } from './drops.ts';
import { type CtLink, type CtLinks, linksOf } from './links.ts';

/** Bytes and packets in a second. */
export type TrafficRate = Traffic;

export interface LinkNow {
  /** Inside, as it was made. */
  readonly name: string;
  /** On the node; "" for a link that is inside as a whole. */
  readonly hostName: string;
  /** inside: counted where root inside has it, since the node has no end of it. */
  readonly kind: 'venet' | 'veth' | 'inside';
  /** As it was made, "" where the node does not know it. */
  readonly mac: string;
  /** That the node has given to it. */
  readonly addresses: readonly string[];
  /** Bridge on which nothing keeps it from others (mac_filter=off); "" for what has its guard. */
  readonly shared: string;
  /** Since the link was made. */
  readonly counted: Traffic;
  /** Null at the first look. */
  readonly rate: TrafficRate | null;
  /** Null where nobody has asked for them, or where nobody tells. */
  readonly dropped: Dropped | null;
}

export interface CtTraffic {
  readonly id: number;
  readonly links: readonly LinkNow[];
  /** Its links stand in another network namespace than ours: nothing can be told of them. */
  readonly elsewhere: boolean;
  /** Links inside beyond those that are told of. */
  readonly more: number;
}

/** A container that runs. */
export interface TrafficOf {
  readonly id: number;
  readonly init: { readonly pid: number } | null;
}

export interface TrafficReader {
  /**
   * @param containers those that are to be looked at
   * @param closely CTID of one that drops and links inside are wanted of as well; 'all': drops of all
   */
  look(containers: readonly TrafficOf[], closely?: number | 'all' | null): Promise<readonly CtTraffic[]>;
}

/** Milliseconds for which what programs have said of drops is fresh enough. */
const FRESH = 3000;
/** Links inside a container that are told of: root inside can make thousands. */
const INSIDE = 16;

interface Before {
  readonly at: number;
  readonly counted: ReadonlyMap<string, Traffic>;
}

export function openTraffic(host: Host, node: NodeConfig): TrafficReader {
  let before: Before = { at: 0, counted: new Map() };
  let notes = new Map<number, { readonly stamp: string; readonly links: CtLinks | null }>();
  let drops: (ToldDrops & { readonly at: number }) | null = null;

  const noteOf = (id: number): CtLinks | null => {
    const stamp = netNoteStamp(host, node, id);
    const known = notes.get(id);
    const note = known?.stamp === stamp ? known : { stamp, links: linksOf(host, node, id) };
    notes.set(id, note);
    return note.links;
  };

  const freshDrops = async (): Promise<ToldDrops> => {
    const at = host.uptime();
    if (drops === null || at - drops.at > FRESH) drops = { ...(await askDrops(host, node.tag)), at };
    return drops;
  };

  return {
    async look(containers, closely = null) {
      const told = closely === null ? null : await freshDrops();
      const counters = nodeCounters(host);
      const at = host.uptime();
      const next = new Map<string, Traffic>();
      const seconds = (at - before.at) / 1000;
      const rateOf = (key: string, now: Traffic): TrafficRate | null => {
        next.set(key, now);
        const last = before.counted.get(key);
        if (last === undefined || seconds <= 0 || now.up < last.up || now.down < last.down) return null;
        const rate = (part: keyof Traffic): number => (now[part] - last[part]) / seconds;
        return { up: rate('up'), down: rate('down'), upPackets: rate('upPackets'), downPackets: rate('downPackets') };
      };
      const outside = (link: CtLink, id: number, own: boolean): readonly LinkNow[] => {
        const seen = counters.links.get(link.hostName);
        if (seen === undefined) return [];
        const { received: up, sent: down, receivedPackets: upPackets, sentPackets: downPackets } = seen;
        const counted = { up, down, upPackets, downPackets };
        const rate = rateOf(`${id} ${link.hostName} ${counters.lifeOf(link.hostName)}`, counted);
        const dropped = told === null || !own ? null : droppedOf(link, told, seen);
        const { name, hostName, kind, mac, addresses, shared } = link;
        return [{ name, hostName, kind, mac, addresses, shared, counted, rate, dropped }];
      };
      const inside = (id: number, pid: number, known: ReadonlySet<string>): Pick<CtTraffic, 'links' | 'more'> => {
        const others = [...linkCounters(host, pid)].filter(([name]) => name !== 'lo' && !known.has(name));
        const links = others.slice(0, INSIDE).map(([name, seen]): LinkNow => {
          const counted = insideTraffic(seen);
          return {
            name,
            hostName: '',
            kind: 'inside',
            mac: '',
            addresses: [],
            shared: '',
            counted,
            rate: rateOf(`${id} in ${name}`, counted),
            dropped: null,
          };
        });
        return { links, more: others.length - links.length };
      };
      const seen = containers.map(({ id, init }): CtTraffic => {
        const ct = noteOf(id);
        const own = closely === 'all' || closely === id;
        const elsewhere = ct !== null && ct.namespace !== counters.namespace;
        const links = ct === null || elsewhere ? [] : ct.links.flatMap((link) => outside(link, id, own));
        const known = new Set(ct?.links.map(({ name }) => name));
        const whole = closely === id && init !== null ? inside(id, init.pid, known) : { links: [], more: 0 };
        return { id, links: [...links, ...whole.links], more: whole.more, elsewhere };
      });
      before = { at, counted: next };
      const ids = new Set(containers.map(({ id }) => id));
      notes = new Map([...notes].filter(([id]) => ids.has(id)));
      return seen;
    },
  };
}

const SECOND = 1000;

/** Looks twice, a second between. */
export async function ratesOf(
  reader: TrafficReader,
  containers: readonly TrafficOf[],
  signal?: AbortSignal,
): Promise<readonly CtTraffic[]> {
  const [only, more] = containers;
  const closely = more === undefined ? (only?.id ?? null) : 'all';
  await reader.look(containers, closely);
  await after(SECOND, signal);
  return reader.look(containers, closely);
}

/** As whoever has the link sees it: what it has sent goes up. */
const insideTraffic = ({ sent, received, sentPackets, receivedPackets }: LinkCounters): Traffic => ({
  ...NO_TRAFFIC,
  up: sent,
  down: received,
  upPackets: sentPackets,
  downPackets: receivedPackets,
});
