// Our tables of nftables, one in each family that is in use. What is in their sets the kinds of interfaces say; nothing outside these tables is touched.
import type { Op } from '../spec/op.ts';
import { CHAINS } from './rules.ts';
import { SETS, type SetName, type TableFamily } from './sets.ts';

/** Name of our tables: "vzdeck", with the tag of a prefix that is not the node's own. */
export const tableOf = (tag: string): string => `vzdeck${tag === '' ? '' : `-${tag}`}`;

/** NFPROTO_… of linux/netfilter.h. */
const NUMBER: Readonly<Record<TableFamily, number>> = { inet: 1, ip: 2, bridge: 7, ip6: 10 };
/** Fails with ENOENT where one of them is not there. */
export const needed = (t: string, families: readonly TableFamily[]): readonly Op[] =>
  families.map((family) => ({ op: 'needTable', family: NUMBER[family], name: t }));

/** Sets that every change fills anew. */
const REREAD: readonly SetName[] = ['near', 'node4', 'node6', 'nodeTarget', 'forward4', 'forward6'];

const named = (t: string, text: string): string => text.replace(/^(\w+) /, (_, kind: string) => `${kind} ${t} `);

/** Family and name of the table that a set is in. */
export const placeOf = (t: string, set: string): string => `${SETS[set as SetName][0]} ${t}`;

/** Lines that make the tables as they must be, whatever is there of them: the beginning of every `nft -f`. */
export function skeleton(t: string, families: readonly TableFamily[]): readonly string[] {
  return families.flatMap((family) => {
    const place = `${family} ${t}`;
    return [
      `add table ${place}`,
      ...Object.values(SETS).flatMap(([of, text]) => (of === family ? [`add ${named(place, text)}`] : [])),
      ...CHAINS[family].flatMap(([name, hook]) => [
        `add chain ${place} ${name}${hook === '' ? '' : ` { ${hook} }`}`,
        `flush chain ${place} ${name}`,
      ]),
      ...REREAD.flatMap((set) => (SETS[set][0] === family ? [`flush ${SETS[set][1].slice(0, 3)} ${place} ${set}`] : [])),
      ...CHAINS[family].flatMap(([name, , rules]) => rules.map((rule) => `add rule ${place} ${name} ${rule}`)),
    ];
  });
}

/** Lines that take them away, with all that is in them. */
export const removal = (t: string, families: readonly TableFamily[]): readonly string[] =>
  families.flatMap((family) => [`add table ${family} ${t}`, `delete table ${family} ${t}`]);
