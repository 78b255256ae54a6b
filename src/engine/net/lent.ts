// Network devices of the node that a container has as its own for a while (NETDEV), and what they had before.
import { linkNameFault } from '../spec/link-name.ts';
import { carriedBy, type NodeLink, type NodeLinks } from './look.ts';
import type { Thing } from './thing.ts';

/** Beyond all that the node, and our own links, count up to. */
const FIRST_INDEX = 0x4000_0000;

const partOf = (name: string, before: readonly Thing[]): readonly Thing[] =>
  before.filter((thing) => (thing[0] === 'lent' || thing[0] === 'home') && thing[1] === name);

/** In the order in which they are taken away, reversed: back, then what it had, line by line. */
const fresh = ({ name, index, home }: NodeLink, settings: readonly string[]): readonly Thing[] => [
  ...[...settings.map((line) => `sysctl ${line}`), ...home].toReversed().map((line): Thing => ['home', name, line]),
  ['lent', name, String(FIRST_INDEX + (index % FIRST_INDEX)), String(index)],
];

/** `settings`: see node-links.ts. `before`: what there is; a device that is lent already is not among the node's links. */
export function lentThings(
  names: readonly string[],
  links: NodeLinks,
  settings: (device: string) => readonly string[],
  before: readonly Thing[],
): readonly Thing[] {
  if (names.length === 0) return [];
  return [
    ['pin'],
    ...names.flatMap((name) => {
      const [has, link] = [partOf(name, before), links.get(name)];
      return has.length > 0 ? has : link === undefined ? [] : fresh(link, settings(name));
    }),
  ];
}

/** Completes "Network device NAME …"; null for one that may be lent. `carriers`: links that carry logins, with whose. */
export function whyNotLent(name: string, links: NodeLinks, carriers: ReadonlyMap<string, string>): string | null {
  const link = links.get(name);
  const fault = linkNameFault(name);
  if (fault !== null) return fault;
  if (link === undefined) return 'is not there';
  if (link.loopback) return 'is loopback: every container has it of its own';
  if (link.master !== null) return `is a part of ${link.master}`;
  const all = carriedBy(links, name);
  const by = (one: NodeLink): string => (one.name === name ? '' : ` by ${one.name}`);
  const carrier = all.find((one) => carriers.has(one.name));
  if (carrier !== undefined) return `carries ${carriers.get(carrier.name)}${by(carrier)}: both would be lost`;
  const out = all.find(({ wayOut }) => wayOut);
  if (out !== undefined) return `carries the node's default route${by(out)}`;
  return all.length > 1 ? `carries ${all[1]?.name} of the node` : null;
}
