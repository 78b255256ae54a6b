// What a figure is: what it shows, how far it should reach, and how it is measured. And the bench that measurements work at.
import type { Spread } from './statistics.ts';

export interface Shown {
  readonly says: string;
  readonly unit: 'ms' | 's' | '×' | '%' | 'B' | 'KiB' | 'MB' | 'MB/s' | '';
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface Figure {
  readonly name: string;
  readonly what: string;
  readonly shows: Readonly<Record<string, Shown>>;
  /** Samples of everything that `shows` names. */
  readonly measure: (bench: Bench) => Promise<Readonly<Record<string, Spread>>>;
}

/** Keeps the keys of `shows` and of what is measured the same. */
export function figure<K extends string>(
  name: string,
  what: string,
  shows: Readonly<Record<K, Shown>>,
  measure: (bench: Bench) => Promise<Readonly<Record<K, Spread>>>,
): Figure {
  return { name, what, shows, measure };
}

export interface Bench {
  /** Of the project. */
  readonly home: string;
  /** Throw-away directory below /tmp, removed at the end. */
  readonly dir: string;
  /** The compiled clock.c. */
  readonly clock: string;
  /** Is done at the end, last first, also after a failure. */
  later(undo: () => Promise<void> | void): void;
  /** One for all figures of a run: made by the first that asks. */
  shared<T>(make: (bench: Bench) => Promise<T> | T): Promise<T>;
}

export async function atBench(
  home: string,
  work: (bench: Bench) => Promise<void>,
  open: () => { dir: string; clock: string },
): Promise<void> {
  const undo: (() => Promise<void> | void)[] = [];
  const made = new Map<unknown, Promise<unknown>>();
  const bench: Bench = {
    home,
    ...open(),
    later: (step) => void undo.push(step),
    shared<T>(make: (bench: Bench) => Promise<T> | T): Promise<T> {
      const known = made.get(make) ?? Promise.resolve(make(bench));
      made.set(make, known);
      return known as Promise<T>;
    },
  };
  try {
    await work(bench);
  } finally {
    for (const step of undo.reverse()) {
      try {
        await step();
      } catch (error) {
        process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
        process.exitCode = 1;
      }
    }
  }
}
