// A terminal used at once, by a process that is about to end and has no event loop to wait with: what writeNow and awaitNow share.

import { constants, openSync } from 'node:fs';

const NAP = 5;

/** A description of our own: O_NONBLOCK on the inherited one would be the shell's too. `access`: O_RDONLY or O_WRONLY. */
export function ownDescription(fd: number, access: number): number {
  return openSync(`/proc/self/fd/${fd}`, access | constants.O_NONBLOCK | constants.O_NOCTTY);
}

/** Bytes that a read or write moved; 0, after a nap, when the terminal is not ready or has ended. */
export function moved(call: () => number): number {
  const count = ready(call);
  if (count === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NAP);
  return count;
}

function ready(call: () => number): number {
  try {
    return call();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}
