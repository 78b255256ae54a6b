// What the administrator has mounted by hand below VE_ROOT of a running container: it appears inside, with ids as they are on the node.
import { parseMountinfo } from '../host/mountinfo.ts';
import { inside } from '../host/paths.ts';
import { liveInit, readRecord } from '../store/record.ts';
import { mountsInside } from './live-mounts.ts';
import type { Reader } from './verb.ts';

export interface HandMount {
  /** As it is called inside. */
  readonly place: string;
  readonly type: string;
  /** False where root inside has cut its mounts off from the node's. */
  readonly seen: boolean;
  /** Owners show as they are on the node; nobody (65534) otherwise. */
  readonly mapped: boolean;
}

export function handMounts({ host, node }: Pick<Reader, 'host' | 'node'>, id: number): readonly HandMount[] {
  const [init, root] = [liveInit(host, node, id), readRecord(host, node, id)?.mounts[0]];
  if (!init || root === undefined) return [];
  const within = mountsInside(host, init);
  const table = parseMountinfo(host.files.read(`${host.proc}/self/mountinfo`) ?? '');
  return table
    .filter((m) => m.path !== root && inside(m.path, root))
    .map((m) => ({
      place: m.path.slice(root.length),
      type: m.type,
      seen: within.some((w) => w.device === m.device && w.root === m.root && w.path === m.path.slice(root.length)),
      mapped: m.options.split(',').includes('idmapped'),
    }));
}
