// The engine as cli and tui see it. openEngine (open.ts) builds it; index.ts is the only door.

import type { SetRequest } from './ct/set.ts';
import type { VerbEvent } from './ct/verb.ts';
import type { EnterOutcome, ProcessId, Stdio } from './launcher/launcher.ts';
import type { Change } from './spec/params/types.ts';
import type { CtState } from './spec/states.ts';
import type { NodeConfig } from './store/node-config.ts';

export type { CtState };

export interface CtSummary {
  readonly id: number;
  /** "" when it has none. Names and texts come cleaned of control characters and cut to 255 characters. */
  readonly name: string;
  readonly hostname: string;
  readonly description: string;
  readonly ostemplate: string;
  readonly layout: 'simfs' | 'overlay' | 'ploop' | '';
  readonly ips: readonly string[];
  readonly state: CtState;
  /** The keeper is gone although the container lives. */
  readonly unattended: boolean;
  readonly init: ProcessId | null;
  /** Seconds since start, 0 when it does not run. */
  readonly uptime: number;
  /** Why the last start or run ended badly, one sentence; "" when it did not. */
  readonly trouble: string;
}

/** One container in one tick of the sampler. held and limit in base units (processes, bytes); limit null = none. */
export interface CtSample extends CtSummary {
  readonly numproc: { readonly held: number; readonly limit: number | null; readonly failcnt: number };
  readonly memory: { readonly held: number; readonly limit: number | null; readonly failcnt: number };
  /** Percent of one CPU since the last tick; null in the first tick. */
  readonly cpu: number | null;
}

export interface NodeSample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly hostname: string;
  readonly cpus: number;
  /** Percent of all CPUs, null in the first tick. */
  readonly cpu: number | null;
  readonly memory: { readonly held: number; readonly limit: number };
  readonly load: readonly [number, number, number];
  /** Ascending by CTID; a container in which nothing changed is the same object as in the tick before. */
  readonly containers: readonly CtSample[];
}

export interface Sampler {
  tick(): NodeSample;
  close(): void;
}

export interface TemplateInfo {
  readonly name: string;
  readonly file: string;
  /** Bytes of the archive. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly made: number;
}

/** Values as vzctl takes them, by config key (OSTEMPLATE, NUMPROC, HOSTNAME …); a text is a new value, lists also take add and del. */
export type ParamValues = Readonly<Record<string, string | Change>>;

export interface CreateOptions {
  readonly ostemplate?: string;
  readonly config?: string;
  readonly layout?: 'simfs' | 'overlay';
  readonly values: ParamValues;
}
export interface StartOptions {
  readonly wait?: boolean;
  readonly force?: boolean;
}
export interface StopOptions {
  readonly fast?: boolean;
  readonly skipUmount?: boolean;
}

export interface RunOptions {
  readonly report?: (event: VerbEvent) => void;
  readonly signal?: AbortSignal;
  readonly skipLock?: boolean;
}

/** How vzctl set goes about it: everything of its request but the values. */
export type SetOptions = Omit<SetRequest, 'changes'>;

/** A line of a plan: what would be done, in order (files, mounts, cgroup writes, launch operations). */
export interface PlanLine {
  readonly what: string;
  readonly detail: string;
}

/** One console attachment; `write` is dropped while another client holds the keyboard (`writer` false). */
export interface ConsoleLink {
  readonly writer: boolean;
  onData(listener: (bytes: Uint8Array) => void): void;
  onEnd(listener: (reason: string) => void): void;
  write(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  close(): void;
}

export interface Engine {
  readonly node: NodeConfig;
  list(): readonly CtSummary[];
  /** By CTID or name; null when there is none. */
  find(idOrName: string): CtSummary | null;
  /** Lowest CTID from 101 on that is not used. */
  freeId(): number;
  sampler(): Sampler;
  create(id: number, options: CreateOptions, run?: RunOptions): Promise<void>;
  start(id: number, options?: StartOptions, run?: RunOptions): Promise<void>;
  stop(id: number, options?: StopOptions, run?: RunOptions): Promise<void>;
  restart(id: number, options?: StartOptions & StopOptions, run?: RunOptions): Promise<void>;
  destroy(id: number, run?: RunOptions): Promise<void>;
  mount(id: number, run?: RunOptions): Promise<void>;
  umount(id: number, run?: RunOptions): Promise<void>;
  /** Live where it runs, and in the config with save. */
  set(id: number, values: ParamValues, options: SetOptions, run?: RunOptions): Promise<void>;
  /** The keeper's hand-over after init has ended: reboot, clean end, or trouble noted. */
  exited(id: number, run?: RunOptions): Promise<void>;
  /** An empty prefix gets vz.conf, samples, directories and the embedded template; what is there is not touched. */
  bootstrap(): void;
  /** What a call of a verb would do; nothing is changed. `call` gets an engine that only records. */
  plan(call: (engine: Engine) => Promise<void>): Promise<readonly PlanLine[]>;
  /** Program with arguments that opens a shell in the container on its own terminal (for a pane or the CLI). */
  enterCommand(id: number): { readonly file: string; readonly args: readonly string[] };
  /** Shell command lines and argv in the container with the given descriptors; exit code or signal of the program. */
  exec(id: number, argv: readonly string[], options?: { readonly shell?: boolean; readonly stdio?: Stdio }): Promise<EnterOutcome>;
  /** A login shell on a terminal of the container's own, relayed to our descriptors 0 and 1; `typed` goes in before the user's keys. */
  enter(id: number, term: string, typed?: string): Promise<EnterOutcome>;
  console(id: number, tty: number): Promise<ConsoleLink>;
  templates(): readonly TemplateInfo[];
  buildTemplate(name: string, options: { readonly mirror?: string }, run?: RunOptions): Promise<void>;
  removeTemplate(name: string, run?: RunOptions): Promise<void>;
  /** What is missing on this machine for containers to run, each with its remedy; empty when all is there. */
  obstacles(): readonly { readonly what: string; readonly remedy: string }[];
  close(): void;
}
