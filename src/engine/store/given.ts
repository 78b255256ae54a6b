// What of the node a running container was given: note `given` in its run directory, JSON, by who gave it (start, set); gone with the record at
// its end. Whether it is still there only the container's mount table says.
import type { Host } from '../host/port.ts';
import type { NodeConfig } from './node-config.ts';
import { runDirOf } from './record.ts';

export interface GivenBind {
  /** Canonical, as in a config. */
  readonly item: string;
  readonly place: string;
  /** What the mount shows, as mount tables name it: "major:minor", and the path in that file system. */
  readonly device: string;
  readonly root: string;
}

export interface Given {
  readonly binds: readonly GivenBind[];
  /** Canonical values of DEVICES, DEVNODES and FEATURES that hold. */
  readonly access: Readonly<Record<string, string>>;
}

const NOTHING: Given = { binds: [], access: {} };

const noteOf = (node: NodeConfig, id: number): string => `${runDirOf(node, id)}/given`;

/** Of a container that an earlier engine has started: nothing. */
export function readGiven(host: Pick<Host, 'files'>, node: NodeConfig, id: number): Given {
  const text = host.files.read(noteOf(node, id));
  if (text === null) return NOTHING;
  try {
    return { ...NOTHING, ...(JSON.parse(text) as Partial<Given>) };
  } catch {
    // written by rename: a damaged disk
    return NOTHING;
  }
}

export function writeGiven(host: Pick<Host, 'files'>, node: NodeConfig, id: number, given: Given): void {
  host.files.write(noteOf(node, id), `${JSON.stringify(given)}\n`, 0o600, 'boot');
}
