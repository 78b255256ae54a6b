// A container's traffic over all its links that ever were. The kernel counts as long as a link is there, so nothing is lost while nobody looks: whoever
// looks next takes all of it. What takes a link away looks last.
import type { Host } from '../../host/port.ts';
import { counted, dayOf, emptyTraffic, type LinkTraffic, type TrafficAccount } from '../../spec/traffic.ts';
import { netNoteTime } from '../../store/net-note.ts';
import type { NodeConfig } from '../../store/node-config.ts';
import { readTraffic, trafficLock, writeTraffic } from '../../store/traffic-file.ts';
import { patience } from '../../watch/timer.ts';
import type { SightLedger } from '../sampler.ts';
import { type NodeCounters, nodeCounters } from './counters.ts';
import { type CtLinks, linksOf } from './links.ts';

interface Context {
  readonly host: Host;
  readonly node: NodeConfig;
}

/** What the node's counters say of a container; nothing where its links stand in another namespace. */
function found(ct: CtLinks | null, node: NodeCounters): readonly LinkTraffic[] {
  if (ct === null || ct.namespace !== node.namespace) return [];
  return ct.links.flatMap(({ name, hostName }): LinkTraffic[] => {
    const link = node.links.get(hostName);
    if (link === undefined) return [];
    const { received: up, sent: down, receivedPackets: upPackets, sentPackets: downPackets } = link;
    return [{ name, life: node.lifeOf(hostName), up, down, upPackets, downPackets }];
  });
}

/** As it is now: what is kept, and what has come since; writes nothing. Null for a container that never had a network. */
export function trafficNow({ host, node }: Context, id: number, counters = nodeCounters(host)): TrafficAccount | null {
  const kept = readTraffic(host.files, node, id);
  const ct = linksOf(host, node, id);
  if (kept === null && ct === null) return null;
  const now = host.now();
  // the first look finds what a link has carried since it was made
  const begun = Math.min(now, netNoteTime(host, node, id) ?? now);
  return counted(kept ?? emptyTraffic(begun), now, found(ct, counters));
}

/** Takes note of it. */
export async function keepTraffic(context: Context, id: number): Promise<void> {
  const { host, node } = context;
  if (host.planning || linksOf(host, node, id) === null) return;
  const lock = await trafficLock(host, node, id, patience);
  try {
    const kept = readTraffic(host.files, node, id);
    const now = trafficNow(context, id);
    if (now !== null && now !== kept) writeTraffic(host, node, id, now);
  } finally {
    await lock.release();
  }
}

const EVERY = 10 * 60_000;
/** Milliseconds before midnight of the last look of a day. */
const BEFORE_MIDNIGHT = 60_000;

/** When it is to be looked at again, so that days end where they end: milliseconds since 1970. */
export function nextKeeping(now: number): number {
  const date = new Date(now);
  const end = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime() - BEFORE_MIDNIGHT;
  return now < end ? Math.min(end, now + EVERY) : now + EVERY;
}

/** So many at one look: each may wait for the disk. */
const TOGETHER = 4;

/** A ledger of somebody who looks each second, who takes note of traffic in passing, where `mayWrite` says so. `ids`: those that run. */
export function withTraffic(context: Context, ledger: SightLedger, ids: () => readonly number[], mayWrite: () => boolean): SightLedger {
  const { host } = context;
  let due = host.now() + BEFORE_MIDNIGHT;
  let queue: readonly number[] = [];
  let busy = false;
  const some = async (): Promise<void> => {
    busy = true;
    try {
      for (const id of queue.slice(0, TOGETHER)) await keepTraffic(context, id);
    } catch {
      // what is not written down now is still counted by the kernel, and taken by the next one
    } finally {
      queue = queue.slice(TOGETHER);
      busy = false;
    }
  };
  return {
    look(raw, seen) {
      const now = host.now();
      // also after a clock that was set back
      if ((now >= due || now < due - EVERY) && mayWrite()) {
        due = nextKeeping(now);
        queue = ids();
      }
      if (queue.length > 0 && !busy) void some();
      return ledger.look(raw, seen);
    },
    close: () => ledger.close(),
  };
}

export interface CtUsage {
  readonly id: number;
  readonly account: TrafficAccount;
}

/** What went over the links of containers; those that never had one are left out. What is kept and old is written anew, where that is possible. */
export async function usageOf(context: Context, ids: readonly number[]): Promise<readonly CtUsage[]> {
  const { host, node } = context;
  const now = host.now();
  for (const id of ids) {
    const kept = readTraffic(host.files, node, id);
    const fresh = kept !== null && dayOf(kept.at) === dayOf(now) && Math.abs(now - kept.at) < EVERY;
    // who cannot write still can tell
    if (!fresh) await keepTraffic(context, id).catch(() => {});
  }
  const counters = nodeCounters(host);
  return ids.flatMap((id) => {
    const account = trafficNow(context, id, counters);
    return account === null ? [] : [{ id, account }];
  });
}
