import { describe, expect, test } from 'vitest';
import type { CtSample } from '../../../src/engine/index.ts';
import { COLUMN_IDS, columnOf } from '../../../src/tui/store/columns.ts';
import { filterRows, followCursor, placeCursor, sortRows } from '../../../src/tui/store/rows.ts';
import { MIB, sampleOf, stoppedOf } from '../fake-engine.ts';

const web = sampleOf(101, { name: 'web', ips: ['10.0.0.101'], cpu: 12, numproc: { held: 60, limit: 60, failcnt: 4 } });
const db = sampleOf(102, { name: 'db', hostname: 'db.example.org', cpu: 50, memory: { held: 100 * MIB, limit: null, failcnt: 0 } });
const old = stoppedOf(103, { name: 'old', trouble: 'Init exited with 127' });
const plain = stoppedOf(9);
const rows = [plain, web, db, old];
const ids = (list: readonly { id: number }[]): number[] => list.map((row) => row.id);

describe('filterRows', () => {
  test.each([
    ['', [9, 101, 102, 103]],
    ['WEB', [101]],
    ['example running', [102]],
    ['10.0.0', [101]],
    ['failed', [103]],
    ['simfs 10', [101, 102, 103]],
    ['stopped', [9, 103]],
    ['web db', []],
  ])('%j keeps %j', (filter, expected) => {
    expect(ids(filterRows(rows, filter))).toEqual(expected);
  });

  test('hands the same array back when there is nothing to filter by', () => {
    expect(filterRows(rows, '  ')).toBe(rows);
  });
});

describe('sortRows', () => {
  test('by name, containers without one at the end in both directions', () => {
    expect(ids(sortRows(rows, { column: 'name', descending: false }))).toEqual([102, 103, 101, 9]);
    expect(ids(sortRows(rows, { column: 'name', descending: true }))).toEqual([101, 103, 102, 9]);
  });

  test('by CPU, what does not run at the end', () => {
    expect(ids(sortRows(rows, { column: 'cpu', descending: true }))).toEqual([102, 101, 9, 103]);
  });

  test('by what only a running one has: a suspended one stands with those that are stopped', () => {
    const asleep = sampleOf(5, { state: 'suspended', init: null });
    for (const column of ['numproc', 'mem', 'uptime'])
      for (const descending of [false, true])
        expect(ids(sortRows([asleep, plain, db], { column, descending })), `${column} ${descending}`).toEqual([102, 5, 9]);
  });

  test('by status, trouble first', () => {
    expect(ids(sortRows(rows, { column: 'status', descending: false }))[0]).toBe(103);
  });

  test('by address in the order of numbers', () => {
    const at = (id: number, ip: string): CtSample => sampleOf(id, { ips: [ip] });
    expect(ids(sortRows([at(1, '10.0.0.10'), at(2, '10.0.0.9'), plain], { column: 'ip', descending: false }))).toEqual([2, 1, 9]);
  });

  test('by a field of vzlist, what carries none at the end', () => {
    const with_ = (id: number, held: bigint): CtSample => sampleOf(id, { fields: { 'kmemsize.b': held } });
    const unsorted = [plain, with_(1, 5n), with_(2, 2n ** 63n - 1n), with_(3, 70n)];
    expect(ids(sortRows(unsorted, { column: 'kmemsize.b', descending: true }))).toEqual([2, 3, 1, 9]);
  });

  test.each(COLUMN_IDS)('by %s is stable: equal rows stand in the order of their CTIDs', (column) => {
    const same = [sampleOf(3), sampleOf(1), sampleOf(2)];
    const key = (row: CtSample): number | string | null => columnOf(column).value(row);
    const sorted = sortRows(same, { column, descending: false });
    if (column !== 'ctid') expect(new Set(same.map(key)).size).toBe(1);
    expect(ids(sorted)).toEqual([1, 2, 3]);
  });
});

describe('the cursor', () => {
  const at = { ct: 102, index: 2, top: 0 };

  test('stays on its container while rows move', () => {
    expect(followCursor(at, [db, web, old], 10)).toEqual({ ct: 102, index: 0, top: 0 });
  });

  test('stays at its place when its container is gone', () => {
    expect(followCursor(at, [plain, web, old], 10)).toEqual({ ct: 103, index: 2, top: 0 });
    expect(followCursor(at, [plain], 10)).toEqual({ ct: 9, index: 0, top: 0 });
    expect(followCursor(at, [], 10)).toEqual({ ct: null, index: 0, top: 0 });
  });

  test('goes to a container that is awaited when it comes, and stays where it is until then', () => {
    const waiting = followCursor({ ...at, next: 103 }, [db, web], 10);
    expect(waiting).toEqual({ ct: 102, index: 0, top: 0, next: 103 });
    expect(followCursor(waiting, [db, web, old], 10)).toEqual({ ct: 103, index: 2, top: 0 });
    expect(placeCursor(waiting, [db, web], 1, 10)).toEqual({ ct: 101, index: 1, top: 0 });
  });

  test('is the same object when nothing moved', () => {
    expect(followCursor(at, rows, 10)).toBe(at);
  });

  test('scrolls no more than needed, and never past the end', () => {
    const many = Array.from({ length: 100 }, (_, i) => sampleOf(i + 1));
    const down = placeCursor({ ct: 1, index: 0, top: 0 }, many, 10, 10);
    expect(down).toEqual({ ct: 11, index: 10, top: 1 });
    expect(placeCursor(down, many, 5, 10).top).toBe(1);
    expect(placeCursor(down, many, 0, 10).top).toBe(0);
    expect(placeCursor(down, many, 1_000_000, 10)).toEqual({ ct: 100, index: 99, top: 90 });
    expect(placeCursor({ ct: 100, index: 99, top: 90 }, many, 99, 40).top).toBe(60);
  });
});
