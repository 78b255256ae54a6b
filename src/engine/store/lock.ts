// Who may change a container now. The truth is an OFD lock, which the kernel drops with its holder whatever happens to it; beside it
// LOCKDIR/<id>.lck (pid, status, start time, verb) is written for the refusal's text, and honoured when an old tool wrote it.
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import { ifRoom } from '../host/room.ts';
import type { Lock } from '../launcher/launcher.ts';
import type { NodeConfig } from './node-config.ts';

export interface LockHolder {
  readonly pid: number;
  readonly status: string;
  readonly verb: string;
  readonly cmdline: string;
}

export interface HeldLock {
  release(): Promise<void>;
}

export interface LockRequest {
  readonly id: number;
  readonly verb: string;
  /** Word of the second line of the lock file: starting, stopping … or "". */
  readonly status: string;
  readonly wait?: boolean;
  /** Holders that are soon done: whoever comes behind one of these verbs waits. */
  readonly behind?: readonly string[];
  /** A signal that comes after so many milliseconds. */
  readonly patience: (ms: number) => AbortSignal;
  readonly signal?: AbortSignal;
  /** Called when the file of a dead holder is removed. */
  readonly stale?: (path: string) => void;
}

function noteOf(node: NodeConfig, id: number): string {
  return `${node.lockDir}/${id}.lck`;
}

/** "PID\nSTATUS\nSTARTTIME\nVERB\n"; old tools write two lines. null: nothing readable. */
function parse(host: Host, text: string | null): (LockHolder & { readonly alive: boolean }) | null {
  const [first = '', status = '', started = '', verb = ''] = (text ?? '').split('\n');
  const pid = /^\d+$/.test(first) ? Number(first) : 0;
  if (pid === 0) return null;
  const stat = host.files.read(`${host.proc}/${pid}/stat`) ?? '';
  // Old tools ask for the directory alone, so a note of theirs is honoured where no start time can be read. One that has been killed may be a
  // zombie for a while.
  const there = host.files.stat(`${host.proc}/${pid}`) !== null && !/^\) [ZX]/.test(stat.slice(stat.lastIndexOf(')')));
  const alive = there && (started === '' || host.startTime(pid) === BigInt(started.replace(/\D/g, '') || 0));
  const cmdline = (host.files.read(`${host.proc}/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
  return { pid, status, verb, cmdline, alive };
}

/** Who works on the container at this moment, null when nobody does. Reads files only. */
export function lockHolder(host: Host, node: NodeConfig, id: number): LockHolder | null {
  const holder = parse(host, host.files.read(noteOf(node, id)));
  return holder?.alive ? holder : null;
}

function refusal(holder: LockHolder | null, id: number): VzError {
  return new VzError('locked', { ct: id, pid: holder?.pid ?? '?', cmdline: holder?.cmdline ?? '', verb: holder?.verb ?? '' });
}

/**
 * A lock that nobody has noted as his is free in a moment: its holder has just been killed, as soon as its launcher has noticed, or is about to give it
 * back. Whoever tidies up after a container that has ended by itself is soon done, and nobody has asked for it: what a person asks for comes after it.
 */
async function soonFree(host: Host, node: NodeConfig, { id, patience, signal }: LockRequest, path: string): Promise<Lock | null> {
  const holder = lockHolder(host, node, id);
  if (holder !== null && holder.verb !== TIDIES) return null;
  const enough = patience(holder === null ? DYING : TIDYING);
  return host.launcher.lock(path, { wait: true, signal: signal ? AbortSignal.any([signal, enough]) : enough }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    return null;
  });
}

/** Of many that come at once each gets its turn. Of a holder that has taken the lock this moment there is no note yet. */
async function turnBehind(host: Host, node: NodeConfig, { id, behind = [], signal }: LockRequest, path: string): Promise<Lock | null> {
  const holder = lockHolder(host, node, id);
  if (behind.length === 0 || (holder && !behind.includes(holder.verb))) return null;
  return host.launcher.lock(path, signal ? { wait: true, signal } : { wait: true });
}

/** Milliseconds that a launcher may need to see that its engine was killed, and to end. */
const DYING = 2000;
/** The verb of a container's own end, and milliseconds that it may take. */
const TIDIES = 'exited';
const TIDYING = 10_000;

/**
 * Takes the container's lock. Throws VzError 'locked' with the holder's pid and command line (at once, never with `wait` and behind a verb of `behind`,
 * and behind the end of the container itself after 10 s),
 * 'no-lock' when the lock file cannot be made.
 */
export async function takeLock(host: Host, node: NodeConfig, request: LockRequest): Promise<HeldLock> {
  const { id, verb, status, wait = false, signal, stale } = request;
  const { files, launcher } = host;
  const note = noteOf(node, id);
  try {
    files.mkdir(`${node.runDir}/lock`, 0o700);
    files.mkdir(node.lockDir, 0o700);
  } catch (error) {
    throw new VzError('no-lock', { path: node.lockDir, cause: (error as NodeJS.ErrnoException).code ?? String(error) }, error);
  }
  const path = `${node.runDir}/lock/${id}`;
  const lock =
    (await launcher.lock(path, signal ? { wait, signal } : { wait })) ??
    (await soonFree(host, node, request, path)) ??
    (await turnBehind(host, node, request, path));
  if (!lock) throw refusal(lockHolder(host, node, id), id);
  const text = files.read(note);
  const before = parse(host, text);
  if (before?.alive && before.pid !== process.pid) {
    await lock.release();
    throw refusal(before, id);
  }
  if (before) stale?.(note);
  // Not by a temporary name, which kill -9 would leave behind: only its holder writes it, and half a note is no holder.
  files.unlink(note);
  // The lock is the kernel's; the note only tells others, and a container is ended on a full disk as well.
  const line = `${process.pid}\n${status}\n${host.startTime(process.pid) ?? ''}\n${verb}\n`;
  if (!ifRoom(() => files.append(note, line, 0o600))) files.unlink(note);
  return {
    async release() {
      // A lock that was lost with its launcher may be somebody else's by now.
      if (parse(host, files.read(note))?.pid === process.pid) files.unlink(note);
      await lock.release();
    },
  };
}
