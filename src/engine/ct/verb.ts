// What every verb gets and says: its context, its progress and its outcome.
import type { Ledgers } from '../account/ledger.ts';
import type { ContainerCgroups } from '../cgroup/face.ts';
import type { Host } from '../host/port.ts';
import type { NodeConfig } from '../store/node-config.ts';
import type { CtConfig } from '../store/registry.ts';
import type { Refusals } from './refusals.ts';

/** What is needed to tell a container's state. */
export type Reader = Pick<VerbContext, 'host' | 'node' | 'isFrozen'>;

/** level −1: an error line, 0: progress that vzctl prints, 1: only with --verbose. `text` is vzctl's own line, without newline. */
export interface VerbEvent {
  readonly level: -1 | 0 | 1;
  readonly text: string;
  /** For a progress bar: done of total (unit says of what); total 0 when it is not known. */
  readonly progress?: { readonly done: number; readonly total: number; readonly unit: string };
}

export interface VerbContext {
  readonly host: Host;
  readonly node: NodeConfig;
  /** Where the project lies: templates that came with it. */
  readonly home: string;
  /** Cgroups of a container, planned for this machine's hierarchies. */
  readonly cgroups: (id: number) => ContainerCgroups;
  /** Processes of a container that the kernel killed for lack of memory since its start; 0 when its groups are gone. */
  readonly oomKills: (id: number) => number;
  /** What it was refused and held over all of its lives. */
  readonly ledgers: Ledgers;
  /** Its processes are stopped by the freezer, or about to be; false when its groups are gone. */
  readonly isFrozen: (id: number) => boolean;
  /** Pids on the node of all its processes; empty when its groups are gone. */
  readonly members: (id: number) => readonly number[];
  /** Those of all containers, as they are on disk. */
  readonly configs: () => readonly CtConfig[];
  /** Command line that runs this engine again (the keeper's hand-over). */
  readonly engineCommand: readonly string[];
  /** Sees to it that the node can run containers; asked when all of the verb's own refusals have been. Throws VzError 'node-unfit'. */
  readonly ready: () => Promise<void>;
  /** Sees to it that the kernel counts what no control group does, once per boot; where it cannot, dearer ways are taken. Throws only what nobody expects. */
  readonly counting: () => Promise<void>;
  /** What programs refuse where the kernel lets them. */
  readonly refusals: Refusals;
  /** Before a container's groups go: what was counted of the kernel's own refusals is kept by then. */
  readonly forgetDenials: (id: number) => Promise<void>;
  readonly report: (event: VerbEvent) => void;
  /** Aborted by Ctrl-C or the manager's cancel; verbs undo what they did and throw VzError 'cancelled'. */
  readonly signal: AbortSignal;
  readonly skipLock: boolean;
  /** For the journal: the program that asks ("": none of a person's), and its line, secrets left out. */
  readonly program: string;
  readonly command: string;
  /** Nobody but its owner may write on our terminal. */
  readonly drawn: boolean;
}
