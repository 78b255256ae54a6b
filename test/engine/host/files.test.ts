// Files of the machine where a kernel answers otherwise than a disk would.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';

test('a file system that counts no blocks is no full one', () => {
  expect(linuxFiles.statfs('/proc').free).toBe(Number.POSITIVE_INFINITY);
  expect(linuxFiles.statfs('/').free).toBeLessThan(Number.POSITIVE_INFINITY);
});

test('only files are read: a fifo in the place of one holds nobody, and what it is is told', () => {
  const dir = mkdtempSync(join(tmpdir(), 'vzdeck-files-'));
  try {
    const fifo = join(dir, 'fifo');
    expect(spawnSync('mkfifo', [fifo]).status).toBe(0);
    for (const read of [linuxFiles.read, linuxFiles.readBytes]) {
      expect(() => read(fifo)).toThrow(expect.objectContaining({ code: 'ENOTREG', path: fifo }));
      expect(() => read(dir)).toThrow(expect.objectContaining({ code: 'EISDIR', path: dir }));
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
});
