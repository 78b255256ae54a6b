// The emulator of a pane: bytes in, rows out, memory bounded whatever comes. Knows the link only as bytes and the screen not at all.

import xterm, { type IBuffer, type IBufferCell, type Terminal } from '@xterm/headless';
import type { TerminalLink } from '../../engine/index.ts';
import type { TargetModes } from '../screen/input-target.ts';
import { TRACKING_MODE } from '../screen/mouse.ts';
import type { Point } from '../screen/surface-source.ts';
import { CELL_WIDTHS } from './cell-width.ts';
import { CopyMode } from './copy-mode.ts';
import { rowText } from './row-text.ts';
import { StringLimit } from './string-limit.ts';
import { type Parser, Turns } from './turns.ts';

export interface PaneTermOptions {
  readonly columns: number;
  readonly rows: number;
  /** Answers to the program's questions (device attributes, cursor position) go back; a console only draws. */
  readonly answers: boolean;
  /** Shared with other panes. */
  readonly turns?: Turns;
  /** The program wants this text on the clipboard. */
  readonly onClipboard?: (text: string) => void;
}

/** Lines kept above the screen. */
const SCROLLBACK = 1000;
/** More than this within a tenth of a second is a flood: frames then come slower. */
const FLOOD_WINDOW = 100;
const FLOOD_BYTES = 64 * 1024;
/** Milliseconds that a slice may take before smaller ones are cut; bytes of a slice. */
const SLOW = 4;
const LEAST = 256;
const MOST = 4096;
/** Final bytes of the control sequences that the emulator does as often as their parameter says, up to two thousand million times (scrolls, line
 * inserts and deletes, tabs, repeated characters). More often than the screen is large shows nothing new. */
const REPEATING = [...'STLMZIb'];
/** What comes is given to the emulator as the answer to a key (see feed), and must not end a look at the history as a key would. */
const EMULATOR = { allowProposedApi: true, logLevel: 'off', scrollOnUserInput: false } as const;
const MOUSE_SGR = 1006;
const CURSOR_VISIBLE = 25;

export class PaneTerm implements Parser {
  readonly #term: Terminal;
  readonly #link: TerminalLink;
  readonly #turns: Turns;
  readonly #scratch: IBufferCell;
  readonly #listeners = new Set<() => void>();
  readonly #modeListeners = new Set<() => void>();
  #lines: readonly string[] = [];
  #stale = true;
  #cursorHidden = false;
  #sgrMouse = false;
  #modes: TargetModes | null = null;
  #windowStart = 0;
  #windowBytes = 0;
  #flooding = false;
  #disposed = false;
  #copy: CopyMode | null = null;
  #copyEnded = (): void => {};
  readonly #strings = new StringLimit();
  /** Still to be parsed. */
  readonly #left: Uint8Array[] = [];
  #slice = LEAST;
  #tap: ((bytes: Uint8Array) => boolean) | null = null;
  #full = false;

