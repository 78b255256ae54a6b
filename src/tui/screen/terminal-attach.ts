// Runs a program on the real terminal, which must have been given back before. Knows no screen.

import { spawn } from 'node:child_process';
import type { AttachCommand, AttachResult } from './screen.ts';

/**
 * The program gets our own stdin, stdout and stderr; resolves when it has ended. It dies with us.
 * @throws Error of spawn, such as ENOENT
 */
export function runOnTerminal(command: AttachCommand): Promise<AttachResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command.file, [...command.args], { stdio: 'inherit', env: { ...process.env, ...command.env } });
    const follow = () => child.kill('SIGHUP');
    process.on('exit', follow);
    child.on('error', (error) => {
      process.off('exit', follow);
      reject(error);
    });
    child.on('exit', (code, signal) => {
      process.off('exit', follow);
      resolve({ code, signal });
    });
  });
}
