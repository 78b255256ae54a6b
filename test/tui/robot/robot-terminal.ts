// The terminal that a robot sits at, in this process: what is typed goes in as packets, what comes out goes to the reference emulator, which
// also answers what it is asked.
import { EventEmitter } from 'node:events';
import { CLEAR } from '../../../src/tui/screen/terminal-modes.ts';
import { newTerminal } from './cell-rows.ts';

/** Milliseconds; in an emulated machine all but the clock is slower. */
const PATIENCE = 20_000 * Number(process.env['VZDECK_PATIENCE'] ?? 1);

/** As process.stdin: what comes while nobody reads waits. */
class Keyboard extends EventEmitter {
  readonly isTTY = true;
  #reading = false;
  #waiting: Buffer[] = [];

  setRawMode(): this {
    return this;
  }

  resume(): this {
    this.#reading = true;
    process.nextTick(() => {
      for (const bytes of this.#waiting.splice(0)) this.type(bytes);
    });
    return this;
  }

  pause(): this {
    this.#reading = false;
    return this;
  }

  /** One packet. */
  type(bytes: Buffer): void {
    if (this.#reading && this.#waiting.length === 0 && this.listenerCount('data') > 0) this.emit('data', bytes);
    else this.#waiting.push(bytes);
  }
}

/** As process.stdout. */
class Display extends EventEmitter {
  readonly isTTY = true;
  readonly term;
  columns: number;
  rows: number;
  /** The terminal has another size than what is drawn on it. */
  resizing = false;

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.term = newTerminal(columns, rows);
  }

  write(data: string | Uint8Array, taken?: () => void): boolean {
    if (typeof data === 'string' && data.includes(CLEAR)) {
      this.resizing = false;
      this.emit('drawn');
    }
    this.term.write(data, taken);
    return true;
  }
}

export class RobotTerminal {
  readonly stdin = new Keyboard();
  readonly stdout: Display;

  constructor(columns: number, rows: number) {
    this.stdout = new Display(columns, rows);
    this.stdout.term.onData((reply) => this.type(reply));
  }

  get term() {
    return this.stdout.term;
  }

  /** One packet; text is UTF-8. */
  type(bytes: string | Buffer): void {
    this.stdin.type(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  }

  resize(columns: number, rows: number): void {
    const { stdout } = this;
    stdout.columns = columns;
    stdout.rows = rows;
    stdout.resizing = true;
    stdout.term.resize(columns, rows);
    stdout.emit('resize');
  }

  /** Resolves as soon as the text is on the screen. */
  shows(text: string | RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (typeof text === 'string' ? this.text().includes(text) : text.test(this.text())) done();
      };
      const parsed = this.term.onWriteParsed(look);
      const done = (error?: Error): void => {
        clearTimeout(patience);
        parsed.dispose();
        if (error === undefined) resolve();
        else reject(error);
      };
      const patience = setTimeout(() => done(new Error(`Waited for ${text}`)), PATIENCE);
      look();
    });
  }

  text(): string {
    const { active } = this.term.buffer;
    const lines = Array.from({ length: this.term.rows }, (_, y) => active.getLine(active.baseY + y)?.translateToString(true) ?? '');
    return lines.map((line) => line.trimEnd()).join('\n');
  }
}
