// Writes at once, from a process that may be about to end and has no event loop to wait with.

import { spawn } from 'node:child_process';
import { closeSync, constants, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { moved, ownDescription } from './at-once.ts';

/** A terminal that takes nothing (Ctrl-S, a dead line) must not keep the process from ending. */
const PATIENCE = 500;

/**
 * Writes to the descriptor, which is the terminal's or, for messages, whatever stderr was redirected to. What a stalled line does not take
 * is left to a child that waits for it in our place; what can't be written at all is dropped.
 */
export function writeNow(fd: number, text: string): void {
  try {
    if (isatty(fd)) writeToTerminal(fd, text);
    else writeSync(fd, text);
  } catch {
    // EIO, EPIPE: nobody is there any more, and with the terminal everything is gone that could be restored.
  }
}

function writeToTerminal(fd: number, text: string): void {
  const own = ownDescription(fd, constants.O_WRONLY);
  const bytes = Buffer.from(text);
  const deadline = performance.now() + PATIENCE;
  let written = 0;
  try {
    while (written < bytes.length && performance.now() < deadline) written += moved(() => writeSync(own, bytes, written));
    if (written < bytes.length) leaveTo(fd, bytes.subarray(written).toString());
  } finally {
    closeSync(own);
  }
}

/** The child ends when the line goes on or the terminal goes away. */
function leaveTo(fd: number, text: string): void {
  spawn('/bin/sh', ['-c', 'printf %s "$1"', 'sh', text], { stdio: ['ignore', fd, 'ignore'], detached: true }).unref();
}
