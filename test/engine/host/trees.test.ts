// Directories above a path, and the removal of whole trees.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { runProgram } from '../../../src/engine/host/linux/run.ts';
import { above, nearest } from '../../../src/engine/host/paths.ts';
import { removeTree } from '../../../src/engine/host/remove-tree.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vzdeck-trees-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('what is above a path, and what of it is there', () => {
  expect(['/a/b/c', '/a', '/'].map(above)).toEqual(['/a/b', '/', '/']);
  expect(nearest(linuxFiles, `${root}/not/there`)).toBe(root);
  expect(nearest(linuxFiles, root)).toBe(root);
  expect(nearest(linuxFiles, '/nowhere/at/all')).toBe('/');
});

test('a tree goes with all that is in it, whatever its name; nothing is no error', async () => {
  mkdirSync(join(root, '-rf x/deep'), { recursive: true });
  writeFileSync(join(root, '-rf x/deep/file'), '');
  await removeTree({ run: runProgram }, join(root, '-rf x'));
  await removeTree({ run: runProgram }, join(root, 'none'));
  expect(readdirSync(root)).toEqual([]);
});

test('one that does not go is told with the reason', async () => {
  const run = async () => ({
    status: 1,
    stdout: '',
    stderr: "rm: cannot remove '/x/a'\nrm: cannot remove '/x': Device or resource busy\n",
  });
  await expect(removeTree({ run }, '/x')).rejects.toMatchObject({
    exit: 52,
    message: "Unable to delete /x: rm: cannot remove '/x': Device or resource busy",
  });
});
