// `expect` of the stand-in for vitest. Each matcher is a line of one table; not, rejects and poll are ways to apply it.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { matches, PLACEHOLDERS } from './guest-matching.ts';

/** A clock runs on while everything else is slower in an emulated machine. */
export const PATIENCE = Number(process.env['VZDECK_PATIENCE'] ?? 1);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function throws(work: () => unknown, expected: unknown): boolean {
  try {
    work();
    return false;
  } catch (error) {
    if (expected === undefined) return true;
    return expected instanceof RegExp ? expected.test(messageOf(error)) : messageOf(error).includes(String(expected));
  }
}

const MATCHERS = {
  toBe: (actual, expected) => Object.is(actual, expected),
  toEqual: (actual, expected) => matches(actual, expected, false),
  toMatchObject: (actual, expected) => matches(actual, expected, true),
  toBeNull: (actual) => actual === null,
  toBeUndefined: (actual) => actual === undefined,
  toMatch: (actual: string, expected: RegExp | string) => (expected instanceof RegExp ? expected.test(actual) : actual.includes(expected)),
  toContain: (actual: readonly unknown[], expected) => actual.includes(expected),
  toContainEqual: (actual: readonly unknown[], expected) => actual.some((value) => matches(value, expected, false)),
  toHaveLength: (actual: { length: number }, expected) => actual.length === expected,
  toBeGreaterThan: (actual: number, expected: number) => actual > expected,
  toBeGreaterThanOrEqual: (actual: number, expected: number) => actual >= expected,
  toBeLessThan: (actual: number, expected: number) => actual < expected,
  toBeLessThanOrEqual: (actual: number, expected: number) => actual <= expected,
  toThrow: throws,
} satisfies Record<string, (actual: never, expected: never) => boolean>;

type Name = keyof typeof MATCHERS;
type Matchers<Result> = Readonly<Record<Name, (expected?: unknown) => Result>>;
type Both<Result> = Matchers<Result> & { readonly not: Matchers<Result> };

/** All matchers, each handed to `apply`. */
function both<Result>(apply: (name: Name, wanted: boolean, expected: unknown) => Result): Both<Result> {
  const all = (wanted: boolean): Matchers<Result> =>
    Object.fromEntries(
      Object.keys(MATCHERS).map((name) => [name, (expected?: unknown) => apply(name as Name, wanted, expected)]),
    ) as unknown as Matchers<Result>;
  return { ...all(true), not: all(false) };
}

function check(name: Name, wanted: boolean, actual: unknown, expected: unknown, hint: string): void {
  if (MATCHERS[name](actual as never, expected as never) === wanted) return;
  const operator = wanted ? name : `not ${name}`;
  throw new assert.AssertionError({
    message: hint === '' ? undefined : `${hint}: ${inspect(actual)} ${operator} ${inspect(expected)}`,
    actual,
    expected,
    operator,
  });
}

function expectations(actual: unknown, hint = '') {
  return {
    ...both((name, wanted, expected) => check(name, wanted, actual, expected, hint)),
    rejects: both(async (name, wanted, expected) => {
      const reason = await (actual as Promise<unknown>).then(
        (value) => assert.fail(`${hint} resolved with ${String(value)}`),
        (error: unknown) => error,
      );
      const thrower = () => {
        throw reason;
      };
      check(name, wanted, name === 'toThrow' ? thrower : reason, expected, hint);
    }),
  };
}

interface Polling {
  /** Milliseconds; defaults as for test/kernel in vitest.config.ts. */
  readonly timeout?: number;
  readonly interval?: number;
  readonly message?: string;
}

const poll = (look: () => unknown, { timeout = 30_000, interval = 50, message = '' }: Polling = {}): Both<Promise<void>> =>
  both(async (name, wanted, expected) => {
    const end = performance.now() + timeout * PATIENCE;
    for (;;) {
      const start = performance.now();
      try {
        check(name, wanted, await look(), expected, message);
        return;
      } catch (error) {
        if (performance.now() > end) throw error;
      }
      // what is awaited runs on the same slow processor
      await new Promise((resolve) => setTimeout(resolve, Math.max(interval, 3 * (performance.now() - start))));
    }
  });

/** The file whose tests run now. */
export const running = { file: '' };

export const expect = Object.assign(expectations, PLACEHOLDERS, {
  poll,
  getState: () => ({ testPath: running.file }),
});
