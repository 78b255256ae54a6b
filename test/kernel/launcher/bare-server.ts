// A launcher server that is asked with whatever bytes, without the client that would refuse to send them.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { frame, MAGIC, PROTOCOL, REQUEST, Unframer, Writer } from '../../../src/engine/launcher/protocol.ts';

export class BareServer {
  readonly process: ChildProcess;
  readonly #socket: Socket;
  readonly #asked = new Map<number, (reply: { kind: number; payload: Uint8Array }) => void>();
  #next = 1;
  dead: string | null = null;

  constructor(file: string, args: readonly string[]) {
    this.process = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit', 'pipe'], cwd: '/', env: { PATH: process.env['PATH'] } });
    this.process.on('exit', (code, signal) => {
      this.dead = `exit ${code}, signal ${signal}`;
      for (const asked of this.#asked.values()) asked({ kind: 0, payload: new Uint8Array() });
    });
    this.#socket = this.process.stdio[3] as Socket;
    const unframer = new Unframer();
    this.#socket.on('data', (chunk) => {
      for (const reply of unframer.push(chunk)) {
        const asked = this.#asked.get(reply.id);
        this.#asked.delete(reply.id);
        asked?.({ kind: reply.kind, payload: Buffer.from(reply.payload) });
      }
    });
    this.#socket.on('error', () => {});
    this.write(frame(0, REQUEST.hello, new Writer().u32(MAGIC).u16(PROTOCOL).done()));
  }
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }
  ask(kind: number, payload: Uint8Array): Promise<{ kind: number; payload: Uint8Array }> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      this.write(frame(id, kind, payload));
    });
  }
  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    this.#socket.destroy();
    if (this.dead === null) await gone;
  }
}
