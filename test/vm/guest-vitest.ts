// What tests import as "vitest" when they run bundled in the guest: the same words on Node's own runner, since vitest takes 16–26 times longer
// to start there. Only what test/kernel uses; anything else is missing by name, and then the bundle does not build or the test fails.
import assert from 'node:assert/strict';
import { after, before, describe as nodeDescribe, test as nodeTest } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

type Body = (...args: never[]) => unknown;
interface Options {
  readonly skip?: boolean;
}
type Runner = (title: string, options: Options, body: () => unknown) => unknown;

/** %s, %d, %i, %j and %% in titles of tables. */
function titled(title: string, row: readonly unknown[]): string {
  let next = 0;
  return title.replace(/%[sdij%]/g, (mark) => (mark === '%%' ? '%' : mark === '%j' ? JSON.stringify(row[next++]) : String(row[next++])));
}

function words(run: Runner) {
  const word = (title: string, body: Body): void => void run(title, {}, () => body());
  return Object.assign(word, {
    skip: (title: string, _body?: Body): void => void run(title, { skip: true }, () => {}),
    each:
      (rows: readonly unknown[]) =>
      (title: string, body: Body): void => {
        for (const row of rows) {
          const args = Array.isArray(row) ? row : [row];
          run(titled(title, args), {}, () => body(...(args as never[])));
        }
      },
  });
}

export const describe = words(nodeDescribe as Runner);
export const test = words(nodeTest as Runner);
export const it = test;
export const beforeAll = before;
export const afterAll = after;

/** Stands for a value of a shape. */
class Like {
  readonly fits: (actual: unknown) => boolean;
  constructor(fits: (actual: unknown) => boolean) {
    this.fits = fits;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** loose: properties that are not expected may be there. */
function matches(actual: unknown, expected: unknown, loose: boolean): boolean {
  if (expected instanceof Like) return expected.fits(actual);
  if (!isObject(expected) || !isObject(actual)) return Object.is(actual, expected);
  if (Array.isArray(expected) !== Array.isArray(actual)) return false;
  if (!Array.isArray(expected) && Object.getPrototypeOf(expected) !== Object.prototype) return isDeepStrictEqual(actual, expected);
  const keys = new Set([...Object.keys(expected), ...(loose && !Array.isArray(expected) ? [] : Object.keys(actual))]);
  return [...keys].every((key) => matches(actual[key], expected[key], loose));
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function thrown(error: unknown, expected: unknown): boolean {
  if (expected === undefined) return true;
  return expected instanceof RegExp ? expected.test(messageOf(error)) : messageOf(error).includes(String(expected));
}

function expectations(actual: unknown, hint: string, wanted: boolean) {
  const check = (fits: boolean, operator: string, expected?: unknown): void => {
    if (fits !== wanted) {
      const message = hint === '' ? undefined : `${hint}: ${wanted ? '' : 'not '}${operator}`;
      throw new assert.AssertionError({ message, actual, expected, operator: wanted ? operator : `not ${operator}` });
    }
  };
  return {
    toBe: (expected: unknown) => check(Object.is(actual, expected), 'toBe', expected),
    toEqual: (expected: unknown) => check(matches(actual, expected, false), 'toEqual', expected),
    toMatchObject: (expected: unknown) => check(matches(actual, expected, true), 'toMatchObject', expected),
    toBeNull: () => check(actual === null, 'toBeNull', null),
    toMatch: (expected: RegExp) => check(expected.test(String(actual)), 'toMatch', expected),
    toContain: (expected: unknown) => check((actual as string | readonly unknown[]).includes(expected as never), 'toContain', expected),
    toContainEqual: (expected: unknown) =>
      check(
        (actual as readonly unknown[]).some((v) => matches(v, expected, false)),
        'toContainEqual',
        expected,
      ),
    toHaveLength: (expected: number) => check((actual as { length: number }).length === expected, 'toHaveLength', expected),
    toBeGreaterThan: (expected: number) => check((actual as number) > expected, 'toBeGreaterThan', expected),
    toBeGreaterThanOrEqual: (expected: number) => check((actual as number) >= expected, 'toBeGreaterThanOrEqual', expected),
    toBeLessThan: (expected: number) => check((actual as number) < expected, 'toBeLessThan', expected),
    toBeLessThanOrEqual: (expected: number) => check((actual as number) <= expected, 'toBeLessThanOrEqual', expected),
    toThrow(expected?: unknown) {
      let error: unknown;
      let threw = false;
      try {
        (actual as () => unknown)();
      } catch (caught) {
        [error, threw] = [caught, true];
      }
      check(threw && thrown(error, expected), 'toThrow', expected);
    },
  };
}

export function expect(actual: unknown, hint = '') {
  return {
    ...expectations(actual, hint, true),
    not: expectations(actual, hint, false),
    rejects: {
      async toThrow(expected?: unknown) {
        const error = await (actual as Promise<unknown>).then(
          (value) => assert.fail(`resolved with ${String(value)}`),
          (reason: unknown) => reason,
        );
        assert.ok(thrown(error, expected), `${hint} rejected with "${messageOf(error)}", not with ${String(expected)}`);
      },
    },
  };
}

expect.stringContaining = (part: string): unknown => new Like((actual) => typeof actual === 'string' && actual.includes(part));
expect.stringMatching = (form: RegExp): unknown => new Like((actual) => typeof actual === 'string' && form.test(actual));
