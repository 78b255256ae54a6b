// The stdin that Ink gets: a terminal that is always raw and says only what the router lets through, one event per turn of the loop, so
// that React has committed one key before the next one arrives.

import { EventEmitter } from 'node:events';

export class InkStdin extends EventEmitter {
  readonly isTTY = true;
  isRaw = false;
  readonly #queue: string[] = [];
  #current: string | null = null;
  #scheduled = false;

  constructor() {
    super();
    this.setMaxListeners(0);
  }

  /** Lets Ink's useInput see a key or paste as the terminal sent it. */
  pass(raw: string): void {
    if (this.listenerCount('readable') === 0) return;
    this.#queue.push(raw);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#queue.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#current = this.#queue.shift() ?? null;
      this.emit('readable');
      this.#schedule();
    });
  }

  read(): string | null {
    const chunk = this.#current;
    this.#current = null;
    return chunk;
  }

  setRawMode(on: boolean): this {
    this.isRaw = on;
    return this;
  }

  setEncoding(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
