// Reads at once, from a process that is about to end: answers of the terminal that are under way would be typed at whoever has it next.

import { closeSync, constants, openSync, readSync } from 'node:fs';

/** Milliseconds; satellites take 600. */
const PATIENCE = 1000;
const NAP = 5;

/** Reads the terminal until `answer` has come so many times. What else is read is lost. */
export function awaitNow(fd: number, answer: string, times: number): void {
  if (times === 0) return;
  const deadline = performance.now() + PATIENCE;
  const bytes = Buffer.alloc(4096);
  let seen = '';
  try {
    // a description of our own: O_NONBLOCK on the inherited one would be the shell's too
    const own = openSync(`/proc/self/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      while (seen.split(answer).length <= times && performance.now() < deadline) {
        const count = readSome(own, bytes);
        seen += bytes.toString('latin1', 0, count);
        if (count === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NAP);
      }
    } finally {
      closeSync(own);
    }
  } catch {
    // EIO: the terminal is gone, and nothing will come
  }
}

function readSome(fd: number, bytes: Buffer): number {
  try {
    return readSync(fd, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}
