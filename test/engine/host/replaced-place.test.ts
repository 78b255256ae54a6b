// A small file that is replaced in its place, for whoever reads it meanwhile on another processor.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vzdeck-place-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const LENGTH = 2730;

/** Which letters one reading has in it, and its length. */
const READER = `
const { openSync, readSync } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');
const bytes = Buffer.alloc(4096);
const found = new Set();
const fd = openSync(workerData.path, 'r');
for (let n = 0; n < 100000; n++) {
  const length = readSync(fd, bytes, 0, bytes.length, 0);
  const told = bytes.subarray(0, length);
  found.add(['a', 'b', '\\0'].filter((letter) => told.includes(letter)).join('') + length);
}
Atomics.store(workerData.ended, 0, 1);
parentPort.postMessage([...found]);
`;

it('has what was there, nothing, or all of what comes, and never some of both', async () => {
  const path = join(root, 'place');
  writeFileSync(path, 'a'.repeat(LENGTH));
  const file = linuxFiles.openPlaces(path, 0o600);
  const texts = [Buffer.alloc(LENGTH, 'b'), Buffer.alloc(LENGTH, 'a')];
  const ended = new Int32Array(new SharedArrayBuffer(4));
  const reader = new Worker(READER, { eval: true, workerData: { path, ended } });
  const seen = new Promise<readonly string[]>((resolve, reject) => {
    reader.on('message', resolve);
    reader.on('error', reject);
  });
  while (Atomics.load(ended, 0) === 0) for (const text of texts) file.replace(text);
  // a page that is not there yet is read as zeros
  expect(['0', `a${LENGTH}`, `b${LENGTH}`, `\0${LENGTH}`]).toEqual(expect.arrayContaining([...(await seen)]));
  file.close();
});