  constructor(link: TerminalLink, options: PaneTermOptions) {
    this.#link = link;
    this.#turns = options.turns ?? new Turns();
    this.#term = new xterm.Terminal({
      cols: options.columns,
      rows: options.rows,
      scrollback: SCROLLBACK,
      ...EMULATOR,
    });
    this.#term.unicode.register(CELL_WIDTHS);
    this.#term.unicode.activeVersion = CELL_WIDTHS.version;
    this.#scratch = this.#term.buffer.active.getNullCell();
    this.#watchModes();
    const { onClipboard } = options;
    // Whether or not anybody listens: the question what is on the clipboard is never answered.
    this.#term.parser.registerOscHandler(52, (data) => {
      const text = clipboardText(data);
      if (text !== '') onClipboard?.(text);
      return true;
    });
    this.#term.onWriteParsed(() => {
      this.#copy?.follow();
      this.#changed();
    });
    this.#term.buffer.onBufferChange(() => this.endCopy());
    if (options.answers) {
      this.#term.onData((answer) => this.#answer(Buffer.from(answer)));
      this.#term.onBinary((answer) => this.#answer(Buffer.from(answer, 'latin1')));
    }
    link.onData((bytes) => this.#feed(bytes));
  }

  #answer(bytes: Buffer): void {
    if (bytes.length > 0) this.#link.write(bytes);
  }

  /** Parses at once: left to itself the emulator waits a turn for more, and meanwhile a sender that is held back stands still. */
  #feed(bytes: Uint8Array): void {
    if (this.#disposed) return;
    this.#measure(bytes.length);
    this.#full ||= this.#tap?.(bytes) === false;
    this.#left.push(this.#strings.pass(bytes));
    if (this.#turns.begin(this) || this.#full) this.#link.pause();
  }

  /** Everything that comes goes to the listener as well, which answers false when it takes no more until `drained`. */
  tap(listener: ((bytes: Uint8Array) => boolean) | null): void {
    this.#tap = listener;
    this.drained();
  }

  drained(): void {
    this.#full = false;
    if (this.#left.length === 0) this.#link.resume();
  }

  /** Some sequences cost a thousand times what others do: after its time it is the turn of keys and other panes, and the sender waits. */
  parse(milliseconds: number): boolean {
    const began = performance.now();
    for (let bytes = this.#left[0]; bytes !== undefined && !this.#disposed; bytes = this.#left[0]) {
      const before = performance.now();
      // the emulator's one public way to say so: what follows a key is parsed at once
      this.#term.input('', true);
      this.#term.write(bytes.subarray(0, this.#slice));
      if (bytes.length > this.#slice) this.#left[0] = bytes.subarray(this.#slice);
      else this.#left.shift();
      const now = performance.now();
      this.#slice = now - before > SLOW ? LEAST : Math.min(MOST, 2 * this.#slice);
      if (now - began > milliseconds && this.#left.length > 0) return true;
    }
    if (!this.#full) this.#link.resume();
    return false;
  }

  #measure(bytes: number): void {
    const now = performance.now();
    if (now - this.#windowStart > FLOOD_WINDOW) {
      this.#flooding = this.#windowBytes > FLOOD_BYTES && now - this.#windowStart < 3 * FLOOD_WINDOW;
      this.#windowStart = now;
      this.#windowBytes = 0;
    }
    this.#windowBytes += bytes;
  }

  get flooding(): boolean {
    return this.#flooding || this.#windowBytes > FLOOD_BYTES;
  }

  /** What the emulator's public face does not tell. Answers false: the emulator handles the sequence as well. */
  #watchModes(): void {
    const set = (parameters: readonly (number | number[])[], on: boolean): boolean => {
      if (parameters.includes(CURSOR_VISIBLE)) this.#cursorHidden = !on;
      if (parameters.includes(MOUSE_SGR)) this.#sgrMouse = on;
      return false;
    };
    const { parser } = this.#term;
    parser.registerCsiHandler({ prefix: '?', final: 'h' }, (parameters) => set(parameters, true));
    parser.registerCsiHandler({ prefix: '?', final: 'l' }, (parameters) => set(parameters, false));
    const reset = (): boolean => {
      this.#cursorHidden = false;
      this.#sgrMouse = false;
      return false;
    };
    for (const final of REPEATING)
      parser.registerCsiHandler({ final }, ([times]) => {
        const { cols, rows } = this.#term;
        return typeof times === 'number' && times > (final === 'b' ? cols * rows : Math.max(cols, rows));
      });
    parser.registerEscHandler({ final: 'c' }, reset);
    parser.registerCsiHandler({ intermediates: '!', final: 'p' }, reset);
  }

  #changed(): void {
    this.#stale = true;
    for (const listener of this.#listeners) listener();
    if (this.#modeListeners.size === 0) return;
    const before = this.#modes;
    const now = this.modes();
    if (before !== now) for (const listener of this.#modeListeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  onModes(listener: () => void): () => void {
    this.#modeListeners.add(listener);
    return () => void this.#modeListeners.delete(listener);
  }

  /** The same object as long as nothing in it changes. */
  modes(): TargetModes {
    const { applicationCursorKeysMode, applicationKeypadMode, bracketedPasteMode, mouseTrackingMode, sendFocusMode } = this.#term.modes;
    const now: TargetModes = {
      applicationCursorKeys: applicationCursorKeysMode,
      applicationKeypad: applicationKeypadMode,
      bracketedPaste: bracketedPasteMode,
      mouse: mouseTrackingMode,
      mouseEncoding: this.#sgrMouse ? 'sgr' : 'default',
      focusReports: sendFocusMode,
    };
    const last = this.#modes;
    if (last !== null && Object.entries(now).every(([name, value]) => last[name as keyof TargetModes] === value)) return last;
    this.#modes = now;
    return now;
  }

  /** Visible rows; the same array while nothing has changed. */
  lines(): readonly string[] {
    if (!this.#stale) return this.#lines;
    this.#stale = false;
    const { active } = this.#term.buffer;
    const now = this.#copy?.rows() ?? Array.from({ length: this.#term.rows }, (_, y) => this.#row(active, active.viewportY + y));
    if (now.length !== this.#lines.length || now.some((line, y) => line !== this.#lines[y])) this.#lines = now;
    return this.#lines;
  }

  #row(buffer: IBuffer, y: number): string {
    const line = buffer.getLine(y);
    return line === undefined ? '' : rowText(line, this.#term.cols, this.#scratch);
  }

  /** Null while the program hides it or the view is scrolled up. */
  cursor(): Point | null {
    if (this.#copy !== null) return this.#copy.cursor();
    if (this.#cursorHidden || this.scrolled > 0) return null;
    const { cursorX, cursorY } = this.#term.buffer.active;
    return { x: Math.min(cursorX, this.#term.cols - 1), y: cursorY };
  }

  /** What brings another terminal of the same size to where this one is, as far as the emulator tells: screen, rows, cursor, modes. */
  replay(): string {
    this.endCopy();
    this.#term.scrollToBottom();
    this.#stale = true;
    const { modes, rows } = this.#term;
    const { cursorX, cursorY } = this.#term.buffer.active;
    const on = (number: number, is: boolean): string => (is ? `\x1b[?${number}h` : '');
    const drawn = this.lines().map((line, y) => `\x1b[${y + 1};1H${line}`);
    return [
      // what stood there goes up into the terminal's own history
      `\x1b[${rows};1H${'\n'.repeat(rows)}`,
      on(1049, this.alternate),
      '\x1b[H\x1b[2J',
      ...drawn,
      `\x1b[0m\x1b[${cursorY + 1};${cursorX + 1}H`,
      on(1, modes.applicationCursorKeysMode),
      modes.applicationKeypadMode ? '\x1b=' : '',
      on(2004, modes.bracketedPasteMode),
      on(1004, modes.sendFocusMode),
      on(TRACKING_MODE[modes.mouseTrackingMode], modes.mouseTrackingMode !== 'none'),
      on(MOUSE_SGR, this.#sgrMouse),
      this.#cursorHidden ? '\x1b[?25l' : '\x1b[?25h',
    ].join('');
  }

  /** Lines that the view is above the live screen. */
  get scrolled(): number {
    const { active } = this.#term.buffer;
    return active.baseY - active.viewportY;
  }

  scroll(lines: number): void {
    this.#term.scrollLines(lines);
    this.#changed();
  }

  get copy(): CopyMode | null {
    return this.#copy;
  }

  /** Copy mode, from where the view is, if it has not begun; with its cursor on a cell of the view where one is named. */
  beginCopy(at: Point | null = null): void {
    if (this.#disposed) return;
    this.#copy ??= new CopyMode(this.#term, this.alternate ? 0 : SCROLLBACK);
    if (at !== null) this.#copy.moveTo(at);
    this.#changed();
  }

  /** Calls the listener when copy mode ends, also by itself. */
  onCopyEnd(listener: () => void): void {
    this.#copyEnded = listener;
  }

  changeCopy(change: (copy: CopyMode) => void): void {
    if (this.#copy === null) return;
    change(this.#copy);
    this.#changed();
  }

  /** Back to the live screen. */
  endCopy(): void {
    if (this.#copy === null) return;
    this.#copy.dispose();
    this.#copy = null;
    this.#term.scrollToBottom();
    this.#changed();
    this.#copyEnded();
  }

  /** The program has the other screen, the one without history. */
  get alternate(): boolean {
    return this.#term.buffer.active.type === 'alternate';
  }

  /** Typed bytes; the view returns to the live screen. */
  type(bytes: Uint8Array): void {
    if (this.#disposed) return;
    this.#turns.typed(this);
    this.endCopy();
    if (this.scrolled > 0) {
      this.#term.scrollToBottom();
      this.#changed();
    }
    this.#link.write(bytes);
  }

  resize(columns: number, rows: number): void {
    if (this.#disposed || (columns === this.#term.cols && rows === this.#term.rows)) return;
    this.endCopy();
    this.#term.resize(columns, rows);
    this.#link.resize(columns, rows);
    this.#changed();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.lines();
    this.#disposed = true;
    this.#turns.forget(this);
    this.#listeners.clear();
    this.#modeListeners.clear();
    this.#term.dispose();
  }
}

/** "c;" and base64, as xterm's ctlseqs have it (OSC 52); "" for a question or nonsense. */
function clipboardText(data: string): string {
  const [, base64 = ''] = /^[cps0-7]*;([A-Za-z0-9+/]*={0,2})$/.exec(data) ?? [];
  return Buffer.from(base64, 'base64').toString();
}
