// What the engine may ask of the launcher. client.ts does it; the recorder writes it down instead.
import type { AdoptPlan, EnterPlan, HostPlan, StartPlan, TreeOp, TreeResult, VisitPlan } from '../spec/op.ts';
import type { TerminalLink } from './terminal-link.ts';

/** Identity of a process: a pid alone may be recycled. startTime in clock ticks since boot (field 22 of /proc/PID/stat). */
export interface ProcessId {
  readonly pid: number;
  readonly startTime: bigint;
}

/** The record of a failed operation, as it came from C. index counts within its stage, from 0. */
export interface LaunchFailure {
  readonly stage: string;
  readonly index: number;
  readonly op: string;
  readonly syscall: string;
  readonly path: string;
  readonly errno: string;
}

/** A container, by its init and the control group that all of its processes are in; "": init alone is looked at. */
export interface RulesAsked {
  readonly init: ProcessId;
  readonly group: string;
}

/** Rules of the packet filter in the network namespaces of a container; more: there are more, and it was enough, or nobody is there who could be asked. */
export type RuleCount =
  | { readonly ok: true; readonly rules: number; readonly more: boolean }
  | { readonly ok: false; readonly errno: string };

export interface Lock {
  release(): Promise<void>;
}

export interface StartedKeeper {
  readonly init: ProcessId;
  readonly keeper: ProcessId;
}

export interface EnterOutcome {
  /** Exit code of the program; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: number | null;
}

/** Descriptors 0, 1, 2 of a program; 'ignore' is /dev/null. */
export type Stdio = readonly [number | 'ignore', number | 'ignore', number | 'ignore'];

/** One launcher process per engine process, started at first use, asked over a socket; it ends with the engine and its locks with it. */
export interface Launcher {
  /** Runs the operations in order. Throws VzError 'launch-failed' with a LaunchFailure in its fields. */
  ops(plan: HostPlan, signal?: AbortSignal): Promise<void>;
  /** Resolves when init has been executed. Throws VzError 'launch-failed'; then nothing of the birth is left but what `prepare` made. */
  start(plan: StartPlan, signal?: AbortSignal): Promise<StartedKeeper>;
  /**
   * Puts something into a running container, or takes it out, in its mount namespace and with its root's rights. Its file systems can make it wait
   * (FUSE): give it an end. Throws VzError 'launch-failed'; what was done before the failure stays.
   */
  visit(plan: VisitPlan, signal?: AbortSignal): Promise<void>;
  /** Gives a running container a new keeper. The history is lost; watchers are told so. */
  adopt(plan: AdoptPlan): Promise<StartedKeeper>;
  /** base: first id of the container where the mount has its ids mapped; ids are given and told as they are inside. */
  tree(root: string, ops: readonly TreeOp[], base?: number): Promise<readonly TreeResult[]>;
  /**
   * In the order of the question; ESRCH for an init that has ended. work: milliseconds of processor time that all may take together; each has a share of it. mounted false: `more` tells
   * nothing of networks that nobody is in, which takes half of the time.
   */
  rules(asked: readonly RulesAsked[], work: number, mounted?: boolean): Promise<readonly RuleCount[]>;
  /** OFD lock on the whole file, made if missing (mode 0600). wait false: null at once when somebody holds it. Freed by release or by the end of the process. */
  lock(path: string, options: { wait: boolean; signal?: AbortSignal }): Promise<Lock | null>;
  /** Resolves when the process has ended, at once when it is not there (pidfd; no polling). */
  ended(process: ProcessId, signal?: AbortSignal): Promise<void>;
  /** pidfd_send_signal; false when the process is gone. */
  kill(process: ProcessId, signal: number): Promise<boolean>;
  /**
   * Runs a program in a container with descriptors 0, 1, 2 of this process (or the given ones). Not through the kept process: a child of its own.
   * signal: nobody waits any more (VzError 'cancelled'); a program that already runs inside is the container's own from then on.
   */
  enter(plan: EnterPlan, stdio?: Stdio, signal?: AbortSignal): Promise<EnterOutcome>;
  /**
   * Makes this very process the one that `enter` would start and wait for; `plan.back` says who comes back. Hence nothing of the engine stays in memory
   * as long as the program runs. Returns, having done nothing, where the runtime cannot do it or `file` cannot be written; it is gone when the plan is read.
   */
  become(plan: EnterPlan, file: string): void;
  /** Runs a program on a terminal of the container's own that is shown here: `plan.pty` with `plan.size`. Resolves when it runs; throws
   * VzError 'launch-failed', or 'cancelled' after `signal`. */
  terminal(plan: EnterPlan, signal?: AbortSignal): Promise<TerminalLink>;
  close(): void;
}
