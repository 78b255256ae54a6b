// The other end of a pane, played by the test.

import type { TerminalLink } from '../../../src/engine/index.ts';

export class FakeLink implements TerminalLink {
  writer = true;
  written = '';
  closed = false;
  paused = false;
  size = '';
  runs: string | null = null;
  #onData: (bytes: Uint8Array) => void = () => {};
  #onEnd: (reason: string) => void = () => {};
  #onWriter: (writer: boolean) => void = () => {};

  onWriter(listener: (writer: boolean) => void): void {
    this.#onWriter = listener;
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#onData = listener;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  onEnd(listener: (reason: string) => void): void {
    this.#onEnd = listener;
  }

  write(bytes: Uint8Array): void {
    this.written += Buffer.from(bytes).toString('latin1');
  }

  resize(columns: number, rows: number): void {
    this.size = `${columns}x${rows}`;
  }

  foreground(): string | null {
    return this.runs;
  }

  close(): void {
    this.closed = true;
  }

  say(text: string | Uint8Array): void {
    this.#onData(typeof text === 'string' ? Buffer.from(text) : text);
  }

  /** The keyboard goes to us or to somebody else. */
  promote(writer: boolean): void {
    this.writer = writer;
    this.#onWriter(writer);
  }

  end(reason: string): void {
    this.#onEnd(reason);
  }
}
