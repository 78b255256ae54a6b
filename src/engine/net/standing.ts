// What is still there of what was made of a running container's network. Root inside can delete a link, and with it goes the other end and all that stands
// on either; he can call venet0 otherwise, or move it into a namespace of his own, where nothing of ours reaches it.
import { change, type Thing, whereOf } from './thing.ts';
import { VENET } from './venet.ts';

export interface Standing {
  /** Without links that are lost, and without all that stood on them. */
  readonly things: readonly Thing[];
  /** Links of the node whose other end is lost: they are in the way of new ones. */
  readonly torn: readonly string[];
  /** What lost links were called inside, where another one has that name by now. */
  readonly usurped: readonly string[];
}

const isPair = ([kind]: Thing): boolean => kind === 'pair' || kind === 'cable';
/** Of a bridged device root inside has the say, also of how it is called. */
const isLost = ([kind, near = '', far = '']: Thing, links: ReadonlySet<string>, inside: ReadonlySet<string>): boolean =>
  !links.has(near) || (kind === 'pair' && !inside.has(far));

/** `links`, `inside`: names of links on the node, and in the container. */
export function standing(things: readonly Thing[], links: ReadonlySet<string>, inside: ReadonlySet<string>): Standing {
  const lost = things.filter((thing) => isPair(thing) && isLost(thing, links, inside));
  const near = new Set(lost.map(([, name = '']) => name));
  const far = new Set(lost.map(([, , name = '']) => name));
  const stoodOn = (thing: Thing): boolean => {
    const where = whereOf(thing);
    const words = thing.slice(1).flatMap((word) => (where === 'switch' ? word.split('/') : [word]));
    return where !== 'table' && words.some((word) => (where === 'inside' ? far : near).has(word));
  };
  return {
    things: lost.length === 0 ? things : things.filter((thing) => !stoodOn(thing)),
    torn: [...near].filter((name) => links.has(name)),
    usurped: lost.flatMap(([, name = '', inner = '']) => (!links.has(name) && inside.has(inner) ? [inner] : [])),
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
  return change('', [], own).inside.map((line) => line.replace(/^route replace /, 'route add '));
}
