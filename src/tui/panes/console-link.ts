// A container's console as bytes: the keeper's socket instead of a pty.

import type { ConsoleLink } from '../../engine/index.ts';
import type { ByteLink, LinkEnd } from './byte-link.ts';

/** The console behind the pane's emulator. */
export function consoleByteLink(link: ConsoleLink): ByteLink {
  return new ConsoleByteLink(link);
}

class ConsoleByteLink implements ByteLink {
  readonly #link: ConsoleLink;

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
    this.#link.onData(listener);
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

  close(): void {
    this.#link.close();
  }
}
