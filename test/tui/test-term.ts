// A terminal for tests: runs a program in a pty, interprets its output with @xterm/headless, waits for what is on the screen.

import { writeSync } from 'node:fs';
import xterm, { type IBufferCell, type Terminal } from '@xterm/headless';
import { type IPty, spawn } from 'node-pty';
import { CELL_WIDTHS } from '../../src/tui/panes/cell-width.ts';
import { keyBytes } from './key-bytes.ts';

export interface TestTermOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly cwd?: string;
  /** Added to the environment; undefined takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until a wait gives up; the screen is in the error then. Default 30,000. */
  readonly patience?: number;
}

export interface CellLook {
  readonly text: string;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly inverse: boolean;
  readonly underline: boolean;
  /** "default", a palette index, or "#rrggbb". */
  readonly fg: string;
  readonly bg: string;
}

export interface TermExit {
  readonly code: number;
  readonly signal: number;
}

/** What the terminal was left in. */
export interface TermModes {
  readonly alternate: boolean;
  readonly cursorHidden: boolean;
  readonly mouse: string;
  readonly bracketedPaste: boolean;
  readonly focusReports: boolean;
  readonly applicationCursorKeys: boolean;
  readonly wraparound: boolean;
}

type Condition = string | RegExp | ((screen: string) => boolean);

/** Variables of the test's own environment that would change how the program behaves. */
const FOREIGN = ['CI', 'NO_COLOR', 'FORCE_COLOR', 'NODE_ENV', 'TMUX', 'STY', 'COLUMNS', 'LINES', 'COLORTERM', 'VITEST'];

export class TestTerm {
  readonly pty: IPty;
  readonly term: Terminal;
  /** Resolves when the program has ended and everything it wrote is on the screen. */
  readonly exit: Promise<TermExit>;
  /** Bytes that the program has written so far. */
  bytes = 0;
  #exited = false;
  readonly #patience: number;
  readonly #waiters = new Set<() => void>();

