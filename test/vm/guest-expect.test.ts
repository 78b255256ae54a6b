// The stand-in says of a value what vitest itself says of it.
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { expect as guest } from './guest-expect.ts';

type Says = (said: typeof expect) => void;

/** Each of them holds or falls in both. */
const SAYINGS: readonly Says[] = [
  (said) => said(['one']).toEqual([said.stringMatching(/^o/)]),
  (said) => said(['one']).toEqual([said.not.stringMatching(/^o/)]),
  (said) => said(['two']).toEqual([said.not.stringMatching(/^o/)]),
  (said) => said(['two']).toEqual([said.not.stringContaining('w')]),
  (said) => said({ a: 1, b: { c: 2, d: 3 } }).toEqual({ a: said.anything(), b: said.objectContaining({ c: 2 }) }),
  (said) => said({ a: null }).toEqual({ a: said.anything() }),
  (said) => said({ a: 1, b: 2 }).toMatchObject({ a: 1 }),
  (said) => said([1, 2]).not.toContainEqual(2),
];

const falls = (saying: Says, said: unknown): boolean => {
  try {
    saying(said as typeof expect);
    return false;
  } catch (error) {
    return (error as Error).name === 'AssertionError';
  }
};

test.each(SAYINGS)('%s', (saying) => {
  expect(falls(saying, guest)).toBe(falls(saying, expect));
});

test('some of them hold and some fall', () => {
  expect(SAYINGS.map((saying) => falls(saying, guest))).toEqual([false, true, false, true, false, true, false, true]);
});

test('it has all that is said in tests of the kernel', () => {
  const said = globSync('test/kernel/**/*.ts').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\.(to[A-Z]\w*)\(/g)].flatMap(([, word = '']) => (word in expect(0) ? [word] : [])),
  );
  expect(said.length).toBeGreaterThan(1000);
  expect([...new Set(said)].filter((word) => !(word in guest(0)))).toEqual([]);
});
