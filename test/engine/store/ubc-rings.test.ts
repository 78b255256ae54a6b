import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import type { Files } from '../../../src/engine/host/port.ts';
import {
  type NewRecord,
  openRings,
  RECORD_BYTES,
  type RingReader,
  type RingRecord,
  type RingShape,
  readRings,
} from '../../../src/engine/store/ubc-rings.ts';

const SHAPE: RingShape = { rows: ['numproc', 'physpages'], counts: [5, 3] };
const FIRST_RING = 4096;

let dir = '';
let path = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vzdeck-rings-'));
  path = join(dir, '101');
});
afterEach(() => rmSync(dir, { recursive: true }));

const look = (n: number): NewRecord => ({ at: 1000 * n, up: 500 * n, boot: 7, upto: n, held: [n, 10 * n], failcnt: [n, 0] });
const found = (n: number): Parameters<ReturnType<typeof openRings>['state']>[0] => ({
  life: `boot ${n}`,
  at: n,
  epoch: 3,
  failcnt: [n, 2 ** 40],
  maxheld: [0, n + 0.5],
});
const allOf = (rings: RingReader, ring: number): readonly RingRecord[] => rings.records(ring, 1, rings.last(ring));
const numbers = (ring: number): readonly number[] => allOf(readRings(linuxFiles, path, SHAPE), ring).map(({ number }) => number);

function written(records: number): void {
  const rings = openRings(linuxFiles, path, SHAPE);
  for (let n = 1; n <= records; n++) {
    rings.append(0, look(n));
    if (n % 2 === 0) rings.append(1, look(n));
    rings.state(found(n));
  }
  rings.close();
}

describe('rings', () => {
  it('keep the newest records in order, go on where the writer before ended, and never grow', () => {
    written(3);
    expect([numbers(0), numbers(1)]).toEqual([[1, 2, 3], [1]]);
    written(20);
    expect([numbers(0), numbers(1)]).toEqual([
      [19, 20, 21, 22, 23],
      [9, 10, 11],
    ]);
    const size = FIRST_RING + 8 * RECORD_BYTES;
    expect(statSync(path).size).toBe(size);
    written(1000);
    expect(statSync(path).size).toBe(size);
    const rings = readRings(linuxFiles, path, SHAPE);
    const [last] = rings.records(0, rings.last(0), rings.last(0));
    expect({ ...last, held: [...(last?.held ?? [])].slice(0, 2), failcnt: [...(last?.failcnt ?? [])].slice(0, 2) }).toEqual({
      ...look(1000),
      number: 1023,
    });
    expect(rings.statement()).toEqual({
      life: 'boot 1000',
      at: 1000,
      epoch: 3,
      rows: new Map([
        ['numproc', { failcnt: 1000, maxheld: 0 }],
        ['physpages', { failcnt: 2 ** 40, maxheld: 1000.5 }],
      ]),
    });
  });

  it('of a file that is not there, is empty, or has other rows there is nothing', () => {
    expect([numbers(0), readRings(linuxFiles, path, SHAPE).statement()]).toEqual([[], null]);
    writeFileSync(path, '');
    expect([numbers(0), readRings(linuxFiles, path, SHAPE).statement()]).toEqual([[], null]);
    written(4);
    const other: RingShape = { ...SHAPE, rows: ['numproc', 'swappages'] };
    expect(readRings(linuxFiles, path, other).statement()).toBeNull();
    const anew = openRings(linuxFiles, path, other);
    expect([anew.last(0), anew.last(1), anew.statement()]).toEqual([0, 0, null]);
    anew.close();
  });

  it('a byte that is damaged costs the record that it is in, never another, and never throws', () => {
    written(7);
    const whole = readFileSync(path);
    const recordsOf = (rings: RingReader): readonly string[] =>
      [0, 1].flatMap((ring) =>
        allOf(rings, ring).map(({ number, held, failcnt }) => `${ring} ${number} ${held[0]} ${held[1]} ${failcnt[0]}`),
      );
    const good = readRings(linuxFiles, path, SHAPE);
    const [all, statement] = [recordsOf(good), JSON.stringify(good.statement())];
    const wrong: unknown[] = [];
    for (let at = 0; at < whole.length; at++) {
      const bad = Buffer.from(whole);
      bad[at] = (bad[at] as number) ^ 0x55;
      const files = { readAt: (_: string, from: number, most: number) => bad.subarray(from, from + most) } as unknown as Files;
      const rings = readRings(files, path, SHAPE);
      const left = recordsOf(rings);
      const fits = left.length === all.length - (at >= FIRST_RING ? 1 : 0) && left.every((record) => all.includes(record));
      // the one before it stands in for the newest
      const told = rings.statement();
      const same = JSON.stringify(told) === statement;
      const stated = at < 1024 || at >= FIRST_RING ? same : same || told?.at === 6;
      if (!fits || !stated) wrong.push([at, left, told]);
    }
    expect([whole.length, wrong]).toEqual([FIRST_RING + 8 * RECORD_BYTES, []]);
  });

  it('cut off at any length they have what is whole, and a writer goes on', () => {
    written(7);
    const whole = readFileSync(path);
    for (let length = whole.length; length >= 0; length -= 61) {
      writeFileSync(path, whole.subarray(0, length));
      const rings = openRings(linuxFiles, path, SHAPE);
      const last = rings.last(0);
      rings.append(0, look(last + 1));
      rings.state(found(9));
      expect([rings.last(0), rings.statement()?.at]).toEqual([last + 1, 9]);
      rings.close();
    }
    truncateSync(path, 0);
  });
});