  constructor(file: string, args: readonly string[] = [], options: TestTermOptions = {}) {
    const { columns = 80, rows = 24, cwd, patience = 30_000 } = options;
    // an emulated machine is slower, its clock is not
    this.#patience = patience * Number(process.env['VZDECK_PATIENCE'] ?? 1);
    const merged: Record<string, string | undefined> = { ...process.env, LANG: 'C.UTF-8', LC_ALL: undefined, TERM: 'xterm-256color' };
    for (const name of FOREIGN) delete merged[name];
    // node-pty writes undefined values as the text "undefined".
    const env = Object.fromEntries(Object.entries({ ...merged, ...options.env }).filter(([, value]) => value !== undefined));
    this.term = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 200, logLevel: 'off' });
    // As today's terminals measure; the emulator's own table is of 2010.
    this.term.unicode.register(CELL_WIDTHS);
    this.term.unicode.activeVersion = CELL_WIDTHS.version;
    this.pty = spawn(file, [...args], {
      name: env['TERM'] ?? 'xterm-256color',
      cols: columns,
      rows,
      env,
      encoding: null,
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.pty.onData((data) => {
      this.bytes += data.length;
      this.term.write(data, () => this.#changed());
    });
    this.term.onData((reply) => {
      this.#send(reply);
    });
    this.exit = new Promise((resolve) => {
      this.pty.onExit(({ exitCode, signal }) => {
        this.#exited = true;
        // The exit overtakes the emulator's parser: what was written before must be on the screen first.
        this.term.write('', () => {
          this.#changed();
          resolve({ code: exitCode, signal: signal ?? 0 });
        });
      });
    });
  }

  /** Half a frame is nothing that anybody saw. */
  #changed(): void {
    if (this.term.modes.synchronizedOutputMode && !this.#exited) return;
    for (const waiter of [...this.#waiters]) waiter();
  }

  /** At once: what node-pty queues may come out when its descriptor is another's already. */
  #send(text: string | Buffer): void {
    const { fd, _socket } = this.pty as unknown as UnixPty;
    if (_socket.destroyed) return;
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    for (let sent = 0; sent < bytes.length; ) sent += writeSync(fd, bytes, sent);
  }

  /** Row of the visible screen, right-trimmed. */
  line(y: number): string {
    const { active } = this.term.buffer;
    return (active.getLine(active.baseY + y)?.translateToString(true) ?? '').trimEnd();
  }

  /** Visible rows. */
  screen(): readonly string[] {
    return Array.from({ length: this.term.rows }, (_, y) => this.line(y));
  }

  /** The visible screen as one text. */
  text(): string {
    return this.screen().join('\n');
  }

  cell(x: number, y: number): CellLook {
    const { active } = this.term.buffer;
    const cell = active.getLine(active.baseY + y)?.getCell(x);
    if (cell === undefined) throw new Error(`No cell ${x},${y} on a screen of ${this.term.cols}x${this.term.rows}`);
    return cellLook(cell);
  }

  /** The look of the first cell of the first occurrence of a text. */
  lookOf(text: string): CellLook {
    const y = this.screen().findIndex((line) => line.includes(text));
    if (y < 0) throw new Error(`Not on the screen: ${text}\n${this.text()}`);
    // Columns are cells: wide characters to the left take two of them.
    for (let x = 0; x < this.term.cols; x++) {
      const { active } = this.term.buffer;
      if (
        active
          .getLine(active.baseY + y)
          ?.translateToString(true, x)
          .startsWith(text)
      )
        return this.cell(x, y);
    }
    throw new Error(`Not on the screen: ${text}`);
  }

  cursor(): { readonly x: number; readonly y: number; readonly hidden: boolean } {
    const { cursorX, cursorY } = this.term.buffer.active;
    return { x: cursorX, y: cursorY, hidden: core(this.term).coreService.isCursorHidden };
  }

  modes(): TermModes {
    const { modes } = this.term;
    return {
      alternate: this.term.buffer.active.type === 'alternate',
      cursorHidden: core(this.term).coreService.isCursorHidden,
      mouse: modes.mouseTrackingMode,
      bracketedPaste: modes.bracketedPasteMode,
      focusReports: modes.sendFocusMode,
      applicationCursorKeys: modes.applicationCursorKeysMode,
      wraparound: modes.wraparoundMode,
    };
  }

  /** Presses keys one after the other, by name or as characters: press('down', 'enter', 'q'). */
  press(...keys: readonly string[]): void {
    for (const key of keys) {
      const bytes = keyBytes(key);
      // As terminals do, in the form that the program switched the cursor keys to.
      this.#send(this.term.modes.applicationCursorKeysMode ? bytes.replace(/^\x1b\[([ABCDHF])$/, '\x1bO$1') : bytes);
    }
  }

  /** Clicks the left button on a cell, as far as the program asked for the mouse; SGR reports only. */
  click(x: number, y: number): void {
    if (this.term.modes.mouseTrackingMode !== 'none') this.#send(`\x1b[<0;${x + 1};${y + 1}M\x1b[<0;${x + 1};${y + 1}m`);
  }

  /** Types text or raw bytes in one piece. */
  type(text: string | Buffer): void {
    this.#send(text);
  }

  resize(columns: number, rows: number): void {
    this.term.resize(columns, rows);
    if (!this.#exited && !(this.pty as unknown as UnixPty)._socket.destroyed) this.pty.resize(columns, rows);
  }

  /** Resolves as soon as the screen shows the text, matches the pattern or satisfies the predicate. */
  waitFor(condition: Condition, what = String(condition)): Promise<void> {
    const holds =
      typeof condition === 'function'
        ? () => condition(this.text())
        : condition instanceof RegExp
          ? () => condition.test(this.text())
          : () => this.text().includes(condition);
    return new Promise((resolve, reject) => {
      if (holds()) return resolve();
      const done = (error?: Error) => {
        clearTimeout(patience);
        this.#waiters.delete(check);
        if (error === undefined) resolve();
        else reject(error);
      };
      const give = (why: string) => done(new Error(`${why} while waiting for ${what}\n--- screen ---\n${this.text()}\n--------------`));
      const check = () => {
        if (holds()) done();
        else if (this.#exited) give('The program ended');
      };
      const patience = setTimeout(() => give(`${this.#patience} ms went by`), this.#patience);
      this.#waiters.add(check);
    });
  }

  /** Ends the program if it still runs, and frees the emulator. */
  async close(): Promise<void> {
    try {
      if (!this.#exited) process.kill(this.pty.pid, 'SIGKILL');
    } catch {
      // ESRCH: it has ended, and the event is on its way.
    }
    await this.exit;
    this.term.dispose();
  }
}

function cellLook(cell: IBufferCell): CellLook {
  const color = (isDefault: boolean, isRgb: boolean, value: number) =>
    isDefault ? 'default' : isRgb ? `#${value.toString(16).padStart(6, '0')}` : String(value);
  return {
    text: cell.getChars(),
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    inverse: cell.isInverse() !== 0,
    underline: cell.isUnderline() !== 0,
    fg: color(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
    bg: color(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
  };
}

/** What node-pty has and does not tell. */
interface UnixPty {
  readonly fd: number;
  readonly _socket: { readonly destroyed: boolean };
}

/** The emulator's public face does not tell whether the cursor is hidden. */
function core(term: Terminal): { readonly coreService: { readonly isCursorHidden: boolean } } {
  return (term as unknown as { readonly _core: { readonly coreService: { readonly isCursorHidden: boolean } } })._core;
}
