// Runs programs and tells what they took, with the clock outside of Node: what a process costs is measured by its parent in C.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './figure.ts';

interface Finished {
  readonly status: number;
  readonly out: string;
  /** What it wrote to descriptor 3. */
  readonly told: string;
}

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** Runs a program to its end, with /dev/null for input. */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], ...options });
  const texts = ['', '', ''];
  [child.stdout, child.stderr, child.stdio[3]].forEach((stream, at) => {
    (stream as NodeJS.ReadableStream | null)?.setEncoding('utf8').on('data', (text: string) => {
      texts[at] += text;
    });
  });
  const status = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal ? 128 : 1)));
  });
  return { status, out: `${texts[0]}${texts[1]}`, told: texts[2] ?? '' };
}

/** The same, throwing Error with the program's output when it fails. */
export async function must(file: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const finished = await run(file, args, options);
  if (finished.status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${finished.status}: ${finished.out.trim()}`);
  return finished;
}

export interface Took {
  /** Milliseconds from before fork to after the end. */
  readonly wall: number;
  /** Milliseconds of all its threads and of the children that it waited for. */
  readonly cpu: number;
}

/** What a whole process takes. Throws Error when it fails. */
export async function timed(bench: Bench, file: string, args: readonly string[], options: RunOptions = {}): Promise<Took> {
  const { told, out } = await must(bench.clock, ['time', file, ...args], options);
  const [wall = 0, user = 0, system = 0, status = 125] = told.trim().split(' ').map(Number);
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${out.trim()}`);
  return { wall: wall / 1e6, cpu: (user + system) / 1e3 };
}

/** A process and all that descend from it. */
export function family(pid: number): readonly number[] {
  const children = tasks(pid).flatMap((task) => read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number));
  return [pid, ...children.flatMap(family)];
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // it has ended meanwhile
    return '';
  }
};

const tasks = (pid: number): readonly string[] => {
  try {
    return readdirSync(join('/proc', String(pid), 'task'));
  } catch {
    return [];
  }
};

/** Milliseconds of CPU that the threads of these processes have had so far (schedstat counts in ns, stat only in ticks). */
export function cpuOf(pids: readonly number[]): number {
  const times = pids.flatMap((pid) => tasks(pid).map((task) => Number(read(`/proc/${pid}/task/${task}/schedstat`).split(' ')[0])));
  return times.reduce((sum, time) => sum + time, 0) / 1e6;
}

/** Bytes. */
export const rssOf = (pid: number): number => Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;

/** Of a process and all that it has started: the manager lies behind the shell that waits for it. */
export const rssOfFamily = (pid: number): number => family(pid).reduce((sum, one) => sum + rssOf(one), 0);

/** Bytes that only this process has. */
export function privateOf(pid: number): number {
  const sizes = [...read(`/proc/${pid}/smaps_rollup`).matchAll(/^Private_\w+:\s+(\d+) kB$/gm)];
  return sizes.reduce((sum, [, size]) => sum + Number(size) * 1024, 0);
}

export const parentOf = (pid: number): number => Number(/^PPid:\s+(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

const NOTE_WAIT_MS = 5;
const NOTE_TRIES = 1_000;

/** The time that the clock noted in a file, which is taken away: a busy machine may have it written only after its starter believes it runs. */
export async function timeIn(file: string): Promise<bigint> {
  for (let tries = 0; tries < NOTE_TRIES; tries++) {
    const text = read(file);
    if (text.endsWith('\n')) {
      rmSync(file);
      return BigInt(text.trim());
    }
    await pause(NOTE_WAIT_MS);
  }
  throw new Error(`The clock did not write ${file}`);
}
