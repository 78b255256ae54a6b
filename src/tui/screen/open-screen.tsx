// Puts the parts together: takes the terminal, renders Ink into the compositor, and gives the terminal back on every way out.

import { type Instance, render } from 'ink';
import type { ReactNode } from 'react';
import { awaitNow } from './await-now.ts';
import { canShowScreen, type Environment } from './capability.ts';
import { sendToClipboard } from './clipboard-send.ts';
import { Compositor } from './compositor.ts';
import { holdConsole } from './console-hold.ts';
import { hasForeground } from './foreground.ts';
import { releaseFront } from './front.ts';
import { Guard } from './guard.ts';
import { RECEIPT } from './receipts.ts';
import { Router } from './router.ts';
import { type AttachCommand, type AttachResult, type HandedStream, type Screen, ScreenContext } from './screen.ts';
import { runOnTerminal } from './terminal-attach.ts';
import { handOver } from './terminal-hand.ts';
import { GIVE_BACK, RELEASE } from './terminal-modes.ts';
import { Whole } from './whole.tsx';
import { writeNow } from './write-now.ts';

export interface ScreenOptions {
  readonly env?: Environment;
  /** Mouse reports for views; default off, so that the terminal's own selection works. */
  readonly mouse?: boolean;
  /** What must be finished although the terminal is gone (SIGHUP, SIGTERM): the process ends after it. */
  readonly lastWork?: () => Promise<void>;
  /** Somebody wants the process to end while that goes on. */
  readonly hurry?: () => void;
}

/** Nothing tells a process that somebody else has been given its terminal, as the shell is when a wrapper around us dies; milliseconds. */
const FOREGROUND_CHECK = 1000;

/** There is no terminal that a full screen could be shown on; the message says what to do. */
export class NoTerminalError extends Error {}

/**
 * Takes the terminal of the process. One screen per process.
 * @throws NoTerminalError
 */
export function openScreen(options: ScreenOptions = {}): Screen {
  const env = options.env ?? process.env;
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new NoTerminalError('Standard input and output are not a terminal; use vzctl and vzlist there');
  if (!canShowScreen(env))
    throw new NoTerminalError(
      `The terminal type ${env['TERM'] || '(none)'} can't show a full screen; set TERM to what it is, or use vzctl and vzlist`,
    );
  return new TerminalScreen(options);
}

class TerminalScreen implements Screen {
  readonly layers: Compositor;
  readonly input: Router;
  readonly #guard: Guard;
  readonly #env: Environment;
  #releaseConsole = holdConsole();
  #ink: Instance | null = null;
  /** What is on the terminal is ours to take away, not a child's or the shell's. */
  #taken = false;
  #lending = false;
  /** A program that we hold draws on it: what it leaves behind is ours to take away as well. */
  #handed = false;
  /** The terminal was ours when it was taken. */
  #foreground = false;

