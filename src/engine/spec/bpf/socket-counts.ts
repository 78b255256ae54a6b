// What the maps of the socket programs say, as the kernel prints pinned maps: one line of numbers for each cgroup. Pure. The kernel promises no
// form for that text; only the order of the numbers is relied on, and each line that has another number of them is left out.
import { COUNT_FIELDS, SOCKET_KINDS } from './socket-programs.ts';

export type SocketKind = (typeof SOCKET_KINDS)[number];
export type SocketCount = Readonly<Record<(typeof COUNT_FIELDS)[number], number>>;
export type SocketCounts = Readonly<Record<SocketKind, SocketCount>>;
/** null: no limit. */
export type SocketLimits = Readonly<Record<SocketKind, number | null>>;

const numbersIn = (text: string): readonly number[] => text.match(/\d+/g)?.map(Number) ?? [];

/** Less than nothing, which is printed as a very large number, is nothing: a moment between two processors. */
const HALF = 2 ** 63;
const count = (n: number): number => (n >= HALF ? 0 : n);

const TOTAL = SOCKET_KINDS.length * COUNT_FIELDS.length;

/** By the numbers of cgroups, "4711: {1,2,0,0,0,0,}". */
export function parseCounts(text: string): ReadonlyMap<number, SocketCounts> {
  const found = new Map<number, SocketCounts>();
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue;
    const [group, ...numbers] = numbersIn(line);
    if (group === undefined || numbers.length !== TOTAL) continue;
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = numbers;
    found.set(group, {
      numtcpsock: { held: count(a), maxheld: count(b), failcnt: count(c) },
      numothersock: { held: count(d), maxheld: count(e), failcnt: count(f) },
    });
  }
  return found;
}

/** "4711: {" and a line for each processor, "cpu0: {31,0,}"; the first one speaks for all. */
export function parseLimits(text: string): ReadonlyMap<number, SocketLimits> {
  const found = new Map<number, SocketLimits>();
  const told = (n: number): number | null => (n === 0 ? null : n - 1);
  for (const [, group, tcp, other] of text.matchAll(/^(\d+): \{\s*cpu\d+: \{(\d+),(\d+)/gm))
    found.set(Number(group), { numtcpsock: told(Number(tcp)), numothersock: told(Number(other)) });
  return found;
}

/** As the map of limits takes them: the same for each of the processors that this node may ever have. */
export function limitValue(limits: SocketLimits, processors: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(processors * SOCKET_KINDS.length * 8));
  for (let cpu = 0; cpu < processors; cpu++)
    SOCKET_KINDS.forEach((kind, i) => {
      const limit = limits[kind];
      view.setBigUint64((cpu * SOCKET_KINDS.length + i) * 8, limit === null ? 0n : BigInt(limit) + 1n, true);
    });
  return new Uint8Array(view.buffer);
}
