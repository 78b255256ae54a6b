// The watcher's end of a keeper's socket: bytes of one terminal as they come, keys as far as we hold the keyboard. It passes bytes as they are;
// what of them may reach a real terminal is for whoever shows them.
import { closeSync, constants, openSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { VzError } from '../errors.ts';
import type { TerminalLink } from './terminal-link.ts';

/** Protocol of the keeper's socket. Keepers live for months: a later engine goes on to speak this one (drawn in watchers.c). */
const PROTOCOL = 1;
const HEAD = 4;
const MOST = 4096;

/**
 * Attaches to terminal `tty` (1 is the console) of the keeper that listens on `socket` (runDir/console).
 * Throws VzError 'system' when no keeper answers or it has no such terminal.
 */
export async function openKeeperLink(socket: string, tty: number): Promise<TerminalLink> {
  return attachKeeper(socket, tty, true);
}

/** The same without the keyboard, until it is asked for. */
export async function watchKeeper(socket: string, tty: number): Promise<KeeperLink> {
  return attachKeeper(socket, tty, false);
}

function attachKeeper(socket: string, tty: number, wants: boolean): Promise<KeeperLink> {
  const refuse = (cause: string) => new VzError('system', { what: `Terminal ${tty} at ${socket}`, cause });
  return new Promise((resolve, reject) => {
    try {
      new KeeperLink(dial(socket), tty, resolve, (cause) => reject(refuse(cause))).hello(wants);
    } catch (error) {
      reject(refuse((error as Error).message));
    }
  });
}

/** A socket's address holds 107 bytes and a prefix may be longer: the directory is named by a descriptor. */
function dial(socket: string): Socket {
  const dir = openSync(dirname(socket), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return connect(`/proc/self/fd/${dir}/${basename(socket)}`);
  } finally {
    closeSync(dir);
  }
}

export class KeeperLink implements TerminalLink {
  readonly #socket: Socket;
  readonly #tty: number;
  readonly #ready: (link: KeeperLink) => void;
  readonly #refused: (reason: string) => void;
  #rest: Buffer = Buffer.alloc(0);
  #early: Uint8Array[] = [];
  #greeted = false;
  #ended: string | null = null;
  #writer = false;
  /** Typed between the question for the keyboard and its answer; null while none is awaited. */
  #ahead: Uint8Array[] | null = null;
  /** Whether we want the keyboard, and which such wish has been sent and not answered: one at a time, or its answer would be taken for the next one's. */
  #wish = false;
  #asked: boolean | null = null;
  /** Said again when the keyboard comes to us: the terminal has the size of who has it. */
  #size: Buffer | null = null;
  #data: ((bytes: Uint8Array) => void) | null = null;
  #end: ((reason: string) => void) | null = null;
  #turn: ((writer: boolean) => void) | null = null;

  constructor(socket: Socket, tty: number, ready: (link: KeeperLink) => void, refused: (reason: string) => void) {
    this.#socket = socket;
    this.#tty = tty;
    this.#ready = ready;
    this.#refused = refused;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => this.#over(`The keeper cannot be reached (${error.code ?? error.message})`));
    socket.on('close', () => this.#over('The keeper is gone'));
  }

  get writer(): boolean {
    return this.#writer || this.#ahead !== null;
  }
  onData(listener: (bytes: Uint8Array) => void): void {
    this.#data = listener;
    for (const bytes of this.#early.splice(0)) listener(bytes);
  }
  onEnd(listener: (reason: string) => void): void {
    this.#end = listener;
    if (this.#ended !== null) listener(this.#ended);
  }
  onWriter(listener: (writer: boolean) => void): void {
    this.#turn = listener;
  }

  /** Asks for the terminal; once more, for its keyboard or to be without it. */
  hello(wants: boolean): void {
    this.#send('H', Buffer.from([PROTOCOL & 0xff, PROTOCOL >> 8, wants ? 1 : 0]));
  }
  /** Asks for the keyboard, which comes at once or when the one who has it leaves, or gives it to whoever waits for it. */
  want(keyboard: boolean): void {
    this.#ahead = keyboard && !this.#writer ? [] : null;
    if (!keyboard) this.#writer = false;
    this.#wish = keyboard;
    if (this.#asked === null) this.#ask();
  }
  #ask(): void {
    this.#asked = this.#wish;
    this.hello(this.#wish);
  }
  write(bytes: Uint8Array): void {
    this.#ahead?.push(bytes);
    if (!this.#writer) return;
    for (let at = 0; at < bytes.length; at += MOST) this.#send('D', bytes.subarray(at, at + MOST));
  }
  resize(columns: number, rows: number): void {
    const size = Buffer.alloc(4);
    size.writeUInt16LE(columns & 0xffff, 0);
    size.writeUInt16LE(rows & 0xffff, 2);
    this.#size = size;
    if (this.#writer) this.#send('W', size);
  }
  pause(): void {
    this.#socket.pause();
  }
  resume(): void {
    this.#socket.resume();
  }
  /** Who hangs up ends nothing here. */
  foreground(): null {
    return null;
  }
  close(): void {
    this.#end = null;
    this.#ended ??= 'closed';
    if (!this.#socket.destroyed) this.#send('Q', Buffer.alloc(0));
    this.#socket.end();
    this.#socket.destroySoon();
  }

  #send(type: string, payload: Uint8Array): void {
    const head = Buffer.from([type.charCodeAt(0), this.#tty & 0xff, payload.length & 0xff, payload.length >> 8]);
    if (this.#socket.writable) this.#socket.write(Buffer.concat([head, payload]));
  }

  #take(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= HEAD) {
      const length = this.#rest.readUInt16LE(2);
      if (this.#rest.length < HEAD + length) return;
      const payload = this.#rest.subarray(HEAD, HEAD + length);
      const type = String.fromCharCode(this.#rest[0] ?? 0);
      this.#rest = this.#rest.subarray(HEAD + length);
      this.#frame(type, payload);
    }
  }

  #frame(type: string, payload: Buffer): void {
    if (type === 'A') {
      this.#greeted = true;
      this.#writer = payload[2] === 1;
      this.#ready(this);
    } else if (type === 'D') this.#show(payload);
    else if (type === 'N') this.#show(Buffer.from(`${payload.toString()}\r\n`));
    else if (type === 'R') this.#answered(payload[0] === 1);
    else if (type === 'E') this.#over(payload.toString());
  }

  #answered(writer: boolean): void {
    const asked = this.#asked;
    // it was given before the keeper heard that it is not wanted any more
    if (asked === false && writer) return;
    this.#asked = null;
    if (asked !== null && asked !== this.#wish) {
      this.#ask();
      return;
    }
    this.#writer = writer;
    if (writer && this.#size) this.#send('W', this.#size);
    const ahead = this.#ahead ?? [];
    this.#ahead = null;
    for (const bytes of ahead) this.write(bytes);
    this.#turn?.(writer);
  }

  #show(bytes: Uint8Array): void {
    if (this.#data) this.#data(bytes);
    else this.#early.push(bytes);
  }

  #over(reason: string): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    this.#socket.destroy();
    if (this.#greeted) this.#end?.(reason);
    else this.#refused(reason);
  }
}
