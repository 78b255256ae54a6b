// Files of the machine where a kernel answers otherwise than a disk would.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

test('a text is read whole, however long, with or without a size', () => {
  const dir = mkdtempSync(join(tmpdir(), 'vzdeck-files-'));
  try {
    for (const text of ['', 'x\n', 'ä'.repeat(32_768), `a${'ä'.repeat(100_000)}`]) {
      writeFileSync(join(dir, 'text'), text);
      expect(linuxFiles.read(join(dir, 'text')) === text).toBe(true);
    }
    expect(linuxFiles.read('/proc/kallsyms')?.length).toBe(readFileSync('/proc/kallsyms', 'utf8').length);
    expect(linuxFiles.read('/proc/self/cgroup')).toBe(readFileSync('/proc/self/cgroup', 'utf8'));
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('of a file without end no more is read than was asked for, and of one that the kernel writes in pieces all of it', () => {
  expect(linuxFiles.readMost('/dev/zero', 300_001)).toHaveLength(300_001);
  const maps = linuxFiles.readMost('/proc/self/maps', 1 << 22) ?? '';
  // seq files answer with a page at most
  expect(maps.length).toBeGreaterThan(8192);
  expect(maps.endsWith('\n')).toBe(true);
  expect(linuxFiles.readMost('/proc/self/nothing', 10)).toBeNull();
});
