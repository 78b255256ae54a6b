import { describe, expect, it } from 'vitest';
import { COUNTER_NAMES, COUNTER_RECORD, counterRecords } from '../../../../src/engine/spec/bpf/counters.ts';
import { FILE, MORE_LOCKS, NO_BOUND, RECORD, TASK } from '../../../../src/engine/spec/bpf/iterators.ts';
import { heldOf, openedOf } from '../../../../src/engine/spec/bpf/passes.ts';

const KERNEL = 0xffff_8881_0000_0000n;
/** What stands in the place of an address that is none. */
const NOTHING = 0;

function records<L extends Readonly<Record<string, number>>>(
  layout: L,
  wide: readonly string[],
  narrow: readonly string[],
  all: readonly Partial<Record<keyof L, number>>[],
): Uint8Array {
  const bytes = Buffer.alloc(all.length * RECORD);
  for (const [n, one] of all.entries())
    for (const [name, value] of Object.entries(one) as [string, number][]) {
      const at = n * RECORD + (layout[name] ?? 0);
      // things are addresses, all of the same upper half
      if (wide.includes(name))
        bytes.writeBigUInt64LE((name === 'mm' || name === 'file') && value !== NOTHING ? KERNEL + BigInt(value) : BigInt(value), at);
      else if (narrow.includes(name)) bytes.writeUInt16LE(value, at);
      else bytes.writeUInt32LE(value, at);
    }
  return bytes;
}

const tasks = (...all: readonly Partial<Record<keyof typeof TASK, number>>[]) => records(TASK, ['group', 'mm', 'promised'], [], all);
const files = (...all: readonly Partial<Record<keyof typeof FILE, number>>[]) =>
  records(FILE, ['group', 'file'], ['locks', 'family', 'type', 'protocol'], all);

describe('a container’s counters in a pass over tasks', () => {
  const MARK = 1n << 63n;
  const numberIn = (numbers: Float64Array | undefined, file: string): number | undefined => numbers?.[COUNTER_NAMES.indexOf(file)];
  const counters = (group: number, told: bigint, frozen: number, numbers: Readonly<Record<number, bigint>>): Uint8Array => {
    const bytes = Buffer.alloc(COUNTER_RECORD);
    bytes.writeBigUInt64LE(MARK | BigInt(group), 0);
    bytes.writeBigUInt64LE(told, 8);
    bytes.writeBigUInt64LE(BigInt(frozen), 16);
    for (const [place, number] of Object.entries(numbers)) bytes.writeBigUInt64LE(number, 24 + 8 * Number(place));
    return bytes;
  };

  it('stand between tasks, which are told as without them', () => {
    const [one, other] = [tasks({ group: 7, mm: 64, promised: 100 }), tasks({ group: 9, mm: 192, promised: 5 })];
    const mixed = Buffer.concat([counters(7, 0n, 0, {}), one, counters(9, 0n, 1, {}), other]);
    expect(heldOf(mixed)).toEqual(heldOf(Buffer.concat([one, other])));
    expect(counterRecords(mixed).map(({ group, numbers }) => [group, numberIn(numbers, 'cgroup.freeze')])).toEqual([
      [7, 0],
      [9, 1],
    ]);
    // a pass that was cut
    expect(counterRecords(mixed.subarray(0, -RECORD - 1)).map(({ group }) => group)).toEqual([7]);
  });

  it('are in the unit of their files, without what the kernel does not tell', () => {
    const [current, limit, usage] = ['pids.current', 'pids.max', 'memory.usage_in_bytes'].map((file) => COUNTER_NAMES.indexOf(file) - 1);
    const bits = [current, limit, usage].reduce((sum: bigint, place) => sum | (1n << BigInt(place ?? 0)), 0n);
    const all = { [current ?? 0]: 12n, [limit ?? 0]: 4_194_305n, [usage ?? 0]: 3n, 15: 5n };
    const [record] = counterRecords(counters(7, bits, 0, all));
    expect(numberIn(record?.numbers, 'pids.current')).toBe(12);
    expect(numberIn(record?.numbers, 'pids.max')).toBe(Number.POSITIVE_INFINITY);
    expect(numberIn(record?.numbers, 'memory.usage_in_bytes')).toBe(12288);
    expect(numberIn(record?.numbers, 'memory.kmem.tcp.max_usage_in_bytes')).toBeNaN();
  });
});

