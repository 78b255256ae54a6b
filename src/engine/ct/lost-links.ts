// What root inside has taken of the network that his container was given: with the next change of it, or `vzdeck net check --repair`, it is there again, as after a start.
import { VzError } from '../errors.ts';
import { ipForgiven, linkOps, links, type Owner } from '../net/batch-ops.ts';
import { type InsideNow, insideNow } from '../net/inside-now.ts';
import { putBack, standing } from '../net/standing.ts';
import { tableOf } from '../net/table.ts';
import { change, keyOf, type Thing } from '../net/thing.ts';
import { LINKS_FORGIVEN, LINKS_JOIN, type Op } from '../spec/op.ts';
import { netPin } from '../store/net-note.ts';
import { linksOf, type NetContext } from './node-network.ts';

/** Null where the process is gone. */
export const lookInside = ({ host }: Pick<NetContext, 'host'>, pid: number): InsideNow | null =>
  insideNow((name) => {
    try {
      return host.files.read(`${host.proc}/${pid}/net/${name}`) ?? '';
    } catch {
      return '';
    }
  });

type Living = Exclude<Owner, 'newborn'>;

export interface StillThere {
  readonly things: readonly Thing[];
  /** Links of the node that go before new ones come. */
  readonly torn: readonly string[];
  /** Of those that stay, what root inside has taken from venet0. */
  readonly back: (after: readonly Thing[]) => readonly Op[];
}

/** Throws VzError 'netdev-refused' where something else has the name of a link that is lost. */
export function stillThere(context: NetContext, id: number, owner: Living, things: readonly Thing[]): StillThere {
  const now = typeof owner === 'string' ? null : lookInside(context, owner.pid);
  if (now === null) return { things, torn: [], back: () => [] };
  const still = standing(things, linksOf(context), now.links);
  const [device] = still.usurped;
  if (device !== undefined)
    throw new VzError('netdev-refused', {
      device,
      why: `of container ${id} is gone, and root inside has made another one of that name; it goes by: vzctl exec ${id} ip link del dev ${device}`,
      remedy: 'Or restart the container',
    });
  const back = (after: readonly Thing[]): readonly Op[] => {
    const stay = new Set(after.map(keyOf));
    const kept = still.things.filter((thing) => stay.has(keyOf(thing)));
    return links(owner, LINKS_JOIN | LINKS_FORGIVEN, putBack(kept, now.led.elsewhere));
  };
  return { things: still.things, torn: still.torn, back };
}

export const removeTorn = ({ host }: NetContext, torn: readonly string[]): Promise<unknown> =>
  host.launcher.ops({ ops: ipForgiven(torn.map((name) => `link del dev ${name}`)) });

/** Operations that make anew what of these things is not there any more. */
export function madeAnew({ node }: NetContext, id: number, owner: Living, things: readonly Thing[], still: StillThere): readonly Op[] {
  const batch = change(tableOf(node.tag), still.things, things);
  return [...linkOps(batch, owner, netPin(node, id)), ...still.back(things)];
}
