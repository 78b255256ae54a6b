// Our tables of nftables, one in each family that is in use. What is in their sets the kinds of interfaces say; nothing outside these tables is touched.
import { fnv1a } from '../spec/fnv.ts';
import type { Op } from '../spec/op.ts';
import { CHAINS, type Chain } from './rules.ts';
import { SETS, type SetName, type TableFamily } from './sets.ts';

/** Name of our tables: "vzdeck", with the tag of a prefix that is not the node's own. */
export const tableOf = (tag: string): string => `vzdeck${tag === '' ? '' : `-${tag}`}`;

/** NFPROTO_… of linux/netfilter.h. */
const NUMBER: Readonly<Record<TableFamily, number>> = { inet: 1, ip: 2, bridge: 7, ip6: 10 };
/** A set that says what a table was made of, so that it is made anew only where that has become something else. */
const MADE = 'made';
/** Fails with ENOENT where one of them is not there, or was not made of these lines. */
export const needed = (t: string, families: readonly TableFamily[], lines: readonly string[]): readonly Op[] =>
  families.map((family) => ({ op: 'needMark', family: NUMBER[family], table: t, set: MADE, mark: markOf(lines) }));

const markOf = (lines: readonly string[]): number => fnv1a(lines.join('\n'));

/** Lines, and at their end that the tables were made of them. */
export const marked = (t: string, families: readonly TableFamily[], lines: readonly string[]): readonly string[] =>
  families.flatMap((family) => [`flush set ${family} ${t} ${MADE}`, `add element ${family} ${t} ${MADE} { ${markOf(lines)} }`]);

/** What they are made with says what is in these. */
const NODES: readonly SetName[] = ['near', 'node4', 'node6', 'nodeTarget'];
/** Every change fills these anew. */
const REFILLED: readonly SetName[] = ['forward4', 'forward6'];

const emptied = (t: string, families: readonly TableFamily[], sets: readonly SetName[]): readonly string[] =>
  sets.flatMap((set) => (families.includes(SETS[set][0]) ? [`flush ${SETS[set][1].slice(0, 3)} ${placeOf(t, set)} ${set}`] : []));

export const refilled = (t: string, families: readonly TableFamily[]): readonly string[] => emptied(t, families, REFILLED);

const named = (t: string, text: string): string => text.replace(/^(\w+) /, (_, kind: string) => `${kind} ${t} `);

/** Family and name of the table that a set is in. */
export const placeOf = (t: string, set: string): string => `${SETS[set as SetName][0]} ${t}`;

const holds = ([, , , needs]: Chain, filled: ReadonlySet<string>): boolean => needs?.some((set) => filled.has(set)) ?? true;

/**
 * Lines that make the tables as they must be, whatever is there of them but chains that hold nothing (see `moot`). `filled`: sets that have something in
 * them.
 */
export function skeleton(t: string, families: readonly TableFamily[], filled: ReadonlySet<string>): readonly string[] {
  return families.flatMap((family) => {
    const place = `${family} ${t}`;
    const there = CHAINS[family].filter((chain) => holds(chain, filled));
    return [
      `add table ${place}`,
      `add set ${place} ${MADE} { type mark; }`,
      ...Object.values(SETS).flatMap(([of, text]) => (of === family ? [`add ${named(place, text)}`] : [])),
      ...there.flatMap(([name, hook]) => [
        `add chain ${place} ${name}${hook === '' ? '' : ` { ${hook} }`}`,
        `flush chain ${place} ${name}`,
      ]),
      ...emptied(t, [family], [...NODES, ...REFILLED]),
      ...there.flatMap(([name, , rules]) => rules.map((rule) => `add rule ${place} ${name} ${rule}`)),
    ];
  });
}

/**
 * Lines for what holds nothing, each of them by itself. nft would have to make such a chain to delete it, and whoever has something of nftables deleted
 * waits until the kernel has freed that, 10 ms and more.
 */
export const moot = (t: string, families: readonly TableFamily[], filled: ReadonlySet<string>): readonly string[] =>
  families.flatMap((family) =>
    CHAINS[family].flatMap((chain) => (holds(chain, filled) ? [] : [`destroy chain ${family} ${t} ${chain[0]}`])),
  );

/** Lines that take them away, with all that is in them. */
export const removal = (t: string, families: readonly TableFamily[]): readonly string[] =>
  families.flatMap((family) => [`add table ${family} ${t}`, `delete table ${family} ${t}`]);
