// QEMU's monitor (QMP, docs/interop/qmp-spec): commands with answers, and the events of a migration. One line of JSON each.
import type { Socket } from 'node:net';
import { onLine } from './lines.ts';

interface Message {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
  readonly event?: string;
  readonly data?: { readonly status?: string };
}

export interface Monitor {
  /** Throws Error with QEMU's words. */
  ask(execute: string, args?: object): Promise<void>;
  /** Resolves when a migration that has been asked for is done. Throws Error when it failed. */
  migrated(): Promise<void>;
}

/** QEMU takes other commands only after qmp_capabilities. */
export function openMonitor(socket: Socket): Monitor {
  type Waiter = { readonly resolve: () => void; readonly reject: (error: Error) => void };
  const asked: Waiter[] = [];
  const migration = Promise.withResolvers<void>();
  // nobody may be waiting for it
  migration.promise.catch(() => {});
  onLine(socket, (line) => {
    const message = JSON.parse(line) as Message;
    if (message.error) asked.shift()?.reject(new Error(`QEMU: ${message.error.desc}`));
    else if (message.return !== undefined) asked.shift()?.resolve();
    else if (message.event === 'MIGRATION' && message.data?.status === 'completed') migration.resolve();
    else if (message.event === 'MIGRATION' && message.data?.status === 'failed') migration.reject(new Error('QEMU: the migration failed'));
  });
  socket.on('close', () => {
    const ended = new Error('QEMU ended');
    migration.reject(ended);
    for (const waiter of asked.splice(0)) waiter.reject(ended);
  });
  const ask: Monitor['ask'] = (execute, args = {}) =>
    new Promise((resolve, reject) => {
      asked.push({ resolve, reject });
      socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    });
  return { ask, migrated: () => migration.promise };
}
