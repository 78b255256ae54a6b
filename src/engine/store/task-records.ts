// Work that outlives the screen it was begun on: a file per running task below run/vzdeck/tasks, which other managers see and can ask to
// be cancelled, and a line per task that has ended below log/vzdeck/tasks.d. Whether the one that works is still there is asked of the kernel.
import type { Host } from '../host/port.ts';
import { ifRoom } from '../host/room.ts';
import { type Actor, actorOf } from './actor.ts';
import { fieldsOf } from './fields.ts';
import type { NodeConfig } from './node-config.ts';
import { appendLine, jsonOf, newestLines, type Segments } from './segments.ts';

export interface TaskLineRecord {
  readonly level: -1 | 0 | 1;
  readonly text: string;
}

/** What is known of a task at one moment. Times in milliseconds since 1970. */
export interface TaskNote {
  readonly title: string;
  readonly verb: string;
  /** CTID; null for what is about none. */
  readonly ct: number | null;
  readonly command: string;
  /** 'lost': the one that worked was killed. */
  readonly state: 'running' | 'cancelling' | 'done' | 'failed' | 'cancelled' | 'lost';
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** The last of what it has said. */
  readonly lines: readonly TaskLineRecord[];
  readonly progress: { readonly done: number; readonly total: number; readonly unit: string } | null;
  /** Why it failed, and what to do; "" when it did not. */
  readonly failure: string;
  readonly remedy: string;
  /** Its manager's screen is gone. */
  readonly left: boolean;
}

export interface TaskRecord extends TaskNote, Actor {
  /** Unique on this node until boot. */
  readonly record: string;
  readonly pid: number;
}

const MAX_LINES = 40;
const STATES = new Set<string>(['running', 'cancelling', 'done', 'failed', 'cancelled', 'lost'] satisfies readonly TaskNote['state'][]);

type Disk = Pick<Host, 'files' | 'proc' | 'startTime' | 'now'>;

/** The tasks of one node, as one process sees and tells them. */
export interface TaskRecords {
  /** Begins or goes on; `own` is unique in this process. */
  write(own: number, note: TaskNote): void;
  /** It has ended: from now on it is among the past ones. */
  end(own: number, note: TaskNote): void;
  /** Running ones of other processes. Those whose process was killed become past ones, as lost. */
  others(): readonly TaskRecord[];
  /** The newest of other processes that have ended, oldest first. */
  past(most: number): readonly TaskRecord[];
  /** Asks the process of another's task to cancel it. */
  cancel(record: string): void;
  /** Own tasks that somebody has asked to be cancelled since the last call. */
  asked(): readonly number[];
  /** Called whenever any of this may have changed; ends with the returned call. */
  watch(changed: () => void): () => void;
}

/** `prefix` of a record: the process, told from another one with its pid by its start. */
const ownerOf = (record: string): { readonly pid: number; readonly start: bigint } | null => {
  const match = /^(\d+)\.(\d+)\.\d+$/.exec(record);
  return match === null ? null : { pid: Number(match[1]), start: BigInt(match[2] ?? 0) };
};

export function taskRecords(host: Disk, node: NodeConfig): TaskRecords {
  const { files } = host;
  const dir = `${node.runDir}/tasks`;
  const past: Segments = { dir: `${node.logDir}/tasks.d`, full: 512 << 10, kept: 3 };
  const start = host.startTime(process.pid) ?? 0n;
  const me = `${process.pid}.${start}`;
  const path = (record: string): string => `${dir}/${record}`;
  let actor: Actor | null = null;
  const recordOf = (own: number, note: TaskNote): TaskRecord => {
    actor ??= actorOf(host, process.env);
    return { ...note, lines: note.lines.slice(-MAX_LINES), ...actor, record: `${me}.${own}`, pid: process.pid };
  };
  const alive = (record: string): boolean => {
    const owner = ownerOf(record);
    return owner !== null && host.startTime(owner.pid) === owner.start;
  };
  /** Only one of several that find it dead takes it away. */
  const bury = (record: string): void => {
    const mine = `${path(record)}.dead.${process.pid}`;
    try {
      files.rename(path(record), mine);
    } catch {
      return;
    }
    const lost = parse(files.read(mine));
    if (lost !== null) ifRoom(() => appendLine(host, past, { ...lost, state: 'lost', endedAt: host.now() }));
    files.unlink(mine);
    files.unlink(`${path(record)}.cancel`);
  };
  const parse = (text: string | null): TaskRecord | null => taskRecordOf(jsonOf(text ?? ''));
  return {
    write(own, note) {
      ifRoom(() => {
        files.mkdir(dir, 0o700);
        files.write(path(`${me}.${own}`), JSON.stringify(recordOf(own, note)), 0o600, 'boot');
      });
    },
    end(own, note) {
      ifRoom(() => appendLine(host, past, recordOf(own, note)));
      files.unlink(path(`${me}.${own}`));
      files.unlink(`${path(`${me}.${own}`)}.cancel`);
    },
    others() {
      const names = (files.list(dir) ?? []).filter((name) => ownerOf(name) !== null && !name.startsWith(`${me}.`));
      for (const name of names) if (!alive(name)) bury(name);
      return names.flatMap((name) => parse(files.read(path(name))) ?? []).sort((a, b) => a.startedAt - b.startedAt);
    },
    past: (most) => newestLines(host, past, most, taskRecordOf, ({ record }) => !record.startsWith(`${me}.`)).found,
    cancel: (record) => files.write(`${path(record)}.cancel`, '', 0o600, 'boot'),
    asked() {
      const wishes = (files.list(dir) ?? []).filter((name) => name.startsWith(`${me}.`) && name.endsWith('.cancel'));
      for (const name of wishes) files.unlink(path(name));
      return wishes.map((name) => Number(name.slice(me.length + 1, -'.cancel'.length)));
    },
    watch(changed) {
      ifRoom(() => files.mkdir(dir, 0o700));
      return files.watch(dir, changed);
    },
  };
}

/** Null for what is no record. */
export function taskRecordOf(json: unknown): TaskRecord | null {
  const fields = fieldsOf(json);
  if (fields === null) return null;
  const { text, number, value } = fields;
  const progress = fieldsOf(value('progress'));
  if (text('record') === '' || !STATES.has(text('state')) || number('startedAt') === 0) return null;
  return {
    record: text('record'),
    pid: number('pid'),
    uid: number('uid'),
    user: text('user'),
    from: text('from'),
    title: text('title'),
    verb: text('verb'),
    ct: typeof value('ct') === 'number' ? number('ct') : null,
    command: text('command'),
    state: text('state') as TaskNote['state'],
    startedAt: number('startedAt'),
    endedAt: typeof value('endedAt') === 'number' ? number('endedAt') : null,
    lines: linesOf(value('lines')),
    progress: progress && { done: progress.number('done'), total: progress.number('total'), unit: progress.text('unit') },
    failure: text('failure'),
    remedy: text('remedy'),
    left: value('left') === true,
  };
}

function linesOf(value: unknown): readonly TaskLineRecord[] {
  return (Array.isArray(value) ? value : []).flatMap((one) => {
    const line = fieldsOf(one);
    if (line === null) return [];
    const level = line.number('level');
    return [{ level: level < 0 ? -1 : level > 0 ? 1 : 0, text: line.text('text') }];
  });
}
