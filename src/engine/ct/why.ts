// Who holds what, and why something goes wrong: what the account needs for its answers, from configs, the journal and the list of containers.
import type { Growth, LedgerHistory } from '../account/ledger-history.ts';
import { who } from '../account/who/who.ts';
import { gather, type WhySources } from '../account/why/gather.ts';
import type { Area } from '../account/why/node.ts';
import { pastOf } from '../account/why/past.ts';
import type { CgroupTopology } from '../cgroup/face.ts';
import type { Host } from '../host/port.ts';
import type { CtLedger } from '../spec/ubc-ledger.ts';
import { ACCOUNT_ROWS, type CtUbc } from '../spec/ubc-rows.ts';
import type { Who } from '../spec/who.ts';
import type { ChangeEvidence, WhenEvidence } from '../spec/why/evidence.ts';
import { answerOf, type Why } from '../spec/why/judge.ts';
import type { Lately } from '../spec/why/rows.ts';
import { lowered } from '../spec/why/sentence.ts';
import { readJournal } from '../store/journal.ts';
import { lookAtCt, privateOf, shownPath } from '../store/registry.ts';
import { after, patience } from '../watch/timer.ts';
import { listContainers } from './list.ts';
import type { VerbContext } from './verb.ts';

/** So many deeds of the past are looked at for what may have caused something. */
const DEEDS = 500;

export const whoHolds = (host: Host, topology: CgroupTopology, id: number, name: string): Promise<Who | null> =>
  who({ host, topology, patience }, id, name);

function areasOf({ host, node }: Pick<VerbContext, 'host' | 'node'>, ids: readonly number[]): readonly Area[] {
  return ids.flatMap((id) => {
    const config = lookAtCt(host, node, id);
    const path = privateOf(node, config);
    return path === null ? [] : [{ id, path, shown: shownPath(node, config, 'VE_PRIVATE') }];
  });
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function lately(history: LedgerHistory, { id, rows }: CtUbc, now: number): Lately {
  const [minute, hour] = [history.growth(id, MINUTE, rows), history.growth(id, HOUR, rows)];
  const names = new Set([...(minute?.failcnt.keys() ?? []), ...(hour?.failcnt.keys() ?? [])]);
  const times = names.size === 0 ? null : history.times(id, HOUR, rows);
  const when = (name: string): WhenEvidence | null => {
    const ages = times?.get(name);
    return ages ? { first: ages.first / 1000, last: ages.last / 1000 } : null;
  };
  const count = (growth: Growth | null, name: string): number => growth?.failcnt.get(name) ?? 0;
  return {
    rows: new Map([...names].map((name) => [name, { minute: count(minute, name), hour: count(hour, name), when: when(name) }])),
    reach: hour === null ? 0 : (now - hour.since) / 1000,
  };
}

/** By beancounter the newest change of the last day that took something of it away, where none has given it back. */
export function loweredLately({ host, node }: Pick<VerbContext, 'host' | 'node'>, id: number): ReadonlyMap<string, ChangeEvidence> {
  const { changes } = pastOf(readJournal(host, node, DEEDS, id).entries, id, host.now());
  return new Map(
    ACCOUNT_ROWS.flatMap((name) => {
      const change = lowered(changes, name.toUpperCase());
      return change === null ? [] : [[name, change] as const];
    }),
  );
}

export interface WhyContext {
  readonly context: VerbContext;
  readonly topology: CgroupTopology;
  readonly ubc: (ids: readonly number[]) => readonly CtLedger[];
  readonly history: LedgerHistory;
}

export async function why({ context, topology, ubc, history }: WhyContext, only: number | null, signal?: AbortSignal): Promise<Why> {
  const { host, node } = context;
  const sources: WhySources = {
    host,
    topology,
    list: () => listContainers(context),
    ubc,
    recently: (account) => lately(history, account, host.now()),
    journal: () => readJournal(host, node, DEEDS).entries,
    areas: (ids) => areasOf(context, ids),
    who: (id, name) => whoHolds(host, topology, id, name),
    wait: (ms) => after(ms, signal),
    patience,
  };
  return answerOf(await gather(sources, only));
}