  constructor(options: ScreenOptions) {
    const { stdin, stdout } = process;
    this.#env = options.env ?? process.env;
    this.layers = new Compositor(stdout, () => hasForeground() === true);
    this.input = new Router(stdin, this.layers);
    this.#guard = new Guard({
      leave: () => this.#leave(),
      onStop: () => this.stop(),
      onContinue: () => this.#continued(),
      ...(options.lastWork === undefined ? {} : { lastWork: options.lastWork }),
      ...(options.hurry === undefined ? {} : { hurry: options.hurry }),
    });
    for (const stream of [stdin, stdout]) stream.on('error', () => this.#guard.hungUp());
    stdin.on('end', () => this.#guard.hungUp());
    unblock(stdout);
    this.input.setMouse(options.mouse ?? false);
    this.#take();
    setInterval(() => this.#checkForeground(), FOREGROUND_CHECK).unref();
  }

  render(node: ReactNode): void {
    const tree = (
      <ScreenContext value={this}>
        <Whole>{node}</Whole>
      </ScreenContext>
    );
    if (this.#ink === null) this.#ink = this.#mount(tree);
    else this.#ink.rerender(tree);
  }

  #mount(tree: ReactNode): Instance {
    const ink = render(tree, {
      stdout: this.layers as unknown as NodeJS.WriteStream,
      stdin: this.input.inkStdin as unknown as NodeJS.ReadStream,
      // Every commit arrives as one plain frame.
      debug: true,
      interactive: true,
      exitOnCtrlC: false,
      patchConsole: false,
    });
    ink.waitUntilExit().then(
      () => this.#guard.treeEnded(),
      (error: unknown) => this.#guard.fatal(error),
    );
    return ink;
  }

  quit(code: number, message?: string): void {
    this.#guard.quit(code, message);
  }

  outlive(message: string): void {
    this.#guard.outlive(message);
    releaseFront(this.#env);
  }

  stop(): void {
    if (!this.#lending) void this.#lend(() => this.#guard.stopProcess());
  }

  copy(text: string): string | null {
    return sendToClipboard(text, this.#env, (sequence) => this.layers.control(sequence));
  }

  async attach(command: AttachCommand): Promise<AttachResult> {
    return this.#lend(async () => {
      this.#guard.childHasTerminal(true);
      try {
        return await runOnTerminal(command);
      } finally {
        this.#guard.childHasTerminal(false);
      }
    });
  }

  async hand(stream: HandedStream): Promise<void> {
    const behind = await this.#lend(async (typed) => {
      this.#handed = true;
      return await handOver(stream, typed).finally(() => {
        this.#handed = false;
      });
    });
    this.input.typed(behind);
  }

  /** Gives the terminal to somebody else for a while. */
  async #lend<T>(use: (typed: Buffer) => Promise<T>): Promise<T> {
    if (this.#lending) throw new Error('The terminal is in use by another program');
    this.#lending = true;
    const typed = await this.#settle();
    writeNow(1, GIVE_BACK);
    this.#taken = false;
    try {
      return await use(typed);
    } finally {
      this.#lending = false;
      this.#take();
    }
  }

  /**
   * Stops drawing, and reading when the line is empty: what it has not taken yet would come out in the middle of what the next one writes,
   * and the terminal's answers among what the next one reads. Resolves with what was typed meanwhile. */
  async #settle(): Promise<Buffer> {
    this.input.deafen();
    this.layers.close();
    await this.layers.settled();
    return this.input.stop();
  }

  #take(): void {
    this.#taken = true;
    this.input.start();
    this.layers.open(this.input.modes());
    this.#foreground = hasForeground() === true;
  }

  /** Somebody else has the terminal, and nobody has stopped us: we would paint over what they show, and take every second key. */
  #checkForeground(): void {
    if (this.#taken && this.#foreground && hasForeground() === false) this.#guard.hungUp();
  }

  /** Somebody stopped us without asking (SIGSTOP), and the shell has had the terminal since. */
  #continued(): void {
    if (this.#lending) return;
    this.input.stop();
    this.layers.close();
    this.#take();
  }

  #leave(): string {
    const wasTaken = this.#taken;
    this.#taken = false;
    this.layers.close();
    // reading from behind would stop us
    if (wasTaken && hasForeground() === true) awaitNow(0, RECEIPT, this.layers.awaited);
    try {
      this.#ink?.unmount();
    } catch {
      // A tree that throws while it is taken down changes nothing for the terminal.
    }
    try {
      this.input.stop();
    } catch {
      // EIO: the terminal is gone.
    }
    if (this.#handed) writeNow(1, RELEASE);
    if (wasTaken || this.#handed) writeNow(1, GIVE_BACK);
    return this.#releaseConsole();
  }
}

/** Writes to terminals are synchronous in Node: a line that stalls would stop everything, sampling and panes too. */
function unblock(stdout: NodeJS.WriteStream): void {
  const { _handle: handle } = stdout as NodeJS.WriteStream & { readonly _handle?: { setBlocking?(on: boolean): void } };
  handle?.setBlocking?.(false);
}
