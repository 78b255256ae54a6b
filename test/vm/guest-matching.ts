// What fits what, for the stand-in of vitest's `expect`: equality as toEqual and toMatchObject have it, and placeholders.
import { isDeepStrictEqual } from 'node:util';

/** Stands for every value of a kind. */
class Like {
  readonly fits: (actual: unknown) => boolean;
  constructor(fits: (actual: unknown) => boolean) {
    this.fits = fits;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** loose: properties that are not expected may be there. */
export function matches(actual: unknown, expected: unknown, loose: boolean): boolean {
  if (expected instanceof Like) return expected.fits(actual);
  if (!isObject(expected) || !isObject(actual)) return Object.is(actual, expected);
  if (Array.isArray(expected) !== Array.isArray(actual)) return false;
  if (!Array.isArray(expected) && Object.getPrototypeOf(expected) !== Object.prototype) return isDeepStrictEqual(actual, expected);
  const keys = new Set([...Object.keys(expected), ...(loose && !Array.isArray(expected) ? [] : Object.keys(actual))]);
  return [...keys].every((key) => matches(actual[key], expected[key], loose));
}

/** Placeholder → whether a value is one that it stands for, as its argument says. */
const KINDS = {
  stringContaining: (part: string, actual: unknown) => typeof actual === 'string' && actual.includes(part),
  stringMatching: (form: RegExp, actual: unknown) => typeof actual === 'string' && form.test(actual),
  objectContaining: (part: object, actual: unknown) => matches(actual, part, true),
  anything: (_: never, actual: unknown) => actual !== null && actual !== undefined,
};

const placeholders = (wanted: boolean): Readonly<Record<string, (argument?: unknown) => unknown>> =>
  Object.fromEntries(
    Object.entries(KINDS).map(([name, fits]) => [name, (argument) => new Like((actual) => fits(argument as never, actual) === wanted)]),
  );

export const PLACEHOLDERS = { ...placeholders(true), not: placeholders(false) };
