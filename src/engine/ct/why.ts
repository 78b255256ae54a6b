// Who holds what, and why something goes wrong: what the account needs for its answers, from configs, the journal and the list of containers.
import { who } from '../account/who/who.ts';
import { gather, type WhySources } from '../account/why/gather.ts';
import type { Area } from '../account/why/node.ts';
import type { CgroupTopology } from '../cgroup/face.ts';
import type { Host } from '../host/port.ts';
import type { Who } from '../spec/who.ts';
import { answerOf, type Why } from '../spec/why/judge.ts';
import { readJournal } from '../store/journal.ts';
import { lookAtCt, privateOf, shownPath } from '../store/registry.ts';
import { after, patience } from '../watch/timer.ts';
import { listContainers } from './list.ts';
import { readUbc } from './ubc.ts';
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

export async function why(context: VerbContext, topology: CgroupTopology, only: number | null, signal?: AbortSignal): Promise<Why> {
  const { host, node } = context;
  const sources: WhySources = {
    host,
    topology,
    list: () => listContainers(context),
    ubc: (ids) => readUbc(context, topology, ids),
    recently: () => new Map(),
    journal: () => readJournal(host, node, DEEDS).entries,
    areas: (ids) => areasOf(context, ids),
    who: (id, name) => whoHolds(host, topology, id, name),
    wait: (ms) => after(ms, signal),
  };
  return answerOf(await gather(sources, only));
}
