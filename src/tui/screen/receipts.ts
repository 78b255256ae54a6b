// How much of what was written has reached the terminal: it answers a question at the end of what it was sent. What lies in the buffers of a
// slow line is not on the screen yet, and is not to grow. Knows bytes and time, no frames.

/** DSR 5 and its answer (ECMA-48 8.3.35): asked of every terminal since the VT100. */
const QUESTION = '\x1b[5n';
export const RECEIPT = '\x1b[0n';

/** Bytes after which it is asked again. */
const ASK_AFTER = 512;
/** Bytes that may be under way on any line. */
const LEAST = 1024;
/** Milliseconds of what the line carries that may be under way. */
const AHEAD = 150;
/** Weight of the newest measurement of what the line carries. */
const NEWEST = 0.3;
/** Questions that may be under way: of a line that is dead for us the answers go to whoever comes next. */
const ASKED = 2;
/** Milliseconds after which a question counts as lost. */
const LOST = 3000;
/** So many lost questions and no answer ever: the terminal gives none. */
const MUTE = 4;

interface Question {
  readonly bytes: number;
  readonly at: number;
}

export class Receipts {
  #asked: Question[] = [];
  #unasked = 0;
  /** Bytes per millisecond that the line carries. */
  #rate = 0;
  #lastAnswer = 0;
  #answers = false;
  #lost = 0;

  /** So many bytes are written now; answers what is to be written behind them. `mayAsk` is asked only when it matters. */
  sent(bytes: number, mayAsk: () => boolean, now = performance.now()): string {
    this.#unasked += bytes;
    if (this.#unasked < ASK_AFTER || this.#asked.length === ASKED || this.#lost >= MUTE || !mayAsk()) return '';
    this.#asked.push({ bytes: this.#unasked, at: now });
    this.#unasked = 0;
    return QUESTION;
  }

  /** An answer has come: everything up to the oldest question is on the screen. */
  received(now = performance.now()): void {
    const question = this.#asked.shift();
    if (question === undefined) return;
    const rate = question.bytes / Math.max(1, now - Math.max(question.at, this.#lastAnswer));
    this.#rate = this.#answers ? this.#rate + (rate - this.#rate) * NEWEST : rate;
    this.#lastAnswer = now;
    this.#answers = true;
    this.#lost = 0;
  }

  /** More would only wait: the line has as much as it carries soon. */
  isFull(now = performance.now()): boolean {
    this.#forget(now);
    if (!this.#answers || this.#asked.length === 0) return false;
    const underWay = this.#asked.reduce((sum, { bytes }) => sum + bytes, this.#unasked);
    return underWay > Math.max(LEAST, this.#rate * AHEAD);
  }

  /** Milliseconds until the oldest question counts as lost, if no answer comes. */
  patience(now = performance.now()): number {
    const [oldest] = this.#asked;
    return oldest === undefined ? 0 : Math.max(0, oldest.at + LOST - now);
  }

  /** Answers that are under way, which whoever gets the terminal next would take for something typed. */
  awaited(now = performance.now()): number {
    this.#forget(now);
    return this.#answers || this.#lost === 0 ? this.#asked.length : 0;
  }

  #forget(now: number): void {
    const before = this.#asked.length;
    this.#asked = this.#asked.filter(({ at }) => now - at < LOST);
    this.#lost += before - this.#asked.length;
    if (this.#lost > 0) this.#answers = false;
  }
}
