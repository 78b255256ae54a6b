// The interface of live parts: what a kind of parameter must be able to do so that `vzctl set` can change it on a running container in one
// call with all others, all or nothing. A new live parameter is a file beside this one and its line in parts.ts.
import type { ProcessId } from '../../launcher/launcher.ts';
import type { Values } from '../../spec/params/read.ts';
import type { CtConfig } from '../../store/registry.ts';
import type { VerbContext } from '../verb.ts';

/** A running container as a part looks at it. */
export interface LiveTarget {
  readonly context: VerbContext;
  readonly config: CtConfig;
  readonly init: ProcessId;
}

export interface LiveChange extends LiveTarget {
  /** Canonical values of this call, by config key. */
  readonly changed: Values;
  /** What holds now: the files' values, and those that the kernel has instead. */
  readonly before: Values;
  /** `before` with `changed`: what shall hold. */
  readonly after: Values;
}

/** One thing that is done and can be taken back. Steps of all parts are applied in order; when one fails, those before it are undone in reverse. */
export interface LiveStep {
  /** Of the table; those of this call that it answers. */
  readonly keys: readonly string[];
  /** For the text of a refusal, as one would type it: "numproc 300:300"; "" for what nobody would miss. */
  readonly what: string;
  /** Lines that vzctl prints once everything is applied. */
  readonly lines?: readonly string[];
  /** Throws when it is refused; then it has itself taken back what it had done of it. */
  apply(): Promise<void>;
  /** Called after apply has succeeded and a later step has not. Throws when that is not possible any more. */
  undo(): Promise<void>;
}

export interface LivePart {
  /** Keys of the table that it takes. */
  readonly keys: readonly string[];
  /**
   * What must be done so that `change.after` holds, in order; [] when nothing must. Called when any of `keys` is in `change.changed`.
   * Checks all that can be checked without changing anything, and throws a VzError for what cannot be. Changes nothing itself.
   */
  plan(change: LiveChange): readonly LiveStep[] | Promise<readonly LiveStep[]>;
  /** What the files lead to, defaults included, in the words of `read`; without it what they say. */
  wanted?(target: Omit<LiveTarget, 'init'>): Values;
  /** What the running container has, as canonical config texts; keys that nobody can tell are left out. */
  read(target: LiveTarget): Values | Promise<Values>;
  /** Of `keys` those that nothing of this node acts on for this container, and why, as one clause. */
  idle?(target: LiveTarget): ReadonlyMap<string, string>;
  /** `read` asks programs, or files inside: nothing for somebody who looks each second. */
  readonly slow?: true;
}
