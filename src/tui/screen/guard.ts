// Every way out of the process that can be caught leads through one door: the terminal is given back first, then the reason is said.
// Knows signals and exits; how the terminal is given back is the screen's.

import { constants } from 'node:os';
import { writeNow } from './write-now.ts';

/** EX_SOFTWARE of sysexits.h. */
const EXIT_FATAL = 70;
const DEADLY = ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGINT'] as const;
/** Typed at a child that has the terminal, these are the child's alone. */
const TYPED: readonly NodeJS.Signals[] = ['SIGQUIT', 'SIGINT'];
/** The signal that ended the child was sent to us as well, and another thread may bring it after the news of the child's end, milliseconds. */
const STILL_THE_CHILDS = 100;
/** A signal to our group comes to us twice: by itself, and from the shell that started us; milliseconds. */
const ONE_EVENT = 200;
/** When nobody stops the process after it asked to be (an orphaned process group can't be), it goes on. */
const NOT_STOPPED = 100;

export interface GuardOptions {
  /** Gives the terminal back, synchronously; called once. Answers what is still to be said on stderr. */
  readonly leave: () => string;
  /** The terminal was asked for by Ctrl-Z from outside, or the process was continued. */
  readonly onStop: () => void;
  readonly onContinue: () => void;
  /** Work that outlives the terminal: on SIGTERM, SIGHUP and hang-up the process ends when this is done; a second signal hurries it, a third ends it at once. */
  readonly lastWork?: () => Promise<void>;
  /** Asked to end while the last work goes on. */
  readonly hurry?: () => void;
}

export class Guard {
  readonly #options: GuardOptions;
  #left = false;
  #leaving = false;
  #hurried = false;
  /** When each signal came last, milliseconds. */
  readonly #signalledAt = new Map<NodeJS.Signals, number>();
  #attached = false;
  #typedFor = 0;

  constructor(options: GuardOptions) {
    this.#options = options;
    process.on('exit', () => this.#leave());
    process.on('uncaughtException', (error) => this.fatal(error));
    process.on('unhandledRejection', (reason) => this.fatal(reason));
    for (const signal of DEADLY) process.on(signal, () => this.#signalled(signal));
    process.on('SIGTSTP', this.#onStop);
    process.on('SIGCONT', () => {
      if (!this.#left) options.onContinue();
    });
  }

  readonly #onStop = (): void => {
    if (!this.#left) this.#options.onStop();
  };

  #leave(): void {
    if (this.#left) return;
    this.#left = true;
    let said = '';
    try {
      said = this.#options.leave();
    } finally {
      if (said !== '') writeNow(2, said);
    }
  }

  /** Gives the terminal back and ends the process. */
  quit(code: number, message = ''): never {
    this.#leave();
    if (message !== '') writeNow(2, `${message}\n`);
    process.exit(code);
  }

  /** What was drawn has ended: by itself, or because we leave. */
  treeEnded(): void {
    if (!this.#left) this.quit(0);
  }

  /** Gives the terminal back, says so, and ends the process when the last work is done. */
  outlive(message: string): void {
    if (this.#leaving) return;
    this.#end(0, message);
  }

  /** The end after an error that nobody caught. */
  fatal(reason: unknown): never {
    const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
    return this.quit(EXIT_FATAL, `The manager failed and gave the terminal back: ${text}`);
  }

  /** The terminal is gone (EIO, EPIPE, end of input): nothing to restore and nobody to tell. */
  hungUp(): void {
    // SIGHUP, EIO and the end of input are one event told three times: only another signal cuts the last work short.
    if (!this.#leaving) this.#end(128 + constants.signals.SIGHUP);
  }

  #signalled(signal: (typeof DEADLY)[number]): void {
    const now = performance.now();
    if (TYPED.includes(signal) && (this.#attached || now < this.#typedFor)) return;
    const again = now - (this.#signalledAt.get(signal) ?? Number.NEGATIVE_INFINITY) < ONE_EVENT;
    this.#signalledAt.set(signal, now);
    if (this.#leaving && (again || signal === 'SIGHUP')) return;
    if (this.#leaving && !this.#hurried && this.#options.hurry !== undefined) {
      this.#hurried = true;
      this.#options.hurry();
      return;
    }
    this.#end(128 + constants.signals[signal]);
  }

  #end(code: number, message = ''): void {
    const again = this.#leaving;
    // Before the terminal is given back: where that fails, the terminal's error is no second reason to end.
    this.#leaving = true;
    this.#leave();
    if (message !== '') writeNow(2, `${message}\n`);
    if (again || this.#options.lastWork === undefined) process.exit(code);
    this.#options.lastWork().then(
      () => process.exit(code),
      (error: unknown) => this.fatal(error),
    );
  }

  /** While a child has the terminal, what is typed there is not for us: Ctrl-C and Ctrl-\ are ignored, Ctrl-Z stops the whole job. */
  childHasTerminal(yes: boolean): void {
    if (this.#attached && !yes) this.#typedFor = performance.now() + STILL_THE_CHILDS;
    this.#attached = yes;
    process.off('SIGTSTP', this.#onStop);
    if (!yes) process.on('SIGTSTP', this.#onStop);
  }

  /** Stops the job as Ctrl-Z does for programs that don't catch it; resolves when it goes on. */
  async stopProcess(): Promise<void> {
    process.off('SIGTSTP', this.#onStop);
    await new Promise<void>((resolve) => {
      const fallback = setTimeout(resolve, NOT_STOPPED);
      process.once('SIGCONT', () => {
        clearTimeout(fallback);
        resolve();
      });
      // The group: a wrapper such as npm has to stop too, or the shell does not see it.
      process.kill(0, 'SIGTSTP');
    });
    process.on('SIGTSTP', this.#onStop);
  }
}
