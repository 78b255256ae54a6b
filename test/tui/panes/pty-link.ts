// A real program behind a pane, without a container around it.
import { type IPty, spawn } from 'node-pty';
import type { TerminalLink } from '../../../src/engine/index.ts';

export function openPtyLink(file: string, args: readonly string[], columns: number, rows: number): TerminalLink {
  return new PtyLink(spawn(file, [...args], { name: 'xterm-256color', cols: columns, rows, encoding: null }));
}

class PtyLink implements TerminalLink {
  readonly writer = true;
  readonly #pty: IPty;
  #ended = false;

  constructor(pty: IPty) {
    this.#pty = pty;
  }

  onWriter(): void {}

  onData(listener: (bytes: Uint8Array) => void): void {
    // With encoding null node-pty hands out Buffers, whatever its types say.
    this.#pty.onData((data) => listener(data as unknown as Buffer));
  }

  pause(): void {
    this.#pty.pause();
  }

  resume(): void {
    this.#pty.resume();
  }

  onEnd(listener: (reason: string) => void): void {
    this.#pty.onExit(({ exitCode }) => {
      this.#ended = true;
      listener(exitCode === 0 ? 'ended' : `ended with exit code ${exitCode}`);
    });
  }

  write(bytes: Uint8Array): void {
    if (!this.#ended) this.#pty.write(Buffer.from(bytes));
  }

  resize(columns: number, rows: number): void {
    if (!this.#ended) this.#pty.resize(columns, rows);
  }

  foreground(): null {
    return null;
  }

  close(): void {
    if (!this.#ended) (this.#pty as IPty & { destroy(): void }).destroy();
  }
}
