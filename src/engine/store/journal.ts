// Who did what when with which result: one line per deed, in segments below log/vzdeck/journal.d. Passwords never come here.
import type { Host } from '../host/port.ts';
import { ifRoom } from '../host/room.ts';
import { type Actor, actorOf } from './actor.ts';
import { fieldsOf } from './fields.ts';
import type { NodeConfig } from './node-config.ts';
import { appendLine, endOf, newestLines, type Segments } from './segments.ts';

/** A parameter as it was and as it is now: canonical values, "" for none. */
export interface Changed {
  readonly key: string;
  readonly before: string;
  readonly after: string;
}

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
  /** Parameters that it changed; none that it left as they were. */
  readonly changed: readonly Changed[];
  /** vzctl, vzdeck, manager; "" for the keeper's own hand-over. */
  readonly program: string;
  readonly pid: number;
}

const MAX_TEXT = 2000;
/** Lists can be long, and what was in them is told by the command. */
const MAX_VALUE = 200;
const MAX_CHANGED = 64;

/** Never more than 8 MiB. */
const segments = (node: NodeConfig): Segments => ({ dir: `${node.logDir}/journal.d`, full: 2 << 20, kept: 4 });

export type Deed = Pick<JournalEntry, 'verb' | 'id' | 'result' | 'detail' | 'ms' | 'command' | 'program'> &
  Partial<Pick<JournalEntry, 'changed'>>;

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
    changed: (deed.changed ?? []).slice(0, MAX_CHANGED).map(({ key, before, after }) => ({
      key,
      before: before.slice(0, MAX_VALUE),
      after: after.slice(0, MAX_VALUE),
    })),
    // What a container did by itself nobody did.
    ...(deed.verb === 'exited' ? { uid: 0, user: '', from: '' } : actorOf(host, process.env)),
    pid: process.pid,
  };
  ifRoom(() => appendLine(host, segments(node), entry));
}

export interface JournalPart {
  /** Oldest first. */
  readonly entries: readonly JournalEntry[];
  /** Lines that could not be read and were left out. */
  readonly damaged: number;
}

/** The newest entries, at most `most` of them, of one container or of all. */
export function readJournal(host: Pick<Host, 'files'>, node: NodeConfig, most: number, id: number | null = null): JournalPart {
  const { found, damaged } = newestLines(host, segments(node), most, entryOf, (entry) => id === null || entry.id === id);
  return { entries: found, damaged };
}

/** Another text after each deed. */
export const journalEnd = (host: Pick<Host, 'files'>, node: NodeConfig): string => endOf(host, segments(node));

/** Null for what is no entry. Fields that an older engine did not write are empty. */
export function entryOf(json: unknown): JournalEntry | null {
  const fields = fieldsOf(json);
  if (fields === null || Number.isNaN(Date.parse(fields.text('at'))) || fields.text('verb') === '') return null;
  const { text, number } = fields;
  return {
    at: text('at'),
    verb: text('verb'),
    id: number('id'),
    result: text('result'),
    detail: text('detail'),
    ms: number('ms'),
    command: text('command'),
    changed: changedOf(fields.value('changed')),
    program: text('program'),
    uid: number('uid'),
    user: text('user'),
    from: text('from'),
    pid: number('pid'),
  };
}

function changedOf(json: unknown): readonly Changed[] {
  return (Array.isArray(json) ? json : []).flatMap((one: unknown) => {
    const fields = fieldsOf(one);
    const key = fields?.text('key') ?? '';
    return fields === null || key === '' ? [] : [{ key, before: fields.text('before'), after: fields.text('after') }];
  });
}
