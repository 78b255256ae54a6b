// Whether the terminal is ours: the kernel's word about the process group that has it.

import { readFileSync } from 'node:fs';

/** Whether our process group has its controlling terminal; null where there is none that could be lost. */
export function hasForeground(stat = readFileSync('/proc/self/stat', 'utf8')): boolean | null {
  // proc_pid_stat(5): pid (comm) state ppid pgrp session tty_nr tpgid; comm may hold blanks and parentheses
  const [, , pgrp, , , tpgid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(tpgid) > 0 ? pgrp === tpgid : null;
}
