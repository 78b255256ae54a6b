// The engine's end of the launcher: one kept `serve` process, started at first use, and a process of its own for each enter. It knows how to ask
// and how answers become results and errors; it knows neither what a plan is for nor what the bytes look like (protocol.ts).
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { VzError } from '../errors.ts';
import {
  type AdoptPlan,
  type EnterPlan,
  type HostPlan,
  MAX_JOBS,
  type StartPlan,
  type TreeOp,
  type TreeResult,
  type VisitPlan,
} from '../spec/op.ts';
import type { EnterOutcome, Launcher, Lock, ProcessId, RuleCount, RulesAsked, StartedKeeper, Stdio } from './launcher.ts';
import { launchFailed } from './outcome.ts';
import {
  decodeFailure,
  decodeRules,
  decodeStarted,
  decodeTree,
  encodeAdopt,
  encodeOps,
  encodeProcess,
  encodeRules,
  encodeStart,
  encodeTree,
  encodeVisit,
  enterFile,
  type Frame,
  frame,
  MAGIC,
  PROTOCOL,
  REPLY,
  REQUEST,
  type RequestName,
  Unframer,
  Writer,
} from './protocol.ts';
import { openShellLink } from './shell-link.ts';
import type { TerminalLink } from './terminal-link.ts';
import { Turns } from './turns.ts';
import { visit } from './visit.ts';

interface Asked {
  readonly what: RequestName;
  readonly done: (payload: Uint8Array) => void;
  readonly failed: (error: VzError) => void;
}

/** The kept process with its socket; dead for good once the socket has ended. */
interface Server {
  readonly process: ChildProcess;
  readonly socket: Socket;
  readonly asked: Map<number, Asked>;
}

/** `binary`: the file that build.mjs made. */
export function openLauncher(binary: string): Launcher & { begin(): void } {
  return new LauncherClient(binary);
}

function lost(what: string, path: string, errno: string): VzError {
  return launchFailed({ stage: 'launcher', index: 0, op: what, syscall: 'read', path, errno });
}

class LauncherClient implements Launcher {
  readonly #binary: string;
  #server: Server | null = null;
  #nextId = 1;
  readonly #turns = new Turns(MAX_JOBS);
  /** Locks that went with a server that died under us. As long as somebody believes to hold one, nothing more is done in its name. */
  readonly #held = new Set<number>();
  readonly #lostLocks = new Set<number>();

  constructor(binary: string) {
    this.#binary = binary;
  }

  /** It will be asked before long, and may come to be meanwhile. Why it cannot is told to who asks. */
  begin(): void {
    try {
      this.#running();
    } catch (error) {
      if (!(error instanceof VzError)) throw error;
    }
  }

  async ops(plan: HostPlan, signal?: AbortSignal): Promise<void> {
    if (plan.ops.length > 0) await this.#job('ops', encodeOps(plan.ops), signal);
  }

  async start(plan: StartPlan, signal?: AbortSignal): Promise<StartedKeeper> {
    return decodeStarted(await this.#job('start', encodeStart(plan), signal));
  }

  async visit(plan: VisitPlan, signal?: AbortSignal): Promise<void> {
    await this.#job('visit', encodeVisit(plan), signal);
  }

  async adopt(plan: AdoptPlan): Promise<StartedKeeper> {
    return decodeStarted(await this.#job('adopt', encodeAdopt(plan)));
  }

  async tree(root: string, ops: readonly TreeOp[], base = 0): Promise<readonly TreeResult[]> {
    return decodeTree(await this.#job('tree', encodeTree(root, ops, base)), ops);
  }

  async rules(asked: readonly RulesAsked[], work: number, mounted?: boolean): Promise<readonly RuleCount[]> {
    return decodeRules(await this.#job('rules', encodeRules(asked, work, mounted)));
  }

  async lock(path: string, options: { wait: boolean; signal?: AbortSignal }): Promise<Lock | null> {
    const id = this.#nextId;
    const request = new Writer()
      .text(path)
      .u8(options.wait ? 1 : 0)
      .done();
    const reply = await this.#ask('lock', request, options.signal);
    if (reply[0] !== 1) return null;
    this.#held.add(id);
    return { release: () => this.#release(id) };
  }

  async #release(id: number): Promise<void> {
    this.#lostLocks.delete(id);
    if (this.#held.delete(id)) await this.#ask('unlock', new Writer().u32(id).done());
  }

  async ended(process: ProcessId, signal?: AbortSignal): Promise<void> {
    await this.#ask('ended', encodeProcess(process).done(), signal);
  }

  async kill(process: ProcessId, signal: number): Promise<boolean> {
    return (await this.#ask('kill', encodeProcess(process).u32(signal).done()))[0] === 1;
  }

  close(): void {
    this.#server?.socket.destroy();
    this.#server = null;
  }

  /** What the server does in a process of its own. It refuses more than it can watch, so that it always hears what ends one of them. */
  async #job(what: RequestName, payload: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    const end = await this.#turns.take(signal).catch(() => {
      throw new VzError('cancelled', { what });
    });
    try {
      return await this.#ask(what, payload, signal);
    } finally {
      end();
    }
  }

  #ask(what: RequestName, payload: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    if (signal?.aborted) return Promise.reject(new VzError('cancelled', { what }));
    if (this.#lostLocks.size > 0) return Promise.reject(lost(what, this.#binary, 'EOWNERDEAD'));
    const server = this.#running();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const cancel = () => server.socket.write(frame(this.#nextId++, REQUEST.cancel, new Writer().u32(id).done()));
      const after =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          signal?.removeEventListener('abort', cancel);
          if (server.asked.size === 0) server.socket.unref();
          settle(value);
        };
      server.asked.set(id, { what, done: after(resolve), failed: after(reject) });
      server.socket.ref();
      signal?.addEventListener('abort', cancel);
      server.socket.write(frame(id, REQUEST[what], payload));
    });
  }

