// The arithmetic of a container's traffic: what went over its links on each day and in each month, from counters that begin anew with each link. Knows
// neither files nor who looks; a look that is told twice changes no sum.

/** Bytes and packets; up: from the container, down: to it. */
export interface Traffic {
  readonly up: number;
  readonly down: number;
  readonly upPackets: number;
  readonly downPackets: number;
}

/** Counters of one link as a look found them. */
export interface LinkTraffic extends Traffic {
  /** Inside. */
  readonly name: string;
  /** No two links that were ever made have the same, on whatever boot of the node; "" where nobody tells. */
  readonly life: string;
}

/** What went over links, by their names inside. */
export type TrafficByLink = Readonly<Record<string, Traffic>>;

/** A day or a month of the node's local time: "2026-11-22", "2026-11". */
export interface TrafficSpan {
  readonly key: string;
  /** Milliseconds since 1970: no part of it is of earlier. Lies before the span where nobody had looked when it began. */
  readonly from: number;
  readonly links: TrafficByLink;
}

/** All that is kept of a container. Spans ascend. */
export interface TrafficAccount {
  /** Milliseconds since 1970: since when it counts, and the last look. */
  readonly since: number;
  readonly at: number;
  /** Last counters of each link that was seen, which are in the sums. */
  readonly seen: Readonly<Record<string, Traffic & { readonly life: string }>>;
  readonly days: readonly TrafficSpan[];
  readonly months: readonly TrafficSpan[];
  readonly total: TrafficByLink;
}

/** So many spans are kept, a quarter of a year and five years; some 20 KB a container. */
export const KEPT = { days: 92, months: 60 } as const;
/** What more links than these went over is counted together. */
const LINKS = 8;
export const OTHER_LINKS = 'others';

export const PARTS = ['up', 'down', 'upPackets', 'downPackets'] as const;
export const NO_TRAFFIC: Traffic = { up: 0, down: 0, upPackets: 0, downPackets: 0 };

const by = (a: Traffic, b: Traffic, how: (a: number, b: number) => number): Traffic => ({
  up: how(a.up, b.up),
  down: how(a.down, b.down),
  upPackets: how(a.upPackets, b.upPackets),
  downPackets: how(a.downPackets, b.downPackets),
});
const sum = (a: Traffic, b: Traffic): Traffic => by(a, b, (x, y) => x + y);

export const trafficSum = (links: TrafficByLink): Traffic => Object.values(links).reduce(sum, NO_TRAFFIC);

export const emptyTraffic = (now: number): TrafficAccount => ({ since: now, at: now, seen: {}, days: [], months: [], total: {} });

const two = (n: number): string => String(n).padStart(2, '0');
export function dayOf(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
const monthOf = (at: number): string => dayOf(at).slice(0, 7);
/** Milliseconds since 1970 at which a day or month began. */
export function beginOf(key: string): number {
  const [year = 0, month = 1, day = 1] = key.split('-').map(Number);
  return new Date(year, month - 1, day).getTime();
}

function added(to: TrafficByLink, more: ReadonlyMap<string, Traffic>): TrafficByLink {
  const links = new Map(Object.entries(to));
  for (const [name, traffic] of more) {
    const own = links.has(name) || links.size < LINKS ? name : OTHER_LINKS;
    links.set(own, sum(links.get(own) ?? NO_TRAFFIC, traffic));
  }
  return Object.fromEntries(links);
}

function into(
  spans: readonly TrafficSpan[],
  kept: number,
  key: string,
  from: number,
  more: ReadonlyMap<string, Traffic>,
): readonly TrafficSpan[] {
  const old = spans.find((span) => span.key === key);
  const grown = { key, from: Math.min(from, old?.from ?? from), links: added(old?.links ?? {}, more) };
  // a clock that is set back finds an earlier span again
  const all = [...spans.filter((span) => span.key !== key), grown].sort((a, b) => (a.key < b.key ? -1 : 1));
  return all.slice(-kept);
}

/** What a link has carried since its counters were told last: all of it, where it is another link. */
function grownSince(last: (Traffic & { readonly life: string }) | undefined, { life, ...counters }: Omit<LinkTraffic, 'name'>): Traffic {
  if (last === undefined) return counters;
  const sure = life !== '' && last.life !== '';
  const same = sure ? life === last.life : PARTS.every((part) => counters[part] >= last[part]);
  // of one link a smaller count is that of an earlier look
  return same ? by(counters, last, (x, y) => Math.max(0, x - y)) : counters;
}

/** With what a look at `now` found; the same object where nothing has come since the last one, and its day is the same. */
export function counted(account: TrafficAccount, now: number, found: readonly LinkTraffic[]): TrafficAccount {
  const more = new Map<string, Traffic>();
  const seen = new Map(Object.entries(account.seen));
  for (const { name, ...link } of found) {
    const last = account.seen[name];
    const grown = grownSince(last, link);
    if (PARTS.some((part) => grown[part] > 0)) more.set(name, grown);
    if (last?.life === link.life && !more.has(name)) continue;
    const same = last !== undefined && (link.life === '' || last.life === link.life);
    seen.delete(name);
    seen.set(name, { ...(same ? by(link, last, Math.max) : link), life: link.life || (last?.life ?? '') });
  }
  const moved = [...seen].some(([name, { life }]) => account.seen[name]?.life !== life);
  if (more.size === 0 && !moved && dayOf(now) === dayOf(account.at)) return account;
  const next = { ...account, at: now, seen: Object.fromEntries([...seen].slice(-2 * LINKS)) };
  if (more.size === 0) return next;
  const from = Math.min(account.at, now);
  return {
    ...next,
    days: into(account.days, KEPT.days, dayOf(now), from, more),
    months: into(account.months, KEPT.months, monthOf(now), from, more),
    total: added(account.total, more),
  };
}

/** Milliseconds by which a span may begin early without anybody being told: the sampler looks that much before midnight. */
const EARLY = 90_000;

/** Part of it may be of earlier: nobody had looked when it began. */
export const mayBeEarlier = ({ key, from }: TrafficSpan): boolean => from < beginOf(key) - EARLY;
