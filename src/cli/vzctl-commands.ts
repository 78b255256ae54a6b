// The command words of vzctl.
import type { Command } from './command.ts';
import { console } from './commands/console.ts';
import { create } from './commands/create.ts';
import { enter } from './commands/enter.ts';
import { exec, exec2, exec3 } from './commands/exec.ts';
import { checkpoint, compact, convert, quotas, restore, snapshotList, snapshots } from './commands/later.ts';
import { destroy, mount, status, umount } from './commands/plain.ts';
import { runscript } from './commands/runscript.ts';
import { set } from './commands/set.ts';
import { restart, start, stop } from './commands/start.ts';

/** What this version does. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  create,
  start,
  stop,
  restart,
  destroy,
  delete: destroy,
  mount,
  umount,
  status,
  set,
  enter,
  console,
  exec,
  exec2,
  exec3,
  runscript,
};

/** What the original has besides. */
export const LATER: Readonly<Record<string, Command>> = {
  chkpnt: checkpoint,
  suspend: checkpoint,
  restore,
  resume: restore,
  ...snapshots,
  'snapshot-list': snapshotList,
  convert,
  compact,
  ...quotas,
};

export function commandOf(word: string): Command | undefined {
  return Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : Object.hasOwn(LATER, word) ? LATER[word] : undefined;
}