  #running(): Server {
    if (this.#server) return this.#server;
    const process = spawn(this.#binary, ['serve'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'], env: {}, cwd: '/' });
    // Node has no pipes to show when it has found no free descriptors.
    const server: Server = { process, socket: process.stdio?.[3] as Socket, asked: new Map() };
    process.on('error', (error: NodeJS.ErrnoException) => this.#dead(server, error.code ?? 'EIO'));
    if (!process.stdio) throw lost('serve', this.#binary, 'EMFILE');
    const unframer = new Unframer();
    process.unref();
    server.socket.unref();
    server.socket.on('data', (chunk: Buffer) => {
      for (const reply of unframer.push(chunk)) answer(server, reply);
    });
    server.socket.on('error', () => this.#dead(server, 'EPIPE'));
    server.socket.on('close', () => this.#dead(server, 'EPIPE'));
    server.asked.set(0, { what: 'hello', done: () => {}, failed: () => this.#dead(server, 'EPROTONOSUPPORT') });
    server.socket.write(frame(0, REQUEST.hello, new Writer().u32(MAGIC).u16(PROTOCOL).done()));
    this.#server = server;
    return server;
  }

  #dead(server: Server, errno: string): void {
    if (this.#server === server) {
      this.#server = null;
      for (const id of this.#held) this.#lostLocks.add(id);
      this.#held.clear();
    }
    const open = [...server.asked.values()];
    server.asked.clear();
    for (const asked of open) if (asked.what !== 'hello') asked.failed(lost(asked.what, this.#binary, errno));
    server.socket?.destroy();
  }

  become(plan: EnterPlan, file: string): void {
    if (!process.execve) return; // Node < 22.15
    const bytes = enterFile(plan);
    try {
      writeFileSync(file, bytes, { mode: 0o600 });
    } catch {
      // A run directory that is full or read-only is no reason to stay out of the container.
      rmSync(file, { force: true });
      return;
    }
    process.execve(this.#binary, [this.#binary, 'enter', file], {});
  }

  enter(plan: EnterPlan, stdio: Stdio = [0, 1, 2], signal?: AbortSignal): Promise<EnterOutcome> {
    if (signal?.aborted) return Promise.reject(new VzError('cancelled', { what: 'enter' }));
    return new Promise((resolve, reject) => {
      let runs = false;
      const executed = () => {
        runs = true;
      };
      const { child } = visit(this.#binary, plan, stdio, { executed, ended: resolve, failed: reject });
      // On its way in it takes along what the container may have frozen; afterwards it is killed, not asked: the program would be told.
      const cancel = () => {
        reject(new VzError('cancelled', { what: 'enter' }));
        child.kill(runs ? 'SIGKILL' : 'SIGTERM');
      };
      signal?.addEventListener('abort', cancel, { once: true });
      child.on('close', () => signal?.removeEventListener('abort', cancel));
    });
  }

  terminal(plan: EnterPlan, signal?: AbortSignal): Promise<TerminalLink> {
    return openShellLink(this.#binary, plan, signal);
  }
}

function answer(server: Server, reply: Frame): void {
  const asked = server.asked.get(reply.id);
  server.asked.delete(reply.id);
  if (reply.kind === REPLY.failed) asked?.failed(launchFailed(decodeFailure(reply.payload)));
  else asked?.done(reply.payload);
}
