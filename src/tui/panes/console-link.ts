// A container's console as bytes: the keeper's socket instead of a pty. What the container prints can't be held back, so what the
// emulator can't keep up with is left out.

import type { ConsoleLink } from '../../engine/index.ts';
import type { ByteLink, LinkEnd } from './byte-link.ts';

/** CAN ends a sequence that was cut in two. */
const SKIPPED = new TextEncoder().encode('\x18\x1b[m\r\n[console output left out]\r\n');

/** The console behind the pane's emulator. */
export function consoleByteLink(link: ConsoleLink): ByteLink {
  return new ConsoleByteLink(link);
}

class ConsoleByteLink implements ByteLink {
  readonly #link: ConsoleLink;
  #listener: (bytes: Uint8Array) => void = () => {};
  #paused = false;
  #skipped = false;

  constructor(link: ConsoleLink) {
    this.#link = link;
  }

  get writable(): boolean {
    return this.#link.writer;
  }

  onWritable(listener: () => void): void {
    this.#link.onWriter(listener);
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#listener = listener;
    this.#link.onData((bytes) => {
      if (this.#paused) this.#skipped = true;
      else listener(bytes);
    });
  }

  onEnd(listener: (end: LinkEnd) => void): void {
    this.#link.onEnd((reason) => listener({ code: null, signal: null, text: reason }));
  }

  write(bytes: Uint8Array): void {
    this.#link.write(bytes);
  }

  resize(columns: number, rows: number): void {
    this.#link.resize(columns, rows);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (!this.#skipped) return;
    this.#skipped = false;
    this.#listener(SKIPPED);
  }

  close(): void {
    this.#link.close();
  }
}
