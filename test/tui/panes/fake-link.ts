// The other end of a pane, played by the test.

import type { ByteLink, LinkEnd } from '../../../src/tui/panes/byte-link.ts';

export class FakeLink implements ByteLink {
  writable = true;
  written = '';
  closed = false;
  size = '';
  #onData: (bytes: Uint8Array) => void = () => {};
  #onEnd: (end: LinkEnd) => void = () => {};

  onWritable(): void {}

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#onData = listener;
  }

  onEnd(listener: (end: LinkEnd) => void): void {
    this.#onEnd = listener;
  }

  write(bytes: Uint8Array): void {
    this.written += Buffer.from(bytes).toString('latin1');
  }

  resize(columns: number, rows: number): void {
    this.size = `${columns}x${rows}`;
  }

  close(): void {
    this.closed = true;
  }

  say(text: string | Uint8Array): void {
    this.#onData(typeof text === 'string' ? Buffer.from(text) : text);
  }

  end(end: LinkEnd): void {
    this.#onEnd(end);
  }
}
