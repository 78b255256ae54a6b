import { describe, expect, test } from 'vitest';
import {
  grouped,
  humanBytes,
  PAGE,
  parseBitmap,
  parseNumber,
  parsePair,
  printBitmap,
  printG,
  printPair,
  UNLIMITED,
} from '../../../src/engine/spec/units.ts';

const BYTES = { unit: 1n, suffix: true, fraction: true, unlimited: true };
const PAGES = { ...BYTES, unit: PAGE };
const ITEMS = { unit: 1n, suffix: false, fraction: true, unlimited: true };

describe('numbers as strtoull and the suffixes make them', () => {
  test.each([
    ['5', 5n],
    ['+5', 5n],
    [' 5', 5n],
    ['010', 10n],
    ['', 0n],
    ['K', 0n],
    ['1.', 1n],
    ['1M', 1_048_576n],
    ['.5M', 524_288n],
    ['0.9P', 3686n],
    ['1024b', 1024n],
    ['unlimited', UNLIMITED],
    ['9223372036854775807', UNLIMITED],
  ])('%o bytes', (text, value) => expect(parseNumber(text, BYTES)).toEqual({ ok: true, value }));

  test.each([
    ['10', 10n],
    ['1M', 256n],
    ['1024b', 0n],
    ['16777216T', 4_503_599_627_370_496n],
    ['2251799813685248P', 2_251_799_813_685_248n],
  ])('%o pages', (text, value) => expect(parseNumber(text, PAGES)).toEqual({ ok: true, value }));

  test('RAM is rounded up to whole pages, everything else is cut', () => {
    const up = { ...PAGES, round: 'up' as const };
    expect(parseNumber('4097b', up)).toEqual({ ok: true, value: 2n });
    expect(parseNumber('4097b', PAGES)).toEqual({ ok: true, value: 1n });
  });

  test.each(['5 ', '1KB', '1e3', '0x10', '1 K', '1,5M', '--1', 'unlim', 'unlimitedx', '1M2', '100%', '18446744073709551616'])(
    '%o is no number',
    (text) => expect(parseNumber(text, BYTES)).toEqual({ ok: false, fault: 'syntax' }),
  );
  test.each(['-5', '9223372036854775808', '18446744073709551615', '8388608T'])('%o is too large', (text) =>
    expect(parseNumber(text, BYTES)).toEqual({ ok: false, fault: 'range' }),
  );
  test('pieces take a fraction but no suffix', () => {
    expect(parseNumber('1.5', ITEMS)).toEqual({ ok: true, value: 1n });
    expect(parseNumber('1K', ITEMS).ok).toBe(false);
  });
  test('no floating point is involved: 2^53 + 1 bytes stay what they are', () => {
    expect(parseNumber('9007199254740993', BYTES)).toEqual({ ok: true, value: 9_007_199_254_740_993n });
  });
});

describe('pairs', () => {
  test.each([
    ['5', '5'],
    ['5:6', '5:6'],
    ['1:', '1:0'],
    [':5', '0:5'],
    ['', '0'],
    ['unlimited', 'unlimited'],
    ['unlimited:', 'unlimited:0'],
    ['100:unlimited', '100:unlimited'],
    ['7:7', '7'],
    ['1M:2M', '1048576:2097152'],
  ])('%o is kept as %o', (text, kept) => {
    const pair = parsePair(text, BYTES);
    expect(pair.ok && printPair(pair)).toBe(kept);
  });
  test.each(['1:2:3', '5 :6', 'a:1', '1:-1'])('%o is refused', (text) => expect(parsePair(text, BYTES).ok).toBe(false));
});

describe('bitmaps', () => {
  test.each([
    ['0', '0'],
    ['0,1,2,3', '0-3'],
    ['5,1', '1,5'],
    ['1-1', '1'],
    ['0,0', '0'],
    ['0-4095', 'all'],
    ['all', 'all'],
    ['0-2,7', '0-2,7'],
  ])('%o is kept as %o', (text, kept) => expect(printBitmap(parseBitmap(text) ?? [])).toBe(kept));
  test.each(['', '4096', '3-1', '0-', '1,,2', '0 1', 'all,1', 'ALL'])('%o is refused', (text) => expect(parseBitmap(text)).toBeNull());
});

test.each([
  [1.5, '1.5'],
  [0, '0'],
  [-1, '-1'],
  [1.123456789, '1.12346'],
  [100_000_000, '1e+08'],
  [0.00001, '1e-05'],
  [Number.NaN, 'nan'],
  [1_234_567, '1.23457e+06'],
])('%%g of %d is %s', (value, text) => expect(printG(value)).toBe(text));

test.each([
  [0, '0 B'],
  [1536, '1.5 KiB'],
  [268_435_456, '256 MiB'],
  [1_099_511_627_776, '1 TiB'],
])('%d bytes for people', (bytes, text) => expect(humanBytes(bytes)).toBe(text));

test.each([
  [0, '0'],
  [-999, '-999'],
  [1000, '1,000'],
  [-123_456, '-123,456'],
  [9_007_199_254_740_991, '9,007,199,254,740,991'],
])('%d in groups of digits', (n, text) => expect(grouped(n)).toBe(text));
