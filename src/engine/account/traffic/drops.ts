// Packets that were dropped on their way, by reason: the guard's counters of our tables as nft(8) tells them, buckets of rates as tc(8) does. Two
// programs for all containers, so only for somebody who looks at them.
import type { Host } from '../../host/port.ts';
import { tableOf } from '../../net/table.ts';
import type { LinkCounters } from './counters.ts';
import type { CtLink } from './links.ts';

/** Packets since the link was made; null where it could not be asked. */
export interface Dropped {
  /** From the container: it was not to send them. */
  readonly guard: number | null;
  /** By its limits of how fast, both ways. */
  readonly rate: number | null;
  /** On the node's end of the link, both ways: no room, or nobody who takes them. */
  readonly queue: number;
}

/** What the two programs said last; null: it could not be asked. */
export interface ToldDrops {
  /** By counter. */
  readonly guards: ReadonlyMap<string, number> | null;
  /** By link. */
  readonly buckets: ReadonlyMap<string, number> | null;
}

interface ToldCounter {
  readonly counter?: { readonly table: string; readonly name: string; readonly packets: number };
}
interface ToldQdisc {
  readonly kind: string;
  readonly dev: string;
  readonly drops?: number;
}

/** Of `nft -j list counters`. */
export function parseGuards(text: string, table: string): ReadonlyMap<string, number> {
  const { nftables } = JSON.parse(text) as { readonly nftables: readonly ToldCounter[] };
  return new Map(nftables.flatMap(({ counter }) => (counter?.table === table ? [[counter.name, counter.packets]] : [])));
}

/** Of `tc -s -j qdisc show`. */
export function parseBuckets(text: string): ReadonlyMap<string, number> {
  const all = JSON.parse(text) as readonly ToldQdisc[];
  return new Map(all.flatMap(({ kind, dev, drops = 0 }) => (kind === 'tbf' ? [[dev, drops]] : [])));
}

/** Never throws: what cannot be asked is not known. */
export async function askDrops(host: Pick<Host, 'run'>, tag: string): Promise<ToldDrops> {
  const ask = async (program: string, words: readonly string[], parse: (text: string) => ReadonlyMap<string, number>) => {
    try {
      const { status, stdout } = await host.run(program, words);
      return status === 0 ? parse(stdout) : null;
    } catch {
      return null;
    }
  };
  const [guards, buckets] = await Promise.all([
    ask('nft', ['-j', 'list', 'counters'], (text) => parseGuards(text, tableOf(tag))),
    ask('tc', ['-s', '-j', 'qdisc', 'show'], parseBuckets),
  ]);
  return { guards, buckets };
}

export function droppedOf({ hostName, guards, ifb }: CtLink, told: ToldDrops, counters: LinkCounters): Dropped {
  const sum = (of: ReadonlyMap<string, number> | null, names: readonly string[]): number | null =>
    of === null ? null : names.reduce((all, name) => all + (of.get(name) ?? 0), 0);
  return {
    guard: sum(told.guards, guards),
    rate: sum(told.buckets, ifb === '' ? [hostName] : [hostName, ifb]),
    queue: counters.receivedDropped + counters.sentDropped,
  };
}
