// Reads at once, from a process that is about to end: answers of the terminal that are under way would be typed at whoever has it next.

import { closeSync, constants, readSync } from 'node:fs';
import { moved, ownDescription } from './at-once.ts';

/** Milliseconds; satellites take 600. */
const PATIENCE = 1000;

/** Reads the terminal until `answer` has come so many times. What else is read is lost. */
export function awaitNow(fd: number, answer: string, times: number): void {
  if (times === 0) return;
  const deadline = performance.now() + PATIENCE;
  const bytes = Buffer.alloc(4096);
  let seen = '';
  try {
    const own = ownDescription(fd, constants.O_RDONLY);
    try {
      while (seen.split(answer).length <= times && performance.now() < deadline)
        seen += bytes.toString(
          'latin1',
          0,
          moved(() => readSync(own, bytes)),
        );
    } finally {
      closeSync(own);
    }
  } catch {
    // EIO: the terminal is gone, and nothing will come
  }
}
