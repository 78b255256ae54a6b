// Whether the terminal is ours: the kernel's word about the process group that has it.

import { openSync, readSync } from 'node:fs';

/** Asked with many a frame: it stays open, and is that of a thread, for which the kernel does not add up the times of all. */
let file: number | null = null;
const room = Buffer.alloc(1024);

function ownStat(): string {
  file ??= openSync('/proc/thread-self/stat', 'r');
  return room.toString('latin1', 0, readSync(file, room, 0, room.length, 0));
}

/** Whether our process group has its controlling terminal; null where there is none that could be lost. */
export function hasForeground(stat = ownStat()): boolean | null {
  // proc_pid_stat(5): pid (comm) state ppid pgrp session tty_nr tpgid; comm may hold blanks and parentheses
  const [, , pgrp, , , tpgid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(tpgid) > 0 ? pgrp === tpgid : null;
}
