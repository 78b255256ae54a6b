// What is still there of what was made of a running container's network. Root inside can delete a link, and with it goes the other end and all that stands
// on either; he can call venet0 otherwise, or move it into a namespace of his own, where nothing of ours reaches it. On the node somebody can take away what
// holds a rate.
import type { Queues } from './queues.ts';
import { change, keyOf, type Thing, type ThingName, whereOf } from './thing.ts';
import { VENET } from './venet.ts';

/** What the kernel says. */
export interface There {
  /** Names of links on the node, and in the container. */
  readonly links: ReadonlySet<string>;
  readonly inside: ReadonlySet<string>;
  /** Numbers of links in the container; null where nobody has asked. */
  readonly numbers: ReadonlySet<string> | null;
  /** Of the node; null likewise. */
  readonly queues: Queues | null;
}

export interface Standing {
  /** Without links that are lost, and without all that stood on them. */
  readonly things: readonly Thing[];
  /** Of the others those that are not gone with a link. */
  readonly lost: readonly Thing[];
  /** Links of the node whose other end is lost, and what is left of lost ways into an ifb: they are in the way of new ones. */
  readonly torn: readonly string[];
  readonly stale: readonly Thing[];
  /** What lost links were called inside, where another one has that name by now. */
  readonly usurped: readonly string[];
}

type Test = (there: There, ...args: readonly string[]) => boolean;
const notOnNode: Test = ({ links }, name = '') => !links.has(name);
const notInside: Test = ({ numbers }, _name, number = '') => numbers !== null && !numbers.has(number);

/** Things that are looked for; a bridged device, and what is inside as a whole, root there may call as he likes. */
const LOST: Readonly<Partial<Record<ThingName, Test>>> = {
  pair: ({ links, inside }, near = '', far = '') => !links.has(near) || !inside.has(far),
  cable: notOnNode,
  ifb: notOnNode,
  sub: notInside,
  lent: notInside,
  bucket: ({ queues }, link = '', kbit = '') => queues !== null && queues.buckets.get(link) !== Number(kbit),
  steer: ({ queues }, _link, ifb = '') => queues !== null && !queues.steered.has(ifb),
};

/** Names on the node and inside of what a link has on either end. */
const endsOf = ([kind, name = '', inner = '']: Thing): readonly [near: string | null, far: string | null] => {
  if (kind === 'pair' || kind === 'cable') return [name, inner];
  return [kind === 'ifb' ? name : null, kind === 'sub' || kind === 'lent' ? name : null];
};

export function standing(things: readonly Thing[], there: There): Standing {
  const { links, inside } = there;
  const lost = things.filter(([kind, ...args]) => LOST[kind]?.(there, ...args));
  if (lost.length === 0) return { things, lost, torn: [], stale: [], usurped: [] };
  const ends = lost.map(endsOf);
  const near = new Set(ends.flatMap(([name]) => name ?? []));
  const far = new Set(ends.flatMap(([, name]) => name ?? []));
  const gone = new Set(lost.map(keyOf));
  const stoodOn = (thing: Thing): boolean => {
    const where = whereOf(thing);
    const words = thing.slice(1).flatMap((word) => (where === 'switch' ? word.split('/') : [word]));
    return where !== 'table' && words.some((word) => (where === 'inside' ? far : near).has(word));
  };
  return {
    things: things.filter((thing) => !gone.has(keyOf(thing)) && !stoodOn(thing)),
    lost: lost.filter((thing) => endsOf(thing)[0] !== null || !stoodOn(thing)),
    torn: [...near].filter((name) => links.has(name)),
    stale: things.filter(
      (thing) =>
        thing[0] === 'steer' && links.has(thing[1] ?? '') && !near.has(thing[1] ?? '') && (gone.has(keyOf(thing)) || stoodOn(thing)),
    ),
    usurped: ends.flatMap(([name, inner]) => (inner !== null && inside.has(inner) && !(name !== null && links.has(name)) ? [inner] : [])),
  };
}

/**
 * Lines inside that put back what root inside has taken from venet0, and take nobody's place. `led`: families of which he has a default route elsewhere,
 * which then is his choice.
 */
export function putBack(things: readonly Thing[], led: ReadonlySet<4 | 6>): readonly string[] {
  const own = things.filter(
    (thing) => whereOf(thing) === 'inside' && thing.includes(VENET) && !(thing[0] === 'way' && led.has(thing[1] === '::/0' ? 6 : 4)),
  );
  // with another MAC than the node's end has nothing arrives at either
  const macs = things.flatMap(([kind, , inner, , mac]) => (kind === 'pair' ? [`link set dev ${inner} address ${mac}`] : []));
  return [...macs, ...change('', [], own).inside.map((line) => line.replace(/^route replace /, 'route add '))];
}
