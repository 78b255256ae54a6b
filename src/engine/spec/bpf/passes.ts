// What one pass of an iterator has told, added up for each group. Pure: records in, sums out. A process, its memory and a file are counted once
// per group, however many threads, descriptors and forks lead to them.
import { COUNTER_RECORD, isCounters, wordsOf } from './counters.ts';
import { FILE, MORE_LOCKS, NO_BOUND, RECORD, TASK } from './iterators.ts';

/** A container's id in the v2 tree, the inode number of its directory. */
export type GroupId = number;

/** What its processes hold: pages of 4096 bytes, and signals. */
export interface Held {
  privvmpages: number;
  lockedpages: number;
  /** The most that one of them may lock; -1: nobody tells. */
  mayLock: number;
  numsiginfo: number;
  /** How many signals may be queued; 0: nobody tells of signals. */
  mayQueue: number;
}

/** Items, and bytes where it ends in buf. Sockets are those that a descriptor leads to. */
export interface Opened {
  /** The group has more of it than was looked at: its descriptors, and so all of this, or its locks; '' where all was. */
  more: '' | 'locks' | 'descriptors';
  numfile: number;
  numflock: number;
  /** All but TCP. */
  numothersock: number;
  tcpsndbuf: number;
  tcprcvbuf: number;
  othersockbuf: number;
  dgramrcvbuf: number;
}

const INET: ReadonlySet<number> = new Set([2, 10]);
const STREAM = 1;
const TCP = 6;
/** A socket's own reference on its send buffer, which is no byte that waits. */
const OWN = 1;

const HALF = 2 ** 32;
/** Ids of groups are small; of addresses in the kernel the upper 11 bits are the same. */
const UPPER = 0x1f_ffff;

const wide = (words: Uint32Array, at: number): number => ((words[at / 4 + 1] as number) & UPPER) * HALF + (words[at / 4] as number);
const narrow = (words: Uint32Array, at: number): number => words[at / 4] as number;
const boundIn = (words: Uint32Array, at: number): number => (narrow(words, at) === NO_BOUND ? Number.POSITIVE_INFINITY : narrow(words, at));
/** 16 bits; little-endian, as all machines are that the engine runs on. */
const half = (words: Uint32Array, at: number): number => ((words[(at & ~3) / 4] as number) >>> (8 * (at & 2))) & 0xffff;

/** One entry per group, and which of its things have been seen: nearly all are one group's alone. */
class Groups<T> {
  readonly sums = new Map<GroupId, T>();
  readonly #owners = new Map<number, GroupId>();
  readonly #others = new Map<GroupId, Set<number>>();
  readonly #none: () => T;
  constructor(none: () => T) {
    this.#none = none;
  }
  /** null when the group's thing has been counted. */
  first(group: GroupId, thing: number): T | null {
    const owner = this.#owners.get(thing);
    if (owner === undefined) this.#owners.set(thing, group);
    else if (owner === group || !this.#handed(group, thing)) return null;
    let sum = this.sums.get(group);
    if (sum === undefined) {
      sum = this.#none();
      this.sums.set(group, sum);
    }
    return sum;
  }
  /** Another one's thing, which it has too; false when that has been counted. */
  #handed(group: GroupId, thing: number): boolean {
    const seen = this.#others.get(group) ?? new Set();
    this.#others.set(group, seen);
    if (seen.has(thing)) return false;
    seen.add(thing);
    return true;
  }
}

/** `at`: where it begins. There are tens of thousands: a DataView would take twice as long. */
function eachRecord(bytes: Uint8Array, each: (words: Uint32Array, at: number) => void): void {
  const words = wordsOf(bytes);
  for (let at = 0; at + RECORD <= bytes.length; ) {
    const counters = isCounters(words, at);
    if (!counters) each(words, at);
    at += counters ? COUNTER_RECORD : RECORD;
  }
}

export function heldOf(bytes: Uint8Array): ReadonlyMap<GroupId, Held> {
  const groups = new Groups<Held>(() => ({ privvmpages: 0, lockedpages: 0, mayLock: -1, numsiginfo: 0, mayQueue: 0 }));
  eachRecord(bytes, (words, at) => {
    const sum = groups.first(wide(words, at + TASK.group), wide(words, at + TASK.mm));
    if (sum === null) return;
    sum.privvmpages += wide(words, at + TASK.promised);
    sum.lockedpages += narrow(words, at + TASK.locked);
    // namespaces that are made inside have their part of the same
    sum.numsiginfo = Math.max(sum.numsiginfo, narrow(words, at + TASK.queued));
    sum.mayQueue = Math.max(sum.mayQueue, boundIn(words, at + TASK.mayQueue));
    sum.mayLock = Math.max(sum.mayLock, boundIn(words, at + TASK.mayLock) - 1);
  });
  return groups.sums;
}

const NOTHING: Opened = { more: '', numfile: 0, numflock: 0, numothersock: 0, tcpsndbuf: 0, tcprcvbuf: 0, othersockbuf: 0, dgramrcvbuf: 0 };

export function openedOf(bytes: Uint8Array): ReadonlyMap<GroupId, Opened> {
  const groups = new Groups<Opened>(() => ({ ...NOTHING }));
  eachRecord(bytes, (words, at) => {
    const sum = groups.first(wide(words, at + FILE.group), wide(words, at + FILE.file));
    if (sum === null) return;
    if (wide(words, at + FILE.file) === 0) {
      sum.more = 'descriptors';
      return;
    }
    const locks = half(words, at + FILE.locks);
    if (locks >= MORE_LOCKS && sum.more === '') sum.more = 'locks';
    sum.numfile++;
    sum.numflock += locks % MORE_LOCKS;
    const family = half(words, at + FILE.family);
    if (family === 0) return;
    const received = narrow(words, at + FILE.received);
    const stream = half(words, at + FILE.type) === STREAM && half(words, at + FILE.protocol) === TCP;
    if (INET.has(family) && stream) {
      sum.tcpsndbuf += narrow(words, at + FILE.queued);
      sum.tcprcvbuf += received;
      return;
    }
    sum.numothersock++;
    sum.othersockbuf += Math.max(0, narrow(words, at + FILE.sent) - OWN);
    sum.dgramrcvbuf += received;
  });
  return groups.sums;
}
