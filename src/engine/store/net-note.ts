// What was made of a container's network, and what the node was told for all of them, written before it is made: enough to take it away after kill -9
// of anything.
//
//   run/vzdeck/<id>/network   JSON: the container's things            run/vzdeck/network   JSON: whose they are, and what the node said before
import type { Host } from '../host/port.ts';
import type { NodeConfig } from './node-config.ts';
import { runDirOf } from './record.ts';

export interface NetNote {
  /** Network namespace in which the node's side stands: "net:[4026531840]". */
  readonly namespace: string;
  /** Canonical values that hold, by config key. */
  readonly values: Readonly<Record<string, string>>;
  /** As net/thing.ts has them. */
  readonly things: readonly (readonly string[])[];
  /** While a running container's network is changed: what there was, and what is to be; `things` is both then. */
  readonly half?: { readonly before: readonly (readonly string[])[]; readonly after: readonly (readonly string[])[] };
}

/** All of a prefix, in one network namespace. */
export interface NodeNetNote {
  readonly namespace: string;
  /** Containers with a network, also those whose start has not come far; ascending, so that the note stays as it is where none comes or goes. */
  readonly users: readonly number[];
  readonly switched: readonly { readonly path: string; readonly before: string; readonly value: string }[];
  /** Devices that forward for our sake, by family. */
  readonly opened: Readonly<Record<'4' | '6', readonly string[]>>;
  /** Families of our tables of nftables; absent of an earlier engine: inet alone. */
  readonly families?: readonly string[];
  /** Shared things that we have made. */
  readonly made?: readonly (readonly string[])[];
}

const noteOf = (node: NodeConfig, id: number): string => `${runDirOf(node, id)}/network`;
/** Stands for its network namespace as long as that has to be there, whether processes are in it or not. */
export const netPin = (node: NodeConfig, id: number): string => `${runDirOf(node, id)}/net`;
const nodeNote = (node: NodeConfig): string => `${node.runDir}/network`;
/** Held while it is changed. */
export const netLock = (node: NodeConfig): string => `${node.runDir}/network.lock`;

function readJson<T>(host: Pick<Host, 'files'>, path: string): T | null {
  const text = host.files.read(path);
  if (text === null) return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    // written by rename: a damaged disk
    return null;
  }
}

/** Null for a container without a network, and for one that an earlier engine has started. */
export const readNetNote = (host: Pick<Host, 'files'>, node: NodeConfig, id: number): NetNote | null =>
  readJson<NetNote>(host, noteOf(node, id));

/** When it was written last, milliseconds since 1970; null without one. */
export const netNoteTime = ({ files }: Pick<Host, 'files'>, node: NodeConfig, id: number): number | null =>
  files.stat(noteOf(node, id))?.mtimeMs ?? null;

/** Another text after each change of it. */
export function netNoteStamp({ files }: Pick<Host, 'files'>, node: NodeConfig, id: number): string {
  const info = files.stat(noteOf(node, id));
  return info === null ? '' : `${info.ino} ${info.mtimeMs}`;
}

export function writeNetNote(host: Pick<Host, 'files'>, node: NodeConfig, id: number, note: NetNote | null): void {
  if (note === null) host.files.unlink(noteOf(node, id));
  else host.files.write(noteOf(node, id), `${JSON.stringify(note)}\n`, 0o600, 'boot');
}

export const readNodeNetNote = (host: Pick<Host, 'files'>, node: NodeConfig): NodeNetNote | null =>
  readJson<NodeNetNote>(host, nodeNote(node));

export function writeNodeNetNote(host: Pick<Host, 'files'>, node: NodeConfig, note: NodeNetNote | null): void {
  const text = note === null ? null : `${JSON.stringify(note)}\n`;
  if (text === null) host.files.unlink(nodeNote(node));
  else if (host.files.read(nodeNote(node)) !== text) host.files.write(nodeNote(node), text, 0o600, 'boot');
}
