// Which file a machine runs next.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepTimes, Queue, readTimes } from './queue.ts';

test('files go to whoever is free, those that have never run and the longest first; what each took is what its machine spent meanwhile', () => {
  const queue = new Queue(['short', 'long', 'new', 'longer'], { short: 1, long: 20, longer: 21.5 });
  expect([queue.next(0, 5), queue.next(1, 100)]).toEqual(['new', 'longer']);
  expect(queue.times).toEqual({});
  expect([queue.next(1, 123.04), queue.next(1, 140)]).toEqual(['long', 'short']);
  expect([queue.next(0, 9), queue.next(1, 141), queue.next(1, 150)]).toEqual([null, null, null]);
  expect(queue.times).toEqual({ longer: 23, long: 17, new: 4, short: 1 });
});

test('a machine that has something to do afterwards leaves the last files to the others', () => {
  const queue = new Queue(['a', 'b', 'c'], { a: 9, b: 3, c: 2 }, [5]);
  expect([queue.next(0, 0), queue.next(0, 0), queue.next(1, 0), queue.next(1, 0), queue.next(1, 0)]).toEqual(['a', null, 'b', 'c', null]);
});

test('a file whose tests were all skipped when it ran last takes no time, and is run all the same', () => {
  const queue = new Queue(['a', 'b'], { a: 0, b: 0 }, [5]);
  expect([queue.next(0, 0), queue.next(1, 0), queue.next(1, 0), queue.next(1, 0)]).toEqual([null, 'a', 'b', null]);
});

test('times are kept for the next run, beside those of files that did not run', () => {
  const dir = mkdtempSync(join(tmpdir(), 'vzdeck-times-'));
  const file = join(dir, 'times.json');
  expect(readTimes(file)).toEqual({});
  keepTimes(file, { a: 1, b: 2 });
  keepTimes(file, { b: 3 });
  expect(readTimes(file)).toEqual({ a: 1, b: 3 });
  rmSync(dir, { recursive: true });
});
