// What two set-ups make at once is whole at any moment, and neither of them fails for the other one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dropOlder, place } from '../../scripts/setup/place.mjs';

const MODULE = new URL('../../scripts/setup/place.mjs', import.meta.url).href;
const SIZE = 1 << 20;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vzdeck-place-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('several that place the same file each do it whole', async () => {
  const file = join(folder, 'made');
  const maker = (letter: string): string =>
    `import { place } from '${MODULE}'; for (let i = 0; i < 100; i++) place('${file}', '${letter}'.repeat(${SIZE}));`;
  place(file, 'z'.repeat(SIZE));
  const makers = ['a', 'b', 'c'].map((letter) => spawn(process.execPath, ['--input-type=module', '-e', maker(letter)], { stdio: 'pipe' }));
  let left = makers.length;
  const ended = Promise.all(makers.map(async (one) => [await once(one, 'exit'), left--][0]));
  try {
    while (left > 0) {
      expect(readFileSync(file, 'latin1')).toMatch(new RegExp(`^(.)\\1{${SIZE - 1}}$`));
      await new Promise(setImmediate);
    }
  } finally {
    for (const one of makers) one.kill('SIGKILL');
    await ended;
  }
  expect(await ended).toEqual([0, 0, 0].map((status) => [status, null]));
  expect(readdirSync(folder)).toEqual(['made']);
});

test('what a killed one has left goes when it is old, and nothing else', () => {
  for (const name of ['old.1.new', 'young.2.new', 'kept']) writeFileSync(join(folder, name), '');
  for (const name of ['old.1.new', 'kept']) utimesSync(join(folder, name), 0, 0);
  dropOlder(folder, 60_000, (name: string) => name.endsWith('.new'));
  expect(readdirSync(folder).sort()).toEqual(['kept', 'young.2.new']);
});
