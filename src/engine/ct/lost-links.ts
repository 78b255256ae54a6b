// What root inside has taken of the network that his container was given: with the next change of it, or `vzdeck net check --repair`, it is there again, as after a start.
import { VzError } from '../errors.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { ipForgiven, linkOps, links, type Owner } from '../net/batch-ops.ts';
import { insideNow, type ReadInside, type VenetNow } from '../net/inside-now.ts';
import { lookAtQueues, type Queues } from '../net/queues.ts';
import { putBack, type Standing, standing, type There } from '../net/standing.ts';
import { tableOf } from '../net/table.ts';
import { change, keyOf, type Thing } from '../net/thing.ts';
import { VENET } from '../net/venet.ts';
import { LINKS_FORGIVEN, LINKS_JOIN, type Op } from '../spec/op.ts';
import { netPin } from '../store/net-note.ts';
import { directBlocks } from './direct-way.ts';
import { linksOf, type NetContext } from './node-network.ts';

/** Of a container's network namespace, read below /proc of its init. */
export const readingInside =
  ({ host }: Pick<NetContext, 'host'>, pid: number): ReadInside =>
  (name, most) => {
    try {
      return host.files.readMost(`${host.proc}/${pid}/net/${name}`, most) ?? '';
    } catch {
      return '';
    }
  };

const isWhole = ([kind]: Thing): boolean => kind === 'sub' || kind === 'lent';
const isSteered = ([kind]: Thing): boolean => kind === 'steer';
const isHeld = (thing: Thing): boolean => thing[0] === 'bucket' || isSteered(thing);

/**
 * Numbers of links in a container, for one that has such as are inside as a whole: only in there they are told. Null for others, and where the process is
 * gone.
 */
export async function numbersInside(
  { host }: Pick<NetContext, 'host'>,
  { pid, startTime }: ProcessId,
  things: readonly Thing[],
): Promise<ReadonlySet<string> | null> {
  if (!things.some(isWhole)) return null;
  const numbers = new Set<string>();
  // root inside can have any number of them
  const { status } = await host.run('nsenter', [`--net=${host.proc}/${pid}/ns/net`, '--', 'ip', '-o', 'link'], {
    looks: true,
    onLine: (line, from) => void (from === 'out' && numbers.add(/^\d+/.exec(line)?.[0] ?? '')),
  });
  return status === 0 && host.startTime(pid) === startTime ? numbers : null;
}

const SHOW = 'for at; do printf "%s " "$at"; nsenter --net="$at" -- ip -o link show dev "$0" 2>/dev/null || echo; done';

/** `venet0` of containers, as it is inside, where it is there: by CTID. */
export async function venetsInside(
  { host }: Pick<NetContext, 'host'>,
  running: readonly { readonly id: number; readonly init: ProcessId; readonly things: readonly Thing[] }[],
): Promise<ReadonlyMap<number, VenetNow>> {
  const having = running.filter(({ things }) => things.some(([kind, , inner]) => kind === 'pair' && inner === VENET));
  if (having.length === 0) return new Map();
  const at = ({ pid }: ProcessId): string => `${host.proc}/${pid}/ns/net`;
  const told = new Map<string, VenetNow>();
  await host.run('sh', ['-c', SHOW, VENET, ...having.map(({ init }) => at(init))], {
    looks: true,
    onLine(line, from) {
      const [, place = '', flags = '', mac = ''] = /^(\S+) \d+: \S+ <([A-Z0-9_,]*)>.*link\/ether (\S+)/.exec(line) ?? [];
      if (from === 'out' && place !== '') told.set(place, { up: flags.split(',').includes('UP'), mac });
    },
  });
  return new Map(
    having.flatMap(({ id, init }) => {
      const now = told.get(at(init));
      return now === undefined || host.startTime(init.pid) !== init.startTime ? [] : [[id, now] as const];
    }),
  );
}

/** Null where none of these things is held by any, and where tc does not tell. `short`: those that the short way hangs on, too. */
export async function queuesOf(context: NetContext, things: readonly Thing[], short: boolean): Promise<Queues | null> {
  const blocks = short ? directBlocks(context) : [];
  if (blocks.length === 0 && !things.some(isHeld)) return null;
  return lookAtQueues(
    context.host,
    things.filter(isSteered).map(([, link = '']) => link),
    blocks,
  );
}

type Living = Exclude<Owner, 'newborn'>;

export interface StillThere extends Pick<Standing, 'things' | 'lost' | 'torn' | 'stale'> {
  /** Of those that stay, what root inside has taken from venet0. */
  readonly back: (after: readonly Thing[]) => readonly Op[];
}

/** Not asked, since programs would have to be. */
const UNASKED: Pick<There, 'numbers' | 'queues'> = { numbers: null, queues: null };

/** Throws VzError 'netdev-refused' where something else has the name of a link that is lost. */
export function stillThere(context: NetContext, id: number, owner: Living, things: readonly Thing[], asked = UNASKED): StillThere {
  const now = typeof owner === 'string' ? null : insideNow(readingInside(context, owner.pid));
  if (now === null) return { things, lost: [], torn: [], stale: [], back: () => [] };
  const still = standing(things, { links: linksOf(context), inside: now.links, ...asked });
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
  return { ...still, back };
}

/** What is in the way of what is made anew. */
export async function removeTorn({ host, node }: NetContext, { torn, stale }: StillThere): Promise<void> {
  if (torn.length + stale.length === 0) return;
  await host.launcher.ops({
    ops: [...ipForgiven(torn.map((name) => `link del dev ${name}`)), ...linkOps(change(tableOf(node.tag), stale, []), 'ended', '')],
  });
}

/** Operations that make anew what of these things is not there any more. */
export function madeAnew({ node }: NetContext, id: number, owner: Living, things: readonly Thing[], still: StillThere): readonly Op[] {
  const batch = change(tableOf(node.tag), still.things, things);
  return [...linkOps(batch, owner, netPin(node, id)), ...still.back(things)];
}
