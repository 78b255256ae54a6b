// Files of the machine where a kernel answers otherwise than a disk would.
import { expect, test } from 'vitest';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';

test('a file system that counts no blocks is no full one', () => {
  expect(linuxFiles.statfs('/proc').free).toBe(Number.POSITIVE_INFINITY);
  expect(linuxFiles.statfs('/').free).toBeLessThan(Number.POSITIVE_INFINITY);
});
