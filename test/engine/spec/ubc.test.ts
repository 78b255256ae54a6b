import { expect, test } from 'vitest';
import { isVswap, limitOf, missingUbc } from '../../../src/engine/spec/ubc.ts';

const conf = (values: Record<string, string>): ReadonlyMap<string, string> => new Map(Object.entries(values));

test.each([
  [{}, false],
  [{ PHYSPAGES: '0:unlimited' }, false],
  [{ PHYSPAGES: '0:2147483647' }, false],
  [{ PHYSPAGES: '0:65536' }, true],
  [{ PHYSPAGES: 'unlimited:65536' }, true],
])('%o has RAM and swap: %o', (values, vswap) => expect(isVswap(conf(values))).toBe(vswap));

test('RAM without swap is incomplete', () => {
  expect(missingUbc(conf({ PHYSPAGES: '0:100' }))).toBe('swap');
  expect(missingUbc(conf({ PHYSPAGES: '0:unlimited' }))).toBeNull();
});

test('limits come in base units, none as null', () => {
  expect(limitOf(conf({ PHYSPAGES: '0:65536' }), 'PHYSPAGES', 'pages')).toBe(268_435_456);
  expect(limitOf(conf({ NUMPROC: '10:20' }), 'NUMPROC', 'items')).toBe(20);
  expect(limitOf(conf({ NUMPROC: 'unlimited' }), 'NUMPROC', 'items')).toBeNull();
  expect(limitOf(conf({}), 'NUMPROC', 'items')).toBeNull();
});
