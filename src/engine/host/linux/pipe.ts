// System programs whose bytes flow through us (decompressors, tar), with back-pressure in both directions. Knows no program by name.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { VzError } from '../../errors.ts';
import type { Pipe, PipeOptions } from '../port.ts';
import { PLAIN_ENV } from './run.ts';

const KEEP = 1 << 16;

export function pipeProgram(program: string, args: readonly string[], { env, cwd, signal }: PipeOptions = {}): Pipe {
  const child = spawn(program, args, { cwd: cwd ?? '/', env: { ...PLAIN_ENV, ...env }, stdio: 'pipe', detached: true });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-KEEP);
  });
  // Both ends may be closed early by the other side: that shows in the status.
  child.stdin.on('error', () => {});
  child.stdout.on('error', () => {});
  const cancel = (): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGTERM');
  };
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();
  const done = new Promise<{ status: number; stdout: string; stderr: string }>((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => reject(new VzError('no-program', { program, cause: error.code }, error)));
    child.on('close', (code, name) => {
      signal?.removeEventListener('abort', cancel);
      if (signal?.aborted) reject(new VzError('cancelled', { what: program }));
      else resolve({ status: code ?? 128 + (name ? constants.signals[name] : 0), stdout: '', stderr });
    });
  });
  // Whoever fails in the middle of the flow throws that error; the one here is for those who wait for the end.
  done.catch(() => {});
  return {
    out: child.stdout,
    write: (bytes) =>
      new Promise((resolve) => {
        if (child.stdin.destroyed) return resolve(false);
        if (child.stdin.write(bytes)) return resolve(true);
        const go = (): void => {
          child.stdin.off('drain', go).off('close', go);
          resolve(!child.stdin.destroyed);
        };
        child.stdin.on('drain', go).on('close', go);
      }),
    end: () => void child.stdin.end(),
    done,
  };
}
