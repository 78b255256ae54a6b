import { expect, test } from 'vitest';
import { parseStall } from '../../../src/engine/account/pressure.ts';
import { commandText, insideId, parseIdMap, parseIds, parseStat } from '../../../src/engine/account/process-stat.ts';
import { parseUsers } from '../../../src/engine/ct/user-names.ts';

const STAT =
  '4242 (a) R 1 (b) S 17 4242 4242 0 -1 4194560 183 0 0 0 250 50 0 0 20 5 3 0 987654 1234567 89 18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n';

test('fields of stat count from the last parenthesis: the name is whatever the process likes', () => {
  expect(parseStat(STAT)).toEqual({
    name: 'a) R 1 (b',
    state: 'S',
    parent: 17,
    ticks: 300,
    nice: 5,
    threads: 3,
    startTime: 987654n,
    pages: 89,
  });
  expect(parseStat('')).toBeNull();
});

test.each([
  ['Uid:\t0\t1879048192\t0\t0\nNSpid:\t4242\t7\n', { uid: 1879048192, inner: 7 }],
  ['Uid:\t0\t5\t0\t0\nNSpid:\t4242\t7\t1\n', { uid: 5, inner: 7 }],
  ['Uid:\t0\t5\t0\t0\nNSpid:\t4242\n', { uid: 5, inner: null }],
  ['', { uid: 0, inner: null }],
])('ids of %j', (text, ids) => {
  expect(parseIds(text)).toEqual(ids);
});

test('an id is what the map says, and nothing outside of it', () => {
  const map = parseIdMap('         0 1879048192      65536\n     70000 5 1\n');
  expect([1879048192, 1879048192 + 65_535, 5].map((id) => insideId(map, id))).toEqual([0, 65_535, 70_000]);
  expect([0, 4, 6, 1879048191, 1879048192 + 65_536].map((id) => insideId(map, id))).toEqual([null, null, null, null, null]);
  expect(parseIdMap('')).toEqual([]);
});

test.each([
  ['sleep\x001\x002\x00', 'sleep 1 2'],
  [null, '[name]'],
  ['', '[name]'],
  ['\0\0', '[name]'],
  ['a\x1b[2J\nb\u202e', 'a?[2J?b?'],
  ['x'.repeat(5000), 'x'.repeat(1024)],
])('command line %j', (text, shown) => {
  expect(commandText(text, 'name')).toBe(shown);
});

test('pressure is the line of those who waited, or nothing', () => {
  expect(parseStall('some avg10=1.50 avg60=0.25 avg300=0.00 total=41\nfull avg10=9.00 avg60=9.00 avg300=0.00 total=1\n')).toEqual({
    avg10: 1.5,
    avg60: 0.25,
    total: 41,
  });
  expect(parseStall('')).toBeNull();
});

test('of a hostile passwd only names remain, the first for each id', () => {
  const text =
    'root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:\n\x1b[2J:x:1:1\nbin:x:2\n-a:x:3:3:\nwww-data:x:33:33:w:/:/bin/sh\n:x:4:4:\nnobody:x:x:1:\n';
  expect([...parseUsers(text)]).toEqual([
    [0, 'root'],
    [33, 'www-data'],
  ]);
});
