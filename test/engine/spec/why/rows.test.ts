// What nobody has looked at is not told to have been watched.
import { expect, test } from 'vitest';
import { unwatchedFor } from '../../../../src/engine/spec/why/rows.ts';

test.each([
  ['never looked at', 600, 0, 600],
  ['looked at since a second after it began', 62, 61, 62],
  ['looked at since it began', 62, 62, null],
  ['older, looked at for the last hour', 90_000, 3600, null],
  ['older, where a look came late', 90_000, 3590, null],
  ['older, looked at for half of it', 90_000, 1800, 90_000],
])('%s', (_, counted, reach, seconds) => {
  expect(unwatchedFor(counted, reach)).toBe(seconds);
});
