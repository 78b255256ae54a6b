// The only writer to the terminal. Ink takes it for its stdout; each frame is one write of what changed, and while the line is stalled
// no frame is made at all. Knows neither keys nor what is drawn.

import { Writable } from 'node:stream';
import { blankCells, type Cells } from './cells.ts';
import { diffRow } from './diff.ts';
import { LayerStack, PlacedSurface } from './layer-stack.ts';
import { FramePacer, type Rate } from './pace.ts';
import { Receipts } from './receipts.ts';
import type { Layers, Measure } from './screen.ts';
import { scrollRows } from './scroll.ts';
import type { SurfaceSource } from './surface-source.ts';
import { BEGIN_FRAME, CLEAR, END_FRAME, HIDE_CURSOR, SHOW_CURSOR, TAKE } from './terminal-modes.ts';

/** What the compositor needs of process.stdout. */
export interface TtyOutput {
  readonly columns: number;
  readonly rows: number;
  /** The callback comes when the terminal has taken everything. */
  write(text: string, taken: () => void): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** A window that is being dragged sends hundreds of sizes. */
const RESIZE_REST = 50;
/** Milliseconds that whoever is to get the terminal next waits for its last answers to us. */
const LAST_ANSWERS = 1000;
/** What Ink writes besides frames: modes and cursor, which are ours. */
const CONTROL_ONLY = /^(?:\x1b\[[?<>=]?[\d;]*[hlu])*$/;

export class Compositor extends Writable implements Layers {
  readonly isTTY = true;
  columns: number;
  rows: number;
  /** Frames written so far, for measurements. */
  frames = 0;
  readonly #output: TtyOutput;
  readonly #mayAsk: () => boolean;
  readonly #stack = new LayerStack();
  readonly #pacer = new FramePacer(() => this.flush());
  /** What the terminal shows; null = unknown, paint everything. */
  #shown: Cells[] | null = null;
  #shownCursor = '';
  #cursorOwner: SurfaceSource | null = null;
  /** The terminal is ours. */
  #open = false;
  /** A write has not been taken yet. */
  #busy = false;
  readonly #receipts = new Receipts();
  /** Something changed while the line had enough to carry. */
  #missed = false;
  /** Until an answer for which that waits counts as lost: a terminal that is torn off its line in the middle of one never says it again. */
  #patience: NodeJS.Timeout | null = null;
  #settleListeners: (() => void)[] = [];
  #resizing: NodeJS.Timeout | null = null;
  /** Mode changes to be sent with the next frame. */
  #control = '';

  /** `mayAsk`: an answer of the terminal would come to us, and not to somebody who has it now. */
  constructor(output: TtyOutput, mayAsk: () => boolean = () => true) {
    super({ decodeStrings: false });
    this.#output = output;
    this.#mayAsk = mayAsk;
    this.columns = clampSize(output.columns, 80);
    this.rows = clampSize(output.rows, 24);
    this.#stack.resize(this.columns, this.rows);
  }

  /** Takes the terminal: from now on frames are written. `modes` are sent along (those of the input). */
  open(modes: string): void {
    this.#output.on('resize', this.#onResize);
    this.#open = true;
    this.#shown = null;
    this.#control = TAKE + modes;
    this.#applySize();
    this.#pacer.request();
  }

  /** Stops writing; what is to be written to the terminal then is the caller's. */
  close(): void {
    this.#output.off('resize', this.#onResize);
    this.#open = false;
    this.#pacer.cancel();
    for (const timer of [this.#resizing, this.#patience]) if (timer !== null) clearTimeout(timer);
    this.#resizing = null;
    this.#patience = null;
  }

  get stalled(): boolean {
    return this.#busy || this.#receipts.isFull();
  }

  /** Answers of the terminal that are under way; a line that takes nothing brings none. */
  get awaited(): number {
    return this.#busy ? 0 : this.#receipts.awaited();
  }

  /** Resolves when the terminal has taken everything that was written, and has answered if it is one that does so soon. */
  async settled(): Promise<void> {
    while (this.#busy) await new Promise<void>((resolve) => this.#settleListeners.push(resolve));
    const until = performance.now() + LAST_ANSWERS;
    while (this.awaited > 0 && performance.now() < until)
      await new Promise<void>((resolve) => {
        this.#settleListeners.push(resolve);
        setTimeout(resolve, until - performance.now());
      });
  }

  /** The terminal has answered. */
  received(): void {
    this.#receipts.received();
    this.#goOn();
  }

  /** Sends a mode sequence with the next frame, in order; dropped while the terminal is not ours. */
  control(sequence: string): void {
    if (!this.#open || sequence === '') return;
    this.#control += sequence;
    this.#pacer.request();
  }

  /** A key was pressed: faster frames for a while. */
  key(): void {
    this.#pacer.key();
  }

  addSurface(source: SurfaceSource, measure: Measure): () => void {
    const surface = new PlacedSurface(source, measure);
    const unsubscribe = source.subscribe(() => this.#pacer.request(this.#rateOf(source)));
    this.#stack.addSurface(surface);
    this.#pacer.request();
    return () => {
      unsubscribe();
      this.#stack.removeSurface(surface);
      this.#pacer.request();
    };
  }

  #rateOf(source: SurfaceSource): Rate {
    if (!source.flooding?.()) return 'normal';
    return source === this.#cursorOwner ? 'typed' : 'flood';
  }

  addCover(measure: Measure): () => void {
    const remove = this.#stack.addCover(measure);
    this.#pacer.request();
    return () => {
      remove();
      this.#pacer.request();
    };
  }

  setCursorOwner(source: SurfaceSource | null): void {
    this.#cursorOwner = source;
    this.#pacer.request();
  }

  repaint(): void {
    this.#shown = null;
    this.#pacer.request();
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    const text = chunk.toString();
    if (!CONTROL_ONLY.test(text)) {
      this.#stack.setBackground(text.split('\n'));
      this.#pacer.request();
    }
    done();
  }

  /** Draws what has changed; nothing while the terminal is not ours, is being resized, or the line has enough to carry. */
  flush(): void {
    if (!this.#open || this.#resizing !== null) return;
    if (this.stalled) {
      this.#missed = true;
      if (!this.#busy) this.#awaitLoss();
      return;
    }
    const drawn = this.#draw();
    const cursor = this.#cursorSequence();
    if (drawn === '' && this.#control === '' && cursor === this.#shownCursor) return;
    const hide = this.#shownCursor !== '' && drawn !== '' ? HIDE_CURSOR : '';
    const frame =
      this.#control + BEGIN_FRAME + hide + drawn + (cursor === '' && this.#shownCursor !== '' ? HIDE_CURSOR : cursor) + END_FRAME;
    this.#control = '';
    this.#shownCursor = cursor;
    this.frames++;
    this.#busy = true;
    this.#output.write(frame + this.#receipts.sent(Buffer.byteLength(frame), this.#mayAsk), () => {
      this.#busy = false;
      this.#goOn();
    });
  }

  #awaitLoss(): void {
    this.#patience ??= setTimeout(() => {
      this.#patience = null;
      this.flush();
    }, this.#receipts.patience());
  }

  #goOn(): void {
    for (const listener of this.#settleListeners.splice(0)) listener();
    if (!this.#missed || this.stalled) return;
    this.#missed = false;
    this.#pacer.request();
  }

  #draw(): string {
    const wanted = this.#stack.compose(this.#cursorOwner);
    if (this.#stack.behind) this.#pacer.request('flood');
    let out = '';
    if (this.#shown === null) {
      this.#shown = wanted.map(() => blankCells(this.columns));
      this.#shownCursor = '';
      // Whoever had it may be covered or gone by now.
      out = CLEAR + HIDE_CURSOR;
    } else out = scrollRows(this.#shown, wanted);
    const shown = this.#shown;
    for (const [y, row] of wanted.entries()) {
      if (row === shown[y]) continue;
      out += diffRow(y, shown[y]!, row);
      shown[y] = row;
    }
    return out;
  }

  #cursorSequence(): string {
    const at = this.#cursorOwner === null ? null : this.#stack.cursorOf(this.#cursorOwner);
    return at === null ? '' : `\x1b[${at.y + 1};${at.x + 1}H${SHOW_CURSOR}`;
  }

  readonly #onResize = (): void => {
    this.#resizing ??= setTimeout(() => {
      this.#resizing = null;
      this.#applySize();
      this.#pacer.request();
    }, RESIZE_REST);
  };

  #applySize(): void {
    const columns = clampSize(this.#output.columns, 80);
    const rows = clampSize(this.#output.rows, 24);
    this.#shown = null;
    if (columns === this.columns && rows === this.rows) return;
    this.columns = columns;
    this.rows = rows;
    this.#stack.resize(columns, rows);
    this.emit('resize');
  }
}

/** Terminals that do not know their size say 0 or nothing. */
function clampSize(size: number | undefined, otherwise: number): number {
  return size === undefined || size <= 0 ? otherwise : Math.min(size, 1000);
}
