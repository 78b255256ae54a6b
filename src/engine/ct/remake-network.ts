// The network of a running container as it was made, where others have taken some of it away: what is ours on the node, what root inside has deleted, and
// what holds its rates (`vzdeck net check --repair`).
import type { ProcessId } from '../launcher/launcher.ts';
import { elements, ipForgiven, switches } from '../net/batch-ops.ts';
import { explainNetwork } from '../net/explain.ts';
import type { NetWish } from '../net/kinds.ts';
import { lentThings, whyNotLent } from '../net/lent.ts';
import { tableOf } from '../net/table.ts';
import { change, type Thing, union } from '../net/thing.ts';
import { readNetNote, readNodeNetNote, writeNetNote } from '../store/net-note.ts';
import { leaveDirect, takeDirect } from './direct-way.ts';
import { madeAnew, numbersInside, queuesOf, removeTorn, type StillThere, stillThere } from './lost-links.ts';
import { checkNamespace, mendNetwork, wishOf } from './network.ts';
import { joinNode, madeOf, type NetContext, thingsOf } from './node-network.ts';

/** What stands on the node beside the links themselves, and can be made as often as one likes. */
const REMADE: ReadonlySet<string> = new Set(['element', 'tally', 'route', 'proxy', 'switch', 'mac', 'port']);

/** Links of ours on the node, which are up. */
const RAISED: ReadonlySet<string> = new Set(['pair', 'nodeUp', 'ifb']);

const isOf = ([kind, name]: Thing, devices: ReadonlySet<string>): boolean =>
  (kind === 'lent' || kind === 'home') && devices.has(name ?? '');

/**
 * Lent devices that root inside has let go. Those that the node has (again) move in once more, with what they have there now; the others are not made, and
 * stay in the record until somebody takes them from the container.
 */
function lentAgain(context: NetContext, wish: NetWish, things: readonly Thing[], still: StillThere): ReturnType<typeof splitLent> {
  const lost = still.lost.flatMap(([kind, name = '']) => (kind === 'lent' ? [name] : []));
  const back = lost.filter((name) => wish.links.has(name));
  const free = back.filter((device) => {
    const why = whyNotLent(device, wish.links, wish.carriers);
    if (why !== null) context.report({ level: -1, text: `Warning: ${device} stays on the node: it ${why}` });
    return why === null;
  });
  return splitLent(things, new Set(lost), new Set(free), lentThings(free, wish.links, wish.settings, []));
}

function splitLent(things: readonly Thing[], lost: ReadonlySet<string>, free: ReadonlySet<string>, anew: readonly Thing[]) {
  const others = things.filter((thing) => !isOf(thing, lost));
  const stranded = things.filter((thing) => isOf(thing, lost) && !isOf(thing, free));
  const making = union(others, anew);
  return { making, noted: union(making, stranded) };
}

/** Of a running container, where others have taken some of it away. Throws VzError 'net-elsewhere', 'net-failed', 'netdev-refused'. */
export async function remakeNetwork(context: NetContext, id: number, owner: ProcessId): Promise<void> {
  const { host, node } = context;
  const note = readNetNote(host, node, id);
  if (note === null) return;
  checkNamespace(context, id);
  if (note.half !== undefined) return mendNetwork(context, id, owner);
  const had = thingsOf(note);
  const [numbers, queues] = await Promise.all([numbersInside(context, owner, had), queuesOf(context, had, false)]);
  const still = stillThere(context, id, owner, had, { numbers, queues });
  const wish = await wishOf(context, id, new Map(Object.entries(note.values)));
  try {
    const { making: things, noted } = lentAgain(context, wish, had, still);
    writeNetNote(host, node, id, { ...note, things: noted });
    const tables = await joinNode(context, wish, things, [], false);
    const t = tableOf(node.tag);
    const batch = change(
      t,
      [],
      tables.whole(things).filter(([kind]) => REMADE.has(kind)),
    );
    const up = things.flatMap(([kind, link]) => (RAISED.has(kind) ? [`link set dev ${link} up`] : []));
    const ports = madeOf(readNodeNetNote(host, node)).flatMap((thing) =>
      thing[0] === 'bridge' ? [...change(t, [], [thing]).shared.slice(1), `link set dev ${thing[1]} up`] : [],
    );
    await removeTorn(context, still);
    await host.launcher.ops({
      ops: [
        ...elements(tables.said(batch.table, things)),
        ...madeAnew(context, id, owner, things, still),
        ...ipForgiven([...up, ...ports, ...batch.node]),
        ...switches(batch.switch),
      ],
    });
    await leaveDirect(context, things);
    await takeDirect(context, id);
  } catch (error) {
    throw explainNetwork(error);
  }
}
