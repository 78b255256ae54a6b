// vzctl status: what there is of a container, also of one that nobody has ever made.
import { type CtState, classicState } from '../spec/states.ts';
import { privateOf, readCt, rootOf, shownPath } from '../store/registry.ts';
import { liveState, viewNode } from './state.ts';
import type { Reader } from './verb.ts';

export interface CtStatus {
  readonly id: number;
  /** Config and private area are both there. */
  readonly exists: boolean;
  readonly mounted: boolean;
  readonly state: CtState;
  /** VE_ROOT when its directory is missing, else null: scripts know the line that the tools' test for mounts gives then. */
  readonly missingRoot: string | null;
}

export function containerStatus(context: Reader, id: number): CtStatus {
  const { host, node } = context;
  const config = readCt(host, node, id);
  const area = privateOf(node, config);
  const root = rootOf(node, config);
  const exists = config.exists && area !== null && host.files.stat(area) !== null;
  const view = viewNode(host);
  const { state } = liveState(context, view, { id, exists, root: root ?? '' });
  return {
    id,
    exists,
    mounted: root !== null && view.mounted.has(root),
    state,
    missingRoot: root !== null && !host.files.stat(root) ? shownPath(node, config, 'VE_ROOT') : null,
  };
}

/** "CTID 101 exist unmounted down": word 3, 4 and 5 are what scripts read. */
export function statusLine({ id, exists, mounted, state }: CtStatus): string {
  const word = classicState(state);
  const words = [
    'CTID',
    id,
    exists ? 'exist' : 'deleted',
    mounted ? 'mounted' : 'unmounted',
    word === 'running' ? 'running' : 'down',
    ...(word === 'suspended' ? ['suspended'] : []),
  ];
  return words.join(' ');
}
