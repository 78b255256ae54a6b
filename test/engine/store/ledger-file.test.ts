import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import type { Files, Host } from '../../../src/engine/host/port.ts';
import { emptyLedger, ended, type Ledger, merged } from '../../../src/engine/spec/ubc-ledger.ts';
import { readLedger, writeLedger } from '../../../src/engine/store/ledger-file.ts';

let dir = '';
let path = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vzdeck-ledger-'));
  path = join(dir, 'ledger', '101');
});
afterEach(() => rmSync(dir, { recursive: true }));

const host = { files: linuxFiles } as Host;
const ledgerOf = (lives: number): Ledger =>
  Array.from({ length: lives }, (_, n) => n).reduce(
    (ledger, n) =>
      ended(merged(ledger, { life: `boot ${n}`, at: 10 + n, epoch: 0, rows: new Map([['numproc', { failcnt: 5, maxheld: n }]]) })),
    emptyLedger(1),
  );
const saying = (bytes: Buffer): Files => ({ read: () => bytes.toString('utf8') }) as unknown as Files;
const countOf = (ledger: Ledger | null): number => {
  const { base = 0, failcnt = 0 } = ledger?.entries.get('numproc') ?? {};
  return base + failcnt;
};

it('is read as it was written', () => {
  expect(readLedger(linuxFiles, path, 99)).toBeNull();
  for (const lives of [1, 2, 20]) {
    writeLedger(host, path, ledgerOf(lives));
    expect(readLedger(linuxFiles, path, 99)).toEqual(ledgerOf(lives));
  }
});

it('damaged at any place it is what stood there before, and a gap says so; never a throw', () => {
  writeLedger(host, path, ledgerOf(2));
  writeLedger(host, path, ledgerOf(3));
  const whole = readFileSync(path);
  const newest = whole.indexOf('\n');
  const wrong: unknown[] = [];
  for (let at = 0; at < whole.length; at++) {
    for (const byte of [0, 0x0a, (whole[at] as number) ^ 1]) {
      if (byte === whole[at]) continue;
      const bad = Buffer.from(whole);
      bad[at] = byte;
      const read = readLedger(saying(bad), path, 99);
      // an end of line more, or one less, costs the older one as well
      const lines = byte === 0x0a || at === newest;
      const counts = at > newest ? [15] : lines ? [0, 10] : [10];
      if (!counts.includes(countOf(read)) || read?.gaps.length !== (at > newest ? 0 : 1)) wrong.push([at, byte, countOf(read)]);
    }
    if (countOf(readLedger(saying(whole.subarray(0, at)), path, 99)) !== (at < newest ? 0 : 15)) wrong.push([at, 'cut']);
  }
  expect(wrong).toEqual([]);
});

it('numbers that are none are no ledger, whatever their checksum', () => {
  writeLedger(host, path, {
    ...ledgerOf(1),
    entries: new Map([['numproc', { base: Number.NaN, failcnt: 1, maxheld: 1, ever: 1, ceiling: 0 }]]),
  });
  expect(readLedger(linuxFiles, path, 99)).toMatchObject({ gaps: [{ from: 0, to: 99 }] });
});
