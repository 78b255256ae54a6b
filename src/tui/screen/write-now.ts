// Writes to the terminal at once, from a process that may be about to end and has no event loop to wait with.

import { spawn } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';

/** A terminal that takes nothing (Ctrl-S, a dead line) must not keep the process from ending. */
const PATIENCE = 500;
const NAP = 5;

/** Writes to the terminal behind the descriptor. What a stalled line does not take is left to a child that waits for it in our place. */
export function writeNow(fd: number, text: string): void {
  let own: number;
  try {
    // A description of our own: O_NONBLOCK on the inherited one would be the shell's too.
    own = openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return;
  }
  const bytes = Buffer.from(text);
  const deadline = performance.now() + PATIENCE;
  let written = 0;
  try {
    while (written < bytes.length && performance.now() < deadline) written += writeSome(own, bytes.subarray(written));
    if (written < bytes.length) leaveTo(fd, bytes.subarray(written).toString());
  } catch {
    // EIO: the terminal is gone, and with it everything that could be restored.
  } finally {
    closeSync(own);
  }
}

/** The child ends when the line goes on or the terminal goes away. */
function leaveTo(fd: number, text: string): void {
  spawn('/bin/sh', ['-c', 'printf %s "$1"', 'sh', text], { stdio: ['ignore', fd, 'ignore'], detached: true }).unref();
}

function writeSome(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NAP);
    return 0;
  }
}
