// Waiting for what a file says, on real files: told by the kernel, or looked at again and again where it tells nothing.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { untilFile } from '../../../src/engine/watch/file.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vzdeck-file-'));
  path = join(dir, 'state');
  writeFileSync(path, 'frozen 0\n');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const frozen = (text: string): boolean => text.includes('frozen 1');
const never = new AbortController().signal;

test.each([true, false])('ends with the change that is waited for, told: %s', async (told) => {
  let over = false;
  const wait = untilFile(linuxFiles, path, told, frozen, never).then(() => {
    over = true;
  });
  writeFileSync(path, 'frozen 0\nmore\n');
  await new Promise(setImmediate);
  expect(over).toBe(false);
  writeFileSync(path, 'frozen 1\n');
  await wait;
});

test('ends at once where it is so already, and where there is no file at the signal', async () => {
  writeFileSync(path, 'frozen 1\n');
  await untilFile(linuxFiles, path, true, frozen, never);
  const over = new AbortController();
  const wait = untilFile(linuxFiles, join(dir, 'gone'), true, frozen, over.signal);
  over.abort();
  await wait;
});

test.each([true, false])('is given up by the signal, and watches nothing any more, told: %s', async (told) => {
  let watches = 0;
  const files = {
    ...linuxFiles,
    watch: (file: string, changed: () => void) => {
      const end = linuxFiles.watch(file, changed);
      watches++;
      return () => {
        watches--;
        end();
      };
    },
  };
  const over = new AbortController();
  const wait = untilFile(files, path, told, frozen, over.signal);
  expect(watches).toBe(told ? 1 : 0);
  over.abort();
  await wait;
  expect(watches).toBe(0);
});
