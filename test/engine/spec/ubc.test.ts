import { expect, test } from 'vitest';
import { derivedUbc, isVswap, limitOf, memoryOf, missingUbc } from '../../../src/engine/spec/ubc.ts';

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
  // refused at the barrier
  expect(limitOf(conf({ NUMPROC: '10:20' }), 'NUMPROC', 'items')).toBe(10);
  expect(limitOf(conf({ NUMPROC: '0:20' }), 'NUMPROC', 'items')).toBe(20);
  expect(limitOf(conf({ TCPSNDBUF: '10:20' }), 'TCPSNDBUF', 'bytes')).toBe(20);
  expect(limitOf(conf({ NUMPROC: 'unlimited' }), 'NUMPROC', 'items')).toBeNull();
  expect(limitOf(conf({}), 'NUMPROC', 'items')).toBeNull();
});

const MIB = 2 ** 20;
test.each([
  [{ PHYSPAGES: '0:65536', SWAPPAGES: '0:131072' }, 256 * MIB, 512 * MIB, /^$/],
  [{ PRIVVMPAGES: '65536:69632' }, 256 * MIB, 0, /the barrier of PRIVVMPAGES, 256 MiB, is taken for its RAM, and there is no swap/],
  [{ PRIVVMPAGES: '65536:69632', SWAPPAGES: '0:256' }, 256 * MIB, MIB, /is taken for its RAM$/],
  [{ PRIVVMPAGES: 'unlimited' }, null, null, /^$/],
  [{ PRIVVMPAGES: '65536:69632', PHYSPAGES: '0:unlimited' }, null, null, /^Nothing bounds its memory/],
  [{}, null, null, /^$/],
])('memory of %o', (values, ram, swap, remark) => {
  expect(memoryOf(conf(values))).toEqual({ ram, swap, remark: expect.stringMatching(remark) });
});

test('RAM and swap lead to what is not set itself', () => {
  expect(Object.fromEntries(derivedUbc(conf({ PHYSPAGES: '0:100', SWAPPAGES: '0:200' })))).toEqual({
    VMGUARPAGES: '300:unlimited',
    PRIVVMPAGES: 'unlimited',
  });
  const promised = derivedUbc(conf({ PHYSPAGES: '0:100', SWAPPAGES: '0:200', VM_OVERCOMMIT: '1.5', VMGUARPAGES: '7' }));
  expect(promised.get('PRIVVMPAGES')).toBe('450');
  expect(promised.has('VMGUARPAGES')).toBe(false);
  expect(derivedUbc(conf({ PRIVVMPAGES: '5' })).size).toBe(0);
});
