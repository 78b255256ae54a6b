// What has the foreground of a terminal whose shell the relay waits for, by what the kernel tells of processes (proc_pid_stat(5)). The relay
// is asked nothing: it may be stopped, and the shell is its child.
import { readFileSync } from 'node:fs';
import { drawable } from '../errors.ts';

interface Stat {
  readonly comm: string;
  readonly group: number;
  readonly session: number;
  /** Of its terminal; -1 without one. */
  readonly foreground: number;
}

function statOf(pid: number): Stat | null {
  const text = read(`/proc/${pid}/stat`);
  const end = text.lastIndexOf(')');
  if (end < 0) return null;
  const [group = 0, session = 0, , foreground = -1] = text
    .slice(end + 2)
    .split(' ')
    .slice(2)
    .map(Number);
  return { comm: text.slice(text.indexOf('(') + 1, end), group, session, foreground };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has ended.
    return '';
  }
}

/**
 * Name of the program in the foreground, "" where that is the shell itself, null where nobody can tell: the shell has ended, or the kernel
 * lacks CONFIG_PROC_CHILDREN. The name is the container's own choice; it is safe to draw.
 */
export function foregroundOf(relay: number): string | null {
  const children = read(`/proc/${relay}/task/${relay}/children`).split(' ').filter(Boolean).map(Number);
  for (const pid of children) {
    const shell = statOf(pid);
    if (shell === null || shell.session !== pid || shell.foreground <= 0) continue;
    if (shell.foreground === shell.group) return '';
    // A group may outlive its leader: then it has no name of its own.
    return drawable(statOf(shell.foreground)?.comm ?? 'a program');
  }
  return null;
}
