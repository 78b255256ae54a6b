// The only reader of the terminal. A pane that has the keyboard gets bytes, the views get events, Ink gets what the views leave. Knows
// which modes the outer terminal must be in for that, and nothing of what keys do.

import { InkStdin } from './ink-stdin.ts';
import type { InputEvent, InputHandler } from './input-event.ts';
import type { InputTarget } from './input-target.ts';
import { parseMouse, TRACKING_MODE } from './mouse.ts';
import { translate } from './pane-input.ts';
import { RECEIPT } from './receipts.ts';
import type { Input } from './screen.ts';
import { nextToken, PASTE_BEGIN } from './tokenizer.ts';

/** What the router needs of process.stdin. */
export interface TtyInput {
  setRawMode(on: boolean): unknown;
  on(event: 'data', listener: (bytes: Buffer) => void): unknown;
  off(event: 'data', listener: (bytes: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

export interface RouterOutput {
  /** Sends a mode sequence to the terminal. */
  control(sequence: string): void;
  /** A key was pressed. */
  key(): void;
  /** The terminal has taken what was written up to a question. */
  received(): void;
}

/** After so many milliseconds an escape is the key (or Alt with a bracket or an O) and not the head of a sequence. */
const ESCAPE_WAIT = 15;
const TYPED_HEAD = /^\x1b[[O]?$/;
/** What a paste holds is text, whatever it looks like. */
const PASTE_OR_RECEIPT = /\x1b\[200~.*?(?:\x1b\[201~|$)|\x1b\[0n/gs;
/** Nobody types longer heads: the line was slow in the middle of one. */
const TORN_WAIT = 500;
/** A paste into a pane that has been silent for so long has lost its end; the leave chord must work again. */
export const PASTE_SILENCE = 3000;

/** Milliseconds after which what has arrived is no head of something longer. */
export const headWait = (head: string): number => (TYPED_HEAD.test(head) ? ESCAPE_WAIT : TORN_WAIT);

export class Router implements Input {
  readonly inkStdin = new InkStdin();
  readonly #tty: TtyInput;
  readonly #output: RouterOutput;
  #running = false;
  #deaf = false;
  #handler: InputHandler = () => false;
  readonly #leaveListeners: (() => void)[] = [];
  #target: InputTarget | null = null;
  #releaseTarget: () => void = () => {};
  #pasting = false;
  #lastInput = 0;
  #mouseWanted = false;
  /** Modes of the outer terminal. */
  #tracking = 0;
  #focusReports = false;
  #keypad = false;
  /** Arrived and not yet understood, latin1. */
  #pending = '';
  #wait: NodeJS.Timeout | null = null;

  constructor(tty: TtyInput, output: RouterOutput) {
    this.#tty = tty;
    this.#output = output;
  }

  get focused(): InputTarget | null {
    return this.#target;
  }

  setHandler(handler: InputHandler): void {
    this.#handler = handler;
  }

  onLeave(listener: () => void): void {
    this.#leaveListeners.push(listener);
  }

  setMouse(on: boolean): void {
    this.#mouseWanted = on;
    this.#output.control(this.#modeChanges());
  }

  focus(target: InputTarget | null): void {
    if (target === this.#target) return;
    this.#releaseTarget();
    tellFocus(this.#target, false);
    this.#target = target;
    this.#pasting = false;
    tellFocus(target, true);
    this.#releaseTarget = target?.onModes(() => this.#output.control(this.#modeChanges())) ?? (() => {});
    this.#output.control(this.#modeChanges());
  }

  /** Raw mode on, reading; before the first frame, or the terminal echoes what is typed ahead. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    // libuv keeps what it set last, also when somebody else has changed the terminal since.
    this.#tty.setRawMode(false);
    this.#tty.setRawMode(true);
    this.#tty.on('data', this.#onData);
    this.#tty.resume();
  }

  /** Hears nothing but the terminal's answers from now on; what is typed is kept for whoever asks for it. */
  deafen(): void {
    this.#clearWait();
    this.#deaf = true;
  }

  /** Stops reading, so that every byte from now on is another program's; raw mode off. Answers what was typed since it was deaf. */
  stop(): Buffer {
    const typed = Buffer.from(this.#deaf ? this.#pending : '', 'latin1');
    this.#stop();
    return typed;
  }

  #stop(): void {
    if (!this.#running) return;
    this.#running = false;
    this.#deaf = false;
    this.#tty.off('data', this.#onData);
    this.#tty.pause();
    this.#tty.setRawMode(false);
    this.#clearWait();
    this.#pending = '';
    this.#pasting = false;
  }

  /** All modes of the outer terminal, for one that has just been taken. */
  modes(): string {
    this.#tracking = 0;
    this.#focusReports = false;
    this.#keypad = false;
    return `\x1b[?2004h${this.#modeChanges()}`;
  }

  #modeChanges(): string {
    const wants = this.#target?.modes();
    // A drag selects in panes.
    const tracking = Math.max(this.#mouseWanted ? TRACKING_MODE.drag : 0, TRACKING_MODE[wants?.mouse ?? 'none']);
    const focusReports = wants?.focusReports ?? false;
    const keypad = wants?.applicationKeypad ?? false;
    let out = '';
    if (tracking !== this.#tracking) {
      if (this.#tracking !== 0) out += `\x1b[?${this.#tracking}l`;
      out += tracking === 0 ? '\x1b[?1006l' : `\x1b[?${tracking}h\x1b[?1006h`;
    }
    if (focusReports !== this.#focusReports) out += `\x1b[?1004${focusReports ? 'h' : 'l'}`;
    if (keypad !== this.#keypad) out += keypad ? '\x1b=' : '\x1b>';
    this.#tracking = tracking;
    this.#focusReports = focusReports;
    this.#keypad = keypad;
    return out;
  }

  /** What was typed while somebody else had the terminal, and is not theirs. */
  typed(bytes: Buffer): void {
    if (this.#running && bytes.length > 0) this.#onData(bytes);
  }

  readonly #onData = (bytes: Buffer): void => {
    const now = performance.now();
    if (now - this.#lastInput > PASTE_SILENCE) this.#pasting = false;
    const before = this.#pending;
    this.#pending += bytes.toString('latin1');
    if (!this.#pasting) this.#takeReceipts();
    if (this.#pending === before) return;
    this.#lastInput = now;
    this.#output.key();
    if (!this.#deaf) this.#consume(false);
  };

  /** Wherever they are: they come in the middle of what is typed, also behind an escape that may yet be the head of something. */
  #takeReceipts(): void {
    this.#pending = this.#pending.replaceAll(PASTE_OR_RECEIPT, (found) => {
      if (found !== RECEIPT) return found;
      this.#output.received();
      return '';
    });
  }

  /** Takes tokens as long as they are whole; whoever handles one may move the keyboard elsewhere, or give the terminal away, and the rest goes there. */
  #consume(final: boolean): void {
    this.#clearWait();
    while (this.#pending !== '' && this.#running && !this.#deaf)
      if (!(this.#target === null ? this.#toViews(final) : this.#toTarget(this.#target, final))) break;
    if (this.#pending !== '' && this.#running && !this.#deaf && !this.#insidePaste())
      this.#wait = setTimeout(() => this.#consume(true), headWait(this.#pending));
  }

  /** The end of a paste comes when it comes. */
  #insidePaste(): boolean {
    return this.#target === null ? this.#pending.startsWith(PASTE_BEGIN) : this.#pasting;
  }

  #clearWait(): void {
    if (this.#wait !== null) clearTimeout(this.#wait);
    this.#wait = null;
  }

  #toViews(final: boolean): boolean {
    const token = nextToken(this.#pending, 0, final);
    if (token === null) return false;
    this.#pending = this.#pending.slice(token.raw.length);
    if (token.event !== null && !this.#handler(token.event)) this.#toInk(token.event, token.raw);
    return true;
  }

  #toInk(event: InputEvent, raw: string): void {
    if (event.type === 'key' || event.type === 'paste') this.inkStdin.pass(Buffer.from(raw, 'latin1').toString('utf8'));
  }

  #toTarget(target: InputTarget, final: boolean): boolean {
    const { others = [] } = target;
    const pasting = this.#pasting;
    const input = translate(this.#pending, { modes: target.modes(), rect: target.rect(), pasting }, final);
    for (const other of others) {
      const { bytes } = translate(this.#pending, { modes: other.modes(), rect: null, pasting }, final);
      if (bytes !== '') other.write(Buffer.from(bytes, 'latin1'));
    }
    const progress = input.rest.length < this.#pending.length;
    this.#pending = input.rest;
    this.#pasting = input.pasting;
    if (input.bytes !== '') target.write(Buffer.from(input.bytes, 'latin1'));
    for (const report of input.reports) {
      const event = parseMouse(report);
      if (event !== null) this.#handler(event);
    }
    if (input.leave) {
      this.focus(null);
      for (const listener of this.#leaveListeners) listener();
    }
    return progress;
  }
}

/** A program that wants to know has the keyboard or has lost it, as if it were alone on a terminal that has. */
function tellFocus(target: InputTarget | null, gained: boolean): void {
  for (const one of target === null ? [] : [target, ...(target.others ?? [])])
    if (one.modes().focusReports) one.write(Buffer.from(gained ? '\x1b[I' : '\x1b[O'));
}
