// A deed and its line in the journal: what was asked for, how it ended, how long it took.
import { VzError } from '../errors.ts';
import { type Changed, note } from '../store/journal.ts';
import type { VerbContext } from './verb.ts';

export type JournalContext = Pick<VerbContext, 'host' | 'node' | 'program' | 'command'>;

export interface DeedName {
  readonly verb: string;
  /** CTID; 0 is the node. */
  readonly id: number;
}

/** What the work tells the journal while it is done. */
export interface Telling {
  /** Adds to what went wrong. */
  also(detail: string): void;
  /** Parameters that have another value now; those that are what they were are left out. */
  changed(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void;
}

/** Does the work and notes its end. */
export async function journaled<T>(context: JournalContext, { verb, id }: DeedName, work: (telling: Telling) => Promise<T>): Promise<T> {
  const { host, node, program, command } = context;
  const began = host.uptime();
  const more: string[] = [];
  const changes = new Map<string, Changed>();
  const telling: Telling = {
    also: (detail) => void more.push(detail),
    changed(before, after) {
      for (const [key, value] of after) {
        const change = { key, before: before.get(key) ?? '', after: value };
        if (change.before !== value) changes.set(key, change);
      }
    },
  };
  const end = (result: string, detail: string): void =>
    note(host, node, { verb, id, result, detail, ms: host.uptime() - began, program, command, changed: [...changes.values()] });
  try {
    const result = await work(telling);
    end('ok', '');
    return result;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    end(error instanceof VzError ? error.code : 'system', [text, ...more].join('; '));
    throw error;
  }
}

/** What is done at once, or takes this process's place when it begins. */
export function noted({ host, node, program, command }: JournalContext, { verb, id }: DeedName, detail = ''): void {
  note(host, node, { verb, id, result: 'ok', detail, ms: 0, program, command });
}

/** Somebody goes into a container, and nothing has refused it. */
export const entered = (context: JournalContext, deed: DeedName): void =>
  noted({ ...context, command: context.command || `vzctl ${deed.verb} ${deed.id}` }, deed);
