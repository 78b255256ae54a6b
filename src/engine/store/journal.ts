// Who did what when with which result: one JSON line per deed, in numbered segments below log/vzdeck/journal.d. Many write at once without
// a lock: a line is one append, and who finds the newest segment full begins the next by its number. Passwords never come here.
import type { Host } from '../host/port.ts';
import { ifRoom } from '../host/room.ts';
import { type Actor, actorOf } from './actor.ts';
import type { NodeConfig } from './node-config.ts';

export interface JournalEntry extends Actor {
  /** When it ended, ISO 8601 in UTC. */
  readonly at: string;
  readonly verb: string;
  /** CTID; 0 is the node. */
  readonly id: number;
  /** "ok", or the error's code. */
  readonly result: string;
  /** What went wrong; "" when nothing did. */
  readonly detail: string;
  /** How long it took, milliseconds. */
  readonly ms: number;
  /** The line that does the same, secrets left out; "" where there is none. */
  readonly command: string;
  /** vzctl, vzdeck, manager; "" for the keeper's own hand-over. */
  readonly program: string;
  readonly pid: number;
}

/** Bytes after which a segment is full, and segments that are kept: the journal never has more than 8 MiB. */
const FULL = 2 << 20;
const KEPT = 4;
const MAX_TEXT = 2000;

const dirOf = (node: NodeConfig): string => `${node.logDir}/journal.d`;
const numbersIn = (host: Pick<Host, 'files'>, dir: string): readonly number[] =>
  (host.files.list(dir) ?? [])
    .filter((name) => /^\d{6}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
const segment = (dir: string, number: number): string => `${dir}/${String(number).padStart(6, '0')}`;

export type Deed = Pick<JournalEntry, 'verb' | 'id' | 'result' | 'detail' | 'ms' | 'command' | 'program'>;

type Disk = Pick<Host, 'files' | 'proc' | 'planning' | 'now'>;

/** Adds a deed that has just ended. A journal that has no room holds nothing up, and what is only planned is no deed. */
export function note(host: Disk, node: NodeConfig, deed: Deed): void {
  if (host.planning) return;
  const entry: JournalEntry = {
    at: new Date(host.now()).toISOString(),
    ...deed,
    ms: Math.round(deed.ms),
    detail: deed.detail.slice(0, MAX_TEXT),
    command: deed.command.slice(0, MAX_TEXT),
    // What a container did by itself nobody did.
    ...(deed.verb === 'exited' ? { uid: 0, user: '', from: '' } : actorOf(host, process.env)),
    pid: process.pid,
  };
  ifRoom(() => append(host, dirOf(node), `${JSON.stringify(entry)}\n`));
}

function append(host: Disk, dir: string, line: string): void {
  const { files } = host;
  files.mkdir(dir, 0o700);
  const numbers = numbersIn(host, dir);
  const newest = numbers.at(-1) ?? 1;
  const full = (files.stat(segment(dir, newest))?.size ?? 0) >= FULL;
  // A line that was torn by a full disk or a crash ends before ours begins.
  files.append(segment(dir, full ? newest + 1 : newest), `\n${line}`, 0o600);
  if (full) for (const old of numbers.filter((number) => number < newest + 2 - KEPT)) files.unlink(segment(dir, old));
}

export interface JournalPart {
  /** Oldest first. */
  readonly entries: readonly JournalEntry[];
  /** Lines that could not be read and were left out. */
  readonly damaged: number;
}

/** The newest entries, at most `most` of them, of one container or of all. */
export function readJournal(host: Pick<Host, 'files'>, node: NodeConfig, most: number, id: number | null = null): JournalPart {
  const dir = dirOf(node);
  const entries: JournalEntry[] = [];
  let damaged = 0;
  for (const number of numbersIn(host, dir).toReversed()) {
    const lines = (host.files.read(segment(dir, number)) ?? '').split('\n');
    for (let at = lines.length - 1; at >= 0 && entries.length < most; at--) {
      const line = lines[at] ?? '';
      if (line === '') continue;
      const entry = parseEntry(line);
      if (entry === null) damaged++;
      else if (id === null || entry.id === id) entries.push(entry);
    }
  }
  return { entries: entries.reverse(), damaged };
}

/** Null for what is no entry. Fields that an older engine did not write are empty. */
export function parseEntry(line: string): JournalEntry | null {
  try {
    const json: unknown = JSON.parse(line);
    if (typeof json !== 'object' || json === null) return null;
    const fields = json as Record<string, unknown>;
    const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
    const number = (name: string): number => (typeof fields[name] === 'number' ? fields[name] : 0);
    if (Number.isNaN(Date.parse(text('at'))) || text('verb') === '') return null;
    return {
      at: text('at'),
      verb: text('verb'),
      id: number('id'),
      result: text('result'),
      detail: text('detail'),
      ms: number('ms'),
      command: text('command'),
      program: text('program'),
      uid: number('uid'),
      user: text('user'),
      from: text('from'),
      pid: number('pid'),
    };
  } catch {
    return null;
  }
}
