// What the lens looks through: all containers with what stands for them on the node.
import type { CgroupTopology } from '../cgroup/face.ts';
import type { LensCt } from '../lens/kind.ts';
import { type Lens, lensOf } from '../lens/lens.ts';
import type { Thing } from '../net/thing.ts';
import { readNetNote } from '../store/net-note.ts';
import { liveKeeper, readRecord, runDirOf } from '../store/record.ts';
import { privateOf, rootOf } from '../store/registry.ts';
import { allAddresses } from './address-checks.ts';
import { listContainers } from './list.ts';
import type { VerbContext } from './verb.ts';

function containersOf(context: VerbContext): readonly LensCt[] {
  const { host, node } = context;
  const configs = new Map(context.configs().map((config) => [config.id, config]));
  return listContainers(context).map(({ id, name, state, init }) => {
    const config = configs.get(id);
    const run = runDirOf(node, id);
    return {
      id,
      name,
      state,
      init: init?.pid ?? null,
      keeper: liveKeeper(host, node, id)?.pid ?? null,
      things: (readNetNote(host, node, id)?.things ?? []) as readonly Thing[],
      addresses: config === undefined ? [] : allAddresses(context, id, config.values).map(({ text }) => text),
      private: (config && privateOf(node, config)) ?? '',
      root: (config && rootOf(node, config)) ?? '',
      run: host.files.stat(run) === null ? '' : run,
      cgroups: context.cgroups(id).directories.filter((dir) => host.files.stat(dir) !== null),
      idBase: init === null ? null : (readRecord(host, node, id)?.idBase ?? null),
      members: () => context.members(id),
    };
  });
}

/** Texts of the answer are harmless to draw. */
export const lens = (context: VerbContext, { hierarchies, unified, top }: CgroupTopology, word: string): Promise<Lens> =>
  lensOf(word, {
    host: context.host,
    containers: containersOf(context),
    mounts: [...(unified === null ? [] : [unified]), ...hierarchies.map(({ mount }) => mount)],
    top,
  });
