// What the lens looks through, and what it finds.
import type { Host } from '../host/port.ts';
import type { Thing } from '../net/thing.ts';

export interface LensCt {
  readonly id: number;
  /** "" when it has none. */
  readonly name: string;
  readonly state: string;
  /** Pids on the node; null where it does not run, or nobody keeps it. */
  readonly init: number | null;
  readonly keeper: number | null;
  readonly things: readonly Thing[];
  /** By its config, without masks. */
  readonly addresses: readonly string[];
  /** Directories of the node: private area, where its root is mounted, what is kept of its start; "" for none. */
  readonly private: string;
  readonly root: string;
  readonly run: string;
  /** Directories in all cgroup trees. */
  readonly cgroups: readonly string[];
  /** First of its user ids on the node; null where it does not run. */
  readonly idBase: number | null;
  readonly members: () => readonly number[];
}

export interface LensSources {
  readonly host: Pick<Host, 'files' | 'proc' | 'addresses' | 'uptime'>;
  readonly containers: readonly LensCt[];
  /** Mount points of the cgroup trees, and our place in them. */
  readonly mounts: readonly string[];
  readonly top: string;
}

/** One thing that the word means. Texts are harmless to draw. */
export interface Meaning {
  /** "pid", "port", "address" … */
  readonly kind: string;
  /** The container that it belongs to; 0: the node itself. */
  readonly ct: number;
  /** A sentence without its full stop. */
  readonly says: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
}

export interface LensKind {
  readonly name: string;
  /** For help: what such a word looks like. */
  readonly looks: string;
  /** What of the word says which thing it is; null for a word that cannot mean one. */
  readonly key: (word: string) => string | null;
  readonly find: (key: string, sources: LensSources) => readonly Omit<Meaning, 'kind'>[] | Promise<readonly Omit<Meaning, 'kind'>[]>;
}
