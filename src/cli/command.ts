// What a verb of the command line is: its options, how they are read, what it does to one container. vzctl and vzdeck share them.
import type { Engine, EnterOutcome, RunOptions } from '../engine/index.ts';
import type { OptionSpec } from './args.ts';

/** An end with this exit status; `text` goes to stderr first. `plain`: also with --quiet, as getopt's own messages do. */
export class CliExit extends Error {
  readonly exit: number;
  readonly plain: boolean;
  constructor(exit: number, text = '', plain = false) {
    super(text);
    this.exit = exit;
    this.plain = plain;
  }
}

export interface OptionRow extends OptionSpec {
  readonly help: string;
  /** What the value is called in help. */
  readonly hint?: string;
  /** Old, or for old scripts only: not in the help. */
  readonly hidden?: boolean;
}

export interface Call {
  readonly engine: Engine;
  readonly id: number;
  readonly run: RunOptions;
  readonly relay?: Relay;
  /** `engine` only records: nothing may be done past it. */
  readonly planned?: boolean;
}

/** A call that may hand its process over to a program inside, and comes back when there is something to say about its end. */
export interface Relay {
  /** Command line and environment by which it comes back. */
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly title: string;
  /** null: this is the call itself. Throws what kept the program from being executed. */
  readonly outcome: (() => EnterOutcome) | null;
}

/** A line that reading the options gives, with the level of an event. */
export type Remark = (level: -1 | 0 | 1, text: string) => void;

/** All containers of a call at once. */
export interface TogetherCall {
  readonly engine: Engine;
  readonly ids: readonly number[];
  readonly run: RunOptions;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly dryRun: boolean;
}

/** What reading the options gave. Both return the exit status. */
export interface Asked {
  /** Words that are no options. vzctl refuses them, vzdeck takes them for containers. */
  readonly operands: readonly string[];
  readonly act: (call: Call) => Promise<number>;
  /** Instead of `act` container by container: these belong together. */
  readonly together?: (call: TogetherCall) => Promise<number>;
}

export interface Command {
  /** One line for help. */
  readonly help: string;
  /** What stands after the container in the synopsis. */
  readonly synopsis?: string;
  readonly options?: readonly OptionRow[];
  /** Of vzdeck alone. */
  readonly ownOptions?: readonly OptionRow[];
  /** Does the container need a config? set, create and status work without. */
  readonly withoutConfig?: boolean;
  /** Takes container 0, the node itself. */
  readonly node?: boolean;
  /** All words after the container belong to it (exec, enter). */
  readonly words?: boolean;
  /** With words of its own: Ctrl-C is for us, who have something to undo. */
  readonly cancels?: boolean;
  /** Of a container, under its lock. */
  readonly changes?: boolean;
  /** Exit status of options that cannot be read. */
  readonly usageExit?: 20 | 21;
  readonly quietProgress?: boolean;
  /** `sense`: refuse also values that the original takes and nobody can mean. */
  readonly parse: (args: readonly string[], engine: Engine, remark: Remark, sense?: boolean) => Asked;
}

/** A verb without options of its own. */
export function plainCommand(help: string, act: Asked['act'], more: Partial<Command> = {}): Command {
  return { help, ...more, parse: (args) => ({ operands: args, act }) };
}

/** For verbs that only say that they are done. */
export const done = async (work: Promise<void>): Promise<number> => {
  await work;
  return 0;
};
