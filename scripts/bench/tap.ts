// A terminal that only counts and looks for bytes, at the end of a line of any speed: no emulator of its own that would take time on the
// same machine. What it is asked for it answers when the question has come through the line.
import { type IPty, spawn } from 'node-pty';

export interface TapOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Of the line; none: everything is there at once. Its buffers hold whatever is written. */
  readonly bytesPerSecond?: number;
}

/** Variables of our own terminal that programs would behave differently for. */
const FOREIGN = ['CI', 'NO_COLOR', 'FORCE_COLOR', 'NODE_ENV', 'TMUX', 'STY', 'COLUMNS', 'LINES', 'COLORTERM', 'LC_ALL'];

const PATIENCE_MS = 20_000;
/** Pieces in which a slow line carries. */
const PIECE = 128;
/** DSR 5 and its answer. */
const QUESTION = '\x1b[5n';
const ANSWER = '\x1b[0n';

/** A program in a pty of its own. */
export class Tap {
  readonly #pty: IPty;
  readonly #ended: Promise<void>;
  #isOver = false;
  #look: ((chunk: Buffer) => void) | null = null;
  readonly #perMs: number;
  /** When the line has carried all that was written. */
  #carriedAt = 0;
  #tail = '';
  /** Bytes that the program has written so far. */
  bytes = 0;

  constructor(file: string, args: readonly string[], options: TapOptions = {}) {
    const { columns = 120, rows = 40, env = process.env, bytesPerSecond = Number.POSITIVE_INFINITY } = options;
    this.#perMs = bytesPerSecond / 1000;
    const given = Object.entries({ ...env, LANG: 'C.UTF-8', TERM: 'xterm-256color' }).filter(([name]) => !FOREIGN.includes(name));
    this.#pty = spawn(file, [...args], { name: 'xterm-256color', cols: columns, rows, env: Object.fromEntries(given), encoding: null });
    // encoding null gives Buffers, whatever the type says
    this.#pty.onData((chunk) => {
      const bytes = chunk as unknown as Buffer;
      this.bytes += bytes.length;
      if (this.#perMs === Number.POSITIVE_INFINITY) this.#arrived(bytes);
      else for (let at = 0; at < bytes.length; at += PIECE) this.#carry(bytes.subarray(at, at + PIECE));
    });
    this.#ended = new Promise((resolve) => {
      this.#pty.onExit(() => {
        this.#isOver = true;
        resolve();
      });
    });
  }

  #carry(bytes: Buffer): void {
    const now = performance.now();
    this.#carriedAt = Math.max(now, this.#carriedAt) + bytes.length / this.#perMs;
    setTimeout(() => this.#arrived(bytes), this.#carriedAt - now);
  }

  #arrived(bytes: Buffer): void {
    const text = this.#tail + bytes.toString('latin1');
    // no more of it than the head of a question can be
    this.#tail = text.slice(-QUESTION.length + 1);
    const asked = text.split(QUESTION).length - 1;
    if (asked > 0 && !this.#isOver) this.#pty.write(ANSWER.repeat(asked));
    this.#look?.(bytes);
  }

  get pid(): number {
    return this.#pty.pid;
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  /** Resolves with CLOCK_MONOTONIC in ns at the chunk of output with which `seen` (of all since this call) becomes true. */
  until(seen: (output: string) => boolean, what: string): Promise<bigint> {
    return new Promise((resolve, reject) => {
      let output = '';
      const patience = setTimeout(() => reject(new Error(`${what} did not come: ${JSON.stringify(output.slice(-500))}`)), PATIENCE_MS);
      this.#look = (chunk) => {
        // one character per byte, so that none is torn between chunks
        output = (output + chunk.toString('latin1')).slice(-KEPT);
        if (!seen(output)) return;
        const at = process.hrtime.bigint();
        this.#look = null;
        clearTimeout(patience);
        resolve(at);
      };
    });
  }

  untilText(text: string): Promise<bigint> {
    const bytes = Buffer.from(text).toString('latin1');
    return this.until((output) => output.includes(bytes), text);
  }

  /** Ends the program, at the latest by SIGKILL after the patience for it. */
  async close(signal = 'SIGTERM'): Promise<void> {
    if (this.#isOver) return;
    this.#pty.kill(signal);
    const last = setTimeout(() => this.#pty.kill('SIGKILL'), PATIENCE_MS);
    await this.#ended;
    clearTimeout(last);
  }
}

const KEPT = 64 * 1024;

/** What of an output stands on the screen: no escape sequences, controls and blanks. */
export function shown(output: string): string {
  return output.replace(/\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[ -/]*[0-~])/g, '').replace(/[\x00-\x20\x7f]/g, '');
}
