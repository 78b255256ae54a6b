// Forks in a container until one is refused, and the end of what they have begun. Nothing here counts on how long that takes: what lasts for a second is over
// on a busy machine before there is as much of it as there must not be.
import { readFileSync } from 'node:fs';
import type { Lab } from './lab.ts';
import { until } from './until.ts';

const LASTS = 'sleep 98765';

/** Shell line: begins so many programs that last and keep nothing open, until it is refused one and gives up. */
export const stormOf = (count: number): string => `for i in $(seq ${count}); do ${LASTS} >/dev/null 2>&1 & done`;

/** True where it was one of a storm, also one that is only about to be the program. */
function ended(pid: number): boolean {
  try {
    const storms = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(LASTS);
    if (storms) process.kill(pid, 'SIGKILL');
    return storms;
  } catch {
    // it has gone meanwhile
    return false;
  }
}

/** Ends what storms have begun. */
export async function calm(lab: Lab, id: number): Promise<void> {
  const reader = lab.engine.processes();
  const pids = (): readonly number[] => reader.look(lab.engine.list().filter((ct) => ct.id === id)).map(({ pid }) => pid);
  await until(() => pids().filter(ended).length === 0);
  reader.close();
}
