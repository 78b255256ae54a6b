// vzsplit's arithmetic: figures of the original for a node of 3950 MB, and whatever a node has, vzcfgvalidate takes what comes out.
import { describe, expect, test } from 'vitest';
import { diskPairs, SPLIT_LEVELS, type SplitNode, split, splitDisk, splitRefusal, splitVswap } from '../../../src/engine/spec/split.ts';
import { PAGE, type Pair, printPair } from '../../../src/engine/spec/units.ts';
import { validation } from '../../../src/engine/spec/validate/rules.ts';
import { SEED, seeded } from './seeded.ts';

const KIB = 1024;
const NODE: SplitNode = {
  ram: 4_045_048 * KIB,
  low: 4_045_048 * KIB,
  swap: 2_097_148 * KIB,
  threads: 31_538,
  disk: { kib: 100 * KIB * KIB, inodes: 6_553_600 },
};

const texts = (values: ReadonlyMap<string, Pair>): Map<string, string> => new Map([...values].map(([key, pair]) => [key, printPair(pair)]));

describe('as the original', () => {
  test.each([
    [10, 0, { NUMPROC: '2022', KMEMSIZE: '82842583:91126841', TCPSNDBUF: '19332082:27614194', DCACHESIZE: '18091992:18634752' }],
    [200, 1, { NUMPROC: '150', AVNUMPROC: '75', VMGUARPAGES: '5186:unlimited', OTHERSOCKBUF: '600725:1056125', NUMIPTENT: '10' }],
    [1, 0, { PRIVVMPAGES: '1118244:1230068', NUMFLOCK: '1000:1100', NUMPTY: '512', DCACHESIZE: '180955712:186384384' }],
  ])('%s containers', (count, level, values) => {
    const found = split(NODE, count);
    expect(found?.level).toBe(level);
    expect(Object.fromEntries(texts(found?.values ?? new Map()))).toMatchObject(values);
  });

  test('too many are refused with as many as there can be', () => {
    expect(splitRefusal(NODE, 500)).toBeNull();
    expect(splitRefusal(NODE, 10_000)).toEqual({ memory: true, low: false, most: 1125 });
  });

  test('the disk is halved among them; where it is too small for all, defaults', () => {
    expect(texts(new Map(diskPairs(splitDisk(NODE, 5))))).toEqual(
      new Map([
        ['DISKSPACE', '8579258:9437184'],
        ['DISKINODES', '586690:645360'],
      ]),
    );
    expect(splitDisk(NODE, 100)).toEqual({ kib: 225_280, inodes: 88_000, small: false, most: 73 });
    expect(splitDisk({ ...NODE, disk: { kib: 10_000_000, inodes: 150_000 } }, 1)).toMatchObject({ small: true, most: 0 });
    expect(splitDisk({ ...NODE, disk: null }, 3)).toMatchObject({ kib: 225_280, most: null });
  });
});

/** What vzcfgvalidate would fail with. */
function failures(values: ReadonlyMap<string, string>, node: SplitNode, vswap: boolean): readonly string[] {
  const pages = (bytes: number): bigint => BigInt(Math.trunc(bytes)) / PAGE;
  const steps = validation(values, { ram: pages(node.ram), swap: pages(node.swap) }, vswap);
  const found: string[] = [];
  for (let at = steps.next(); !at.done; at = steps.next(false)) {
    if ('missing' in at.value) found.push(`no ${at.value.missing}`);
    else if (at.value.found.severity !== 'Recommendation') found.push(at.value.found.text);
  }
  return found;
}

test('whatever a node has, what comes out fits: all levels, beancounters as well as RAM and swap', () => {
  const random = seeded(SEED);
  const levels = new Set<number>();
  for (let round = 0; round < 4000; round++) {
    const ram = (64 + random.below(random.pick([512, 8192, 1_048_576]))) * 2 ** 20 + random.below(2 ** 20);
    const node: SplitNode = {
      ram,
      low: random.pick([ram, Math.min(ram, 896 * 2 ** 20)]),
      swap: random.below(4) === 0 ? 0 : random.below(16_384) * 2 ** 20,
      threads: 1000 + random.below(200_000),
      disk: null,
    };
    const count = 1 + random.below(random.pick([3, 50, 1000]));
    const found = splitRefusal(node, count) === null ? split(node, count) : null;
    if (found === null) continue;
    levels.add(found.level);
    expect({ node, count, wrong: failures(texts(found.values), node, false) }).toEqual({ node, count, wrong: [] });
    expect({ node, count, wrong: failures(texts(splitVswap(node, found)), node, true) }).toEqual({ node, count, wrong: [] });
  }
  expect(levels.size).toBe(SPLIT_LEVELS.length + 1);
});
