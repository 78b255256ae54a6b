// The state of a container, derived from what is: a living init, the freezer, the mount table, who holds the lock. Nothing is remembered.
import { parseMountinfo } from '../host/mountinfo.ts';
import type { Host } from '../host/port.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import type { CtState } from '../spec/states.ts';
import { lockHolder } from '../store/lock.ts';
import { liveInit, liveKeeper } from '../store/record.ts';
import type { Reader } from './verb.ts';

export interface LiveState {
  readonly state: CtState;
  readonly init: ProcessId | null;
  readonly keeper: ProcessId | null;
}

/** What is asked of every container at once, read once. */
export interface NodeView {
  readonly mounted: ReadonlySet<string>;
}

/** Read when it is first asked for: of a container that runs nobody asks. */
export function viewNode(host: Host): NodeView {
  let seen: NodeView | null = null;
  return {
    get mounted() {
      seen ??= viewOf(host.files.read(`${host.proc}/self/mountinfo`) ?? '');
      return seen.mounted;
    },
  };
}

/** From the text of /proc/self/mountinfo. */
export function viewOf(mountinfo: string): NodeView {
  return { mounted: new Set(parseMountinfo(mountinfo).map((m) => m.path)) };
}

/** Words of the lock's second line that are states while their holder works. */
const TRANSIENT: Readonly<Record<string, CtState>> = { starting: 'starting', stopping: 'stopping' };

export interface StateQuery {
  readonly id: number;
  readonly exists: boolean;
  /** VE_ROOT on the node. */
  readonly root: string;
  /** The caller holds the lock himself: what he is about to do is no state yet. */
  readonly mine?: boolean;
}

export function liveState({ host, node, isFrozen }: Reader, view: NodeView, query: StateQuery): LiveState {
  const { id, exists, root, mine = false } = query;
  const init = liveInit(host, node, id);
  const keeper = init ? liveKeeper(host, node, id) : null;
  const busy = mine ? undefined : TRANSIENT[lockHolder(host, node, id)?.status ?? ''];
  const state = ((): CtState => {
    if (init) return busy ?? (isFrozen(id) ? 'frozen' : 'running');
    if (busy === 'starting') return 'starting';
    if (view.mounted.has(root)) return 'mounted';
    if (!exists) return 'absent';
    return host.files.stat(`${node.dumpDir}/Dump.${id}`) ? 'suspended' : 'stopped';
  })();
  return { state, init, keeper };
}
