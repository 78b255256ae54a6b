import { describe, expect, test } from 'vitest';
import type { CtUbc, UbcRow } from '../../../src/engine/spec/ubc-rows.ts';
import {
  bcResourcesText,
  ctResourcesText,
  parseUbcText,
  printUbcText,
  type UbcText,
  userBeancountersText,
} from '../../../src/engine/spec/ubc-text.ts';
import { UNLIMITED } from '../../../src/engine/spec/units.ts';
import { SEED, seeded } from './seeded.ts';

const HEAD = `Version: 2.5
       uid  resource                     held              maxheld              barrier                limit              failcnt
`;
const OLD_KERNEL = `Version: 2.5
       uid  resource           held    maxheld    barrier      limit    failcnt
      101:  kmemsize         803866    1246758    2457600    2621440          0
            lockedpages           0          0         32         32          0
            numpty                1          2         16 2147483647          3
`;

const row = (name: string, figures: Partial<UbcRow> = {}): UbcRow => ({
  name,
  held: 0,
  maxheld: 0,
  barrier: UNLIMITED,
  limit: UNLIMITED,
  failcnt: 0,
  source: 'none',
  failSource: 'none',
  enforced: 'accounting-only',
  reason: '',
  ...figures,
});

const WEB: CtUbc = {
  id: 101,
  running: true,
  rows: [
    row('swappages', { held: 3, limit: 512n }),
    row('numproc', { held: 12, maxheld: 20, barrier: 240n, limit: 240n, failcnt: 7 }),
    row('kmemsize'),
  ],
};

describe('as the kernels of OpenVZ print it', () => {
  test('user_beancounters has dummies in the places of old and knows no swappages', () => {
    expect(userBeancountersText([WEB])).toBe(`${HEAD}\
      101:  kmemsize                        0                    0  9223372036854775807  9223372036854775807                    0
            dummy                           0                    0                    0                    0                    0
            numproc                        12                   20                  240                  240                    7
            dummy                           0                    0                    0                    0                    0
            dummy                           0                    0                    0                    0                    0
            dummy                           0                    0                    0                    0                    0
`);
  });

  test('/proc/bc has no dummies, and ends with swappages', () => {
    const rows = `\
kmemsize                        0                    0  9223372036854775807  9223372036854775807                    0
            numproc                        12                   20                  240                  240                    7
            swappages                       3                    0  9223372036854775807                  512                    0
`;
    expect(bcResourcesText([WEB])).toBe(`${HEAD}      101:  ${rows}`);
    expect(ctResourcesText(WEB)).toBe(`            ${rows}`);
  });

  test('no containers: the head alone', () => expect(userBeancountersText([])).toBe(HEAD));
});

describe('read', () => {
  test('columns of 32-bit kernels are known by the head, and printed so again', () => {
    const read = parseUbcText(OLD_KERNEL);
    expect(read.width).toBe(10);
    expect(read.accounts[0]?.rows[2]).toEqual({ name: 'numpty', held: 1n, maxheld: 2n, barrier: 16n, limit: 2_147_483_647n, failcnt: 3n });
    expect(printUbcText(read)).toBe(OLD_KERNEL);
  });

  test('rows alone are those of one container that is not named', () => {
    const { version, accounts } = parseUbcText(ctResourcesText(WEB));
    expect(version).toBeNull();
    expect(accounts.map(({ id, rows }) => [id, rows.length])).toEqual([[null, 3]]);
  });

  test('what is no row is passed over', () => {
    const text = `Version: 3.0\n\0\x1b[2J garbage\n  101:  numproc 1 2 3\n        numproc -1 2 3 4 5\n        numproc 1 2 3 4 ${'9'.repeat(400)}\n`;
    expect(parseUbcText(text)).toEqual({ version: '3.0', width: 20, accounts: [{ id: 101, rows: [] }] });
  });
});

test('whatever is printed is read back as it was', () => {
  const random = seeded(SEED);
  const figure = (): bigint => random.pick([0n, 1n, BigInt(random.below(2 ** 31)), UNLIMITED, 18_446_744_073_709_551_615n]);
  for (let round = 0; round < 300; round++) {
    const text: UbcText = {
      version: '2.5',
      width: 20,
      accounts: Array.from({ length: random.below(4) }, (_, at) => ({
        id: at * 100_000_007,
        rows: Array.from({ length: 1 + random.below(24) }, () => ({
          name: random.pick(['kmemsize', 'dummy', 'numothersock', 'othersockbuf']),
          held: figure(),
          maxheld: figure(),
          barrier: figure(),
          limit: figure(),
          failcnt: figure(),
        })),
      })),
    };
    const printed = printUbcText(text);
    expect(parseUbcText(printed)).toEqual(text);
    expect(printUbcText(parseUbcText(printed))).toBe(printed);
  }
});

test('random bytes are read without harm', () => {
  const random = seeded(SEED + 1);
  for (let round = 0; round < 300; round++) {
    const text = random.text('0123456789:  \n\n\tabcdefVersion\0\u00ff', 400);
    for (const { rows } of parseUbcText(text).accounts) for (const { held } of rows) expect(held >= 0n).toBe(true);
  }
});
