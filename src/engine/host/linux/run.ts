// System programs as child processes. Knows no program by name.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { VzError } from '../../errors.ts';
import { PROGRAM_PATH, type RunOptions, type RunResult } from '../port.ts';

export const PLAIN_ENV = { PATH: PROGRAM_PATH, LC_ALL: 'C', HOME: '/' } as const;
/** Programs tell their trouble in the last lines; more would only fill memory. */
const KEEP = 1 << 20;

/** Collects text up to KEEP characters and hands on complete lines. */
function collector(onLine: ((line: string) => void) | undefined): { add(chunk: string): void; end(): string } {
  let text = '';
  let rest = '';
  return {
    add(chunk) {
      text = (text + chunk).slice(-KEEP);
      if (!onLine) return;
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
    end() {
      if (rest !== '') onLine?.(rest);
      return text;
    },
  };
}

/**
 * Runs a program with the standard PATH, LC_ALL=C and nothing else of our environment but `env`.
 * Throws VzError 'system' when it cannot be executed and 'cancelled' when the signal came; a bad exit status is a result.
 */
export function runProgram(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { input, env, cwd, signal, onLine, output = 'capture', foreground = false } = options;
  if (signal?.aborted) return Promise.reject(new VzError('cancelled', { what: program }));
  return new Promise((resolve, reject) => {
    const io = foreground ? 'inherit' : output === 'capture' ? 'pipe' : output;
    const child = spawn(program, args, {
      cwd: cwd ?? '/',
      env: { ...PLAIN_ENV, ...env },
      stdio: [foreground ? 'inherit' : input === undefined ? 'ignore' : 'pipe', io, io],
      // A group of its own: Ctrl-C at our terminal is answered by the verb, which then ends the whole group.
      detached: !foreground,
    });
    const theirs = (): void => {};
    if (foreground) process.on('SIGINT', theirs).on('SIGQUIT', theirs);
    const out = collector(onLine && ((line) => onLine(line, 'out')));
    const err = collector(onLine && ((line) => onLine(line, 'err')));
    const cancel = (): void => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGTERM');
    };
    signal?.addEventListener('abort', cancel, { once: true });
    child.stdout?.setEncoding('utf8').on('data', out.add);
    child.stderr?.setEncoding('utf8').on('data', err.add);
    // A program that ends before it has read all of its input answers with its status.
    child.stdin?.on('error', () => {});
    if (input !== undefined) child.stdin?.end(input);
    child.on('error', (error: NodeJS.ErrnoException) => {
      signal?.removeEventListener('abort', cancel);
      reject(new VzError('no-program', { program, cause: error.code }, error));
    });
    child.on('close', (code, name) => {
      process.off('SIGINT', theirs).off('SIGQUIT', theirs);
      signal?.removeEventListener('abort', cancel);
      const stdout = out.end();
      const stderr = err.end();
      if (signal?.aborted) reject(new VzError('cancelled', { what: program }));
      else resolve({ status: code ?? 128 + (name ? constants.signals[name] : 0), stdout, stderr });
    });
  });
}
