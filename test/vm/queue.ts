// Which file a machine runs next, so that all end at about the same time, and what each has taken. Knows nothing of machines.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Seconds of QEMU's processor time that a file took when it ran last, by its path; kept in a file beside the test machine. */
export type Times = Readonly<Record<string, number>>;

/** Of a file that has never run: it may take long, and is not to be the last. */
const UNKNOWN = 1000;

export class Queue {
  readonly #left: string[];
  readonly #running = new Map<number, { readonly file: string; readonly since: number }>();
  readonly #times: Record<string, number> = {};
  readonly #afterwards: readonly number[];
  readonly #secondsOf: (file: string) => number;

  /** The longest first. `afterwards`: seconds that machines have to do in the end, by number; the last files are left to the others. */
  constructor(files: readonly string[], times: Times, afterwards: readonly number[] = []) {
    this.#secondsOf = (file) => times[file] ?? UNKNOWN;
    this.#left = [...files].sort((a, b) => this.#secondsOf(b) - this.#secondsOf(a));
    this.#afterwards = afterwards;
  }

  /** The next file for a machine that has run the one before, or null. `spent`: seconds of the processor that the machine has taken so far. */
  next(machine: number, spent: number): string | null {
    const before = this.#running.get(machine);
    if (before !== undefined) this.#times[before.file] = Math.round((spent - before.since) * 10) / 10;
    this.#running.delete(machine);
    const rest = this.#left.reduce((sum, file) => sum + this.#secondsOf(file), 0);
    const afterwards = this.#afterwards[machine] ?? 0;
    const file = ((afterwards === 0 || rest > afterwards) && this.#left.shift()) || null;
    if (file !== null) this.#running.set(machine, { file, since: spent });
    return file;
  }

  /** Of the files that have been run. */
  get times(): Times {
    return this.#times;
  }
}

export function readTimes(file: string): Times {
  try {
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Times) : {};
  } catch {
    return {};
  }
}

export function keepTimes(file: string, times: Times): void {
  writeFileSync(file, JSON.stringify({ ...readTimes(file), ...times }, null, 1));
}
