// A program in a container whose terminal is ours to show: no terminal of the node lies between, so a flood is copied once less and a pane costs
// the node no pty. Knows nothing of what the bytes mean.
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { VzError } from '../errors.ts';
import type { EnterPlan } from '../spec/op.ts';
import { foregroundOf } from './foreground.ts';
import { keptReader } from './kept-reader.ts';
import type { EnterOutcome } from './launcher.ts';
import type { TerminalLink } from './terminal-link.ts';
import { type Visit, visit } from './visit.ts';

/** Bytes that may wait for a program that does not read, and what each of them that is written alone takes besides. */
const MOST = 16 << 20;
const COST = 256;

/** Resolves when the program runs. Throws VzError 'launch-failed', or 'cancelled' after `signal`. `plan.size` says how large the terminal is at first. */
export function openShellLink(binary: string, plan: EnterPlan, signal?: AbortSignal): Promise<TerminalLink> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => {
      link.close();
      reject(new VzError('cancelled', { what: 'enter' }));
    };
    const link = new ShellLink(
      (events) => visit(binary, plan, ['pipe', 'pipe', 'ignore'], events),
      () => {
        signal?.removeEventListener('abort', cancel);
        resolve(link);
      },
      reject,
    );
    if (signal?.aborted) cancel();
    else signal?.addEventListener('abort', cancel, { once: true });
  });
}

class ShellLink implements TerminalLink {
  readonly writer = true;
  readonly #visit: Visit;
  readonly #keys: Socket;
  readonly #screen: Socket;
  #early: Uint8Array[] = [];
  #data: ((bytes: Uint8Array) => void) | null = null;
  #end: ((reason: string) => void) | null = null;
  #ended: string | null = null;
  #waiting = 0;
  #overrun = false;
  #runs = false;
  #shown = false;

  constructor(begin: (events: Parameters<typeof visit>[3]) => Visit, ready: () => void, refused: (error: unknown) => void) {
    this.#visit = begin({
      executed: () => {
        this.#runs = true;
        ready();
      },
      ended: (outcome) => this.#over(howItEnded(outcome)),
      failed: (error) => (this.#runs ? this.#over('The terminal is lost: its relay was ended from outside') : refused(error)),
    });
    const { stdin, stdout } = this.#visit.child;
    this.#keys = stdin as Socket;
    this.#screen = keptReader(stdout as Socket, (bytes) => (this.#data ? this.#data(bytes) : this.#early.push(Buffer.from(bytes))));
    this.#keys.on('error', () => {});
    this.#screen.on('error', () => {});
    this.#screen.on('close', () => {
      this.#shown = true;
      this.#tell();
    });
  }

  /** A program's own terminal is always ours to type at. */
  onWriter(): void {}

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#data = listener;
    for (const bytes of this.#early.splice(0)) listener(bytes);
  }

  onEnd(listener: (reason: string) => void): void {
    this.#end = listener;
    this.#tell();
  }

  write(bytes: Uint8Array): void {
    const cost = bytes.length + COST;
    // What follows a part that was dropped would be taken for the next thing typed.
    this.#overrun = this.#waiting > 0 && (this.#overrun || this.#waiting + cost > MOST);
    if (this.#overrun || !this.#keys.writable) return;
    this.#waiting += cost;
    this.#keys.write(bytes, () => {
      this.#waiting -= cost;
    });
  }

  pause(): void {
    this.#screen.pause();
  }

  resume(): void {
    this.#screen.resume();
  }

  resize(columns: number, rows: number): void {
    const size = Buffer.alloc(4);
    size.writeUInt16LE(rows & 0xffff, 0);
    size.writeUInt16LE(columns & 0xffff, 2);
    if (this.#visit.socket.writable) this.#visit.socket.write(size);
  }

  foreground(): string | null {
    const { pid } = this.#visit.child;
    return pid === undefined || this.#ended !== null ? null : foregroundOf(pid);
  }

  close(): void {
    this.#end = null;
    this.#data = () => {};
    this.#keys.destroy();
    this.#screen.destroy();
    // Before the program runs nobody reads what hangs up, and its way in may be frozen.
    if (this.#runs) this.#visit.socket.destroy();
    else this.#visit.child.kill('SIGTERM');
  }

  #over(reason: string): void {
    this.#ended = reason;
    this.#tell();
  }

  /** The end comes on one way, the last data on another. */
  #tell(): void {
    if (this.#ended === null || !this.#shown) return;
    this.#end?.(this.#ended);
    this.#end = null;
  }
}

function howItEnded({ code, signal }: EnterOutcome): string {
  if (signal === null) return code === 0 ? 'ended' : `ended with exit code ${code}`;
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  return `ended by signal ${signal}${name === undefined ? '' : ` (${name})`}`;
}
