// A program on a pty of its own (node-pty), as bytes. Knows nothing of what they mean.

import { readSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { type IPty, spawn } from 'node-pty';
import type { ByteLink, LinkEnd } from './byte-link.ts';

export interface PaneCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** What is typed at a program that does not read: more is dropped. */
const MAX_QUEUED = 1 << 20;
/** A pty has no event for "takes input again" that node-pty would show. */
const RETRY = 20;
/** A pty gives 4 KiB at once at the most. After as much as this more is on its way, and worth reading without a turn of the event loop. */
const PLENTY = 2048;
/** Reads in a row, so that keys and other panes have their turn within a millisecond or two. */
const READS_IN_A_ROW = 16;
const room = Buffer.allocUnsafeSlow(4096);
/** Variables that speak of the outer terminal or of this program's own runtime. */
const OUTER = ['COLUMNS', 'LINES', 'TMUX', 'TMUX_PANE', 'STY', 'WINDOW', 'NODE_ENV', 'NODE_OPTIONS', 'NO_COLOR', 'COLORTERM'];

/** node-pty 1.1.0 on Linux. Its own write() spins on a pty whose program does not read, and writes to a descriptor that may be closed. */
interface UnixPty extends IPty {
  readonly fd: number;
  readonly _socket: { readonly destroyed: boolean };
  destroy(): void;
}

/** Starts the program. @throws Error of node-pty when there is no pty or the program can't be forked */
export function openPtyLink(command: PaneCommand, columns: number, rows: number): ByteLink {
  return new PtyLink(command, columns, rows);
}

class PtyLink implements ByteLink {
  readonly writable = true;
  readonly #pty: UnixPty;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #retry: NodeJS.Timeout | null = null;
  #ended = false;

  constructor(command: PaneCommand, columns: number, rows: number) {
    const env: Record<string, string | undefined> = { ...process.env, ...command.env };
    for (const name of OUTER) delete env[name];
    this.#pty = spawn(command.file, [...command.args], {
      name: 'xterm-256color',
      cols: columns,
      rows,
      env,
      encoding: null,
      ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    }) as UnixPty;
  }

  /** A program's own pty is always ours to type at. */
  onWritable(): void {}

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#pty.onData((data) => {
      // With encoding null node-pty hands out Buffers, whatever its types say.
      let bytes = data as unknown as Buffer;
      listener(bytes);
      for (let reads = 0; reads < READS_IN_A_ROW && bytes.length >= PLENTY; reads++) {
        bytes = this.#readMore();
        if (bytes.length > 0) listener(bytes);
      }
    });
  }

  /** What is there by now; nothing when nothing is, or when the end is: that is for node-pty to find. */
  #readMore(): Buffer {
    if (this.#pty._socket.destroyed) return room.subarray(0, 0);
    try {
      return room.subarray(0, readSync(this.#pty.fd, room));
    } catch {
      return room.subarray(0, 0);
    }
  }

  onEnd(listener: (end: LinkEnd) => void): void {
    this.#pty.onExit(({ exitCode, signal }) => {
      this.#ended = true;
      this.#stopWriting();
      listener(signal ? killed(signal) : exited(exitCode));
    });
  }

  write(bytes: Uint8Array): void {
    if (this.#queued + bytes.length > MAX_QUEUED) return;
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (this.#retry === null) this.#writeQueued();
  }

  #writeQueued(): void {
    this.#retry = null;
    try {
      for (let head = this.#queue[0]; head !== undefined && !this.#pty._socket.destroyed; head = this.#queue[0]) {
        const written = writeSync(this.#pty.fd, head);
        this.#queued -= written;
        if (written === head.length) this.#queue.shift();
        else this.#queue[0] = head.subarray(written);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') this.#retry = setTimeout(() => this.#writeQueued(), RETRY);
      else this.#stopWriting();
    }
  }

  #stopWriting(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#queue = [];
    this.#queued = 0;
  }

  resize(columns: number, rows: number): void {
    if (!this.#pty._socket.destroyed) this.#pty.resize(columns, rows);
  }

  close(): void {
    if (!this.#ended) this.#pty.destroy();
  }
}

function exited(code: number): LinkEnd {
  return { code, signal: null, text: code === 0 ? 'ended' : `ended with exit code ${code}` };
}

function killed(signal: number): LinkEnd {
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  return { code: null, signal, text: `ended by signal ${signal}${name === undefined ? '' : ` (${name})`}` };
}