describe('CPU time in a pass over tasks', () => {
  const PLACES = ['usage_usec', 'nice_usec', 'user_usec', 'system_usec', 'user_usec before', 'system_usec before'].map(
    (name) => COUNTER_NAMES.indexOf(`cpu.stat ${name}`) - 1,
  );
  /** Nanoseconds, in that order; what is told of it: whole, nice, user and system, microseconds. */
  const told = (...times: readonly number[]): readonly (number | undefined)[] => {
    const bytes = Buffer.alloc(COUNTER_RECORD);
    bytes.writeBigUInt64LE((1n << 63n) | 7n, 0);
    bytes.writeBigUInt64LE(
      PLACES.reduce((bits, place) => bits | (1n << BigInt(place)), 0n),
      8,
    );
    for (const [n, time] of times.entries()) bytes.writeBigUInt64LE(BigInt(time), 24 + 8 * (PLACES[n] ?? 0));
    const numbers = counterRecords(bytes)[0]?.numbers;
    return PLACES.slice(0, 4).map((place) => numbers?.[place + 1]);
  };

  it('is divided as ticks have found its parts', () => {
    expect(told(9_000_999, 1_999, 4_000_000, 8_000_000)).toEqual([9000, 1, 3000, 6000]);
    expect(told(9_000_999, 0, 0, 4_000_000)).toEqual([9000, 0, 0, 9000]);
    expect(told(9_000_999, 0, 4_000_000, 0)).toEqual([9000, 0, 9000, 0]);
    expect(told(0, 0, 0, 0)).toEqual([0, 0, 0, 0]);
  });
  it('has no part that is less than it was told before', () => {
    expect(told(9_000_000, 0, 4_000_000, 8_000_000, 0, 7_000_000)).toEqual([9000, 0, 2000, 7000]);
    expect(told(9_000_000, 0, 4_000_000, 8_000_000, 5_000_000, 3_000_000)).toEqual([9000, 0, 5000, 4000]);
    expect(told(9_000_000, 0, 4_000_000, 8_000_000, 1_000_000, 8_000_000)).toEqual([9000, 0, 1000, 8000]);
  });
  it('is left to the file where the kernel tells only some of it', () => {
    const bytes = Buffer.alloc(COUNTER_RECORD);
    bytes.writeBigUInt64LE((1n << 63n) | 7n, 0);
    bytes.writeBigUInt64LE(1n << BigInt(PLACES[0] ?? 0), 8);
    bytes.writeBigUInt64LE(5_000_000n, 24 + 8 * (PLACES[0] ?? 0));
    const numbers = counterRecords(bytes)[0]?.numbers;
    expect(PLACES.slice(0, 4).map((place) => numbers?.[place + 1])).toEqual([5000, Number.NaN, Number.NaN, Number.NaN]);
  });
});

describe('a pass over tasks', () => {
  it('adds up per group, and memory that two processes share once', () => {
    const sums = heldOf(
      tasks(
        { group: 7, mm: 64, promised: 100, locked: 1 },
        { group: 7, mm: 128, promised: 30 },
        { group: 7, mm: 64, promised: 100, locked: 1 },
        { group: 9, mm: 192, promised: 5 },
      ),
    );
    const nothing = { lockedpages: 0, mayLock: -1, numsiginfo: 0, mayQueue: 0 };
    expect(sums.get(7)).toEqual({ ...nothing, privvmpages: 130, lockedpages: 1 });
    expect(sums.get(9)).toEqual({ ...nothing, privvmpages: 5 });
    expect(sums.size).toBe(2);
  });
  it('knows the most that one of them may lock, where it is told', () => {
    const sums = heldOf(
      tasks(
        { group: 7, mm: 64, mayLock: 65 },
        { group: 7, mm: 128, mayLock: 1 },
        { group: 8, mm: 64, mayLock: 1 },
        { group: 9, mm: 64, mayLock: NO_BOUND },
        { group: 10, mm: 64 },
      ),
    );
    expect([7, 8, 9, 10].map((group) => sums.get(group)?.mayLock)).toEqual([64, 0, Number.POSITIVE_INFINITY, -1]);
  });
  it('knows signals of the container’s own namespace, which are those of namespaces inside too', () => {
    const sums = heldOf(
      tasks(
        { group: 7, mm: 64, queued: 12, mayQueue: 20 },
        { group: 7, mm: 128, queued: 5, mayQueue: 19 },
        { group: 7, mm: 192 },
        { group: 9, mm: 64, queued: 3, mayQueue: NO_BOUND },
      ),
    );
    expect(sums.get(7)).toMatchObject({ numsiginfo: 12, mayQueue: 20 });
    expect(sums.get(9)).toMatchObject({ numsiginfo: 3, mayQueue: Number.POSITIVE_INFINITY });
  });
  it('leaves out half a record', () => {
    expect(heldOf(tasks({ group: 7, mm: 1, promised: 3 }).subarray(0, RECORD - 1)).size).toBe(0);
  });
});

describe('a pass over files', () => {
  it('counts a file once per group, however many descriptors lead to it', () => {
    const sums = openedOf(
      files({ group: 7, file: 64, locks: 2 }, { group: 7, file: 64, locks: 2 }, { group: 7, file: 128 }, { group: 9, file: 64, locks: 2 }),
    );
    expect(sums.get(7)).toMatchObject({ numfile: 2, numflock: 2, numothersock: 0 });
    expect(sums.get(9)).toMatchObject({ numfile: 1, numflock: 2 });
  });
  it('knows whose descriptors and locks are more than were looked at', () => {
    const cut = { group: 7, file: NOTHING };
    const sums = openedOf(
      files({ group: 7, file: 64 }, cut, { group: 8, file: 64, locks: MORE_LOCKS + 256 }, { group: 9, file: 64, locks: 2 }),
    );
    expect(sums.get(7)).toMatchObject({ numfile: 1, more: 'descriptors' });
    expect(sums.get(8)).toMatchObject({ numfile: 1, numflock: 256, more: 'locks' });
    expect(sums.get(9)).toMatchObject({ numflock: 2, more: '' });
  });
  it('knows TCP from all other sockets', () => {
    const tcp = { family: 2, type: 1, protocol: 6, queued: 500, sent: 1000, received: 70 };
    const sums = openedOf(
      files(
        { group: 7, file: 1, ...tcp },
        { group: 7, file: 2, ...tcp, family: 10 },
        // unix; its own reference is no byte
        { group: 7, file: 3, family: 1, type: 1, sent: 1, received: 0 },
        { group: 7, file: 4, family: 2, type: 2, protocol: 17, sent: 769, received: 2304 },
        // a stream that is not TCP
        { group: 7, file: 5, family: 2, type: 1, protocol: 132, sent: 1 },
      ),
    );
    expect(sums.get(7)).toEqual({
      more: '',
      numfile: 5,
      numflock: 0,
      numothersock: 3,
      tcpsndbuf: 1000,
      tcprcvbuf: 140,
      othersockbuf: 768,
      dgramrcvbuf: 2304,
    });
  });
});
