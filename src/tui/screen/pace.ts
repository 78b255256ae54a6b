// When the next frame may be drawn: at once after a rest, then at the rate that what changes deserves.

/** Milliseconds between frames. */
const NORMAL = 1000 / 30;
const AFTER_KEY = 1000 / 60;
const FLOOD = 1000 / 10;
/** For so long after a key the faster rate holds, also for what has the keyboard and floods. */
const KEY_GLOW = 500;
const FLOOD_GLOW = 250;

/** How fast what changes, changes; typed: it floods and has the keyboard. */
export type Rate = 'normal' | 'typed' | 'flood';

export class FramePacer {
  readonly #draw: () => void;
  #lastFrame = Number.NEGATIVE_INFINITY;
  #lastKey = Number.NEGATIVE_INFINITY;
  #due = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;

  constructor(draw: () => void) {
    this.#draw = draw;
  }

  /** A key was pressed: what it changes is shown sooner. */
  key(): void {
    this.#lastKey = performance.now();
  }

  /** Something has changed. All that changes until the frame is drawn is drawn with it. */
  request(rate: Rate = 'normal'): void {
    const now = performance.now();
    const glow = rate === 'flood' ? 0 : rate === 'typed' ? FLOOD_GLOW : KEY_GLOW;
    const gap = now - this.#lastKey < glow ? AFTER_KEY : rate === 'normal' ? NORMAL : FLOOD;
    const due = Math.max(now, this.#lastFrame + gap);
    if (due >= this.#due) return;
    this.cancel();
    this.#due = due;
    if (due - now < 1) this.#immediate = setImmediate(() => this.#fire());
    else this.#timer = setTimeout(() => this.#fire(), due - now);
  }

  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#timer = null;
    this.#immediate = null;
    this.#due = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    this.cancel();
    this.#lastFrame = performance.now();
    this.#draw();
  }
}
