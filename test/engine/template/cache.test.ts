// Which archive a template's name means, and what goes with its removal.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import { findTemplate, listTemplates, removeTemplate } from '../../../src/engine/template/cache.ts';

const host = openLinuxHost('/', undefined as never);
let cache: string;
let embedded: string;
beforeEach(() => {
  const top = mkdtempSync(join(tmpdir(), 'vzdeck-cache-'));
  cache = join(top, 'cache');
  embedded = join(top, 'embedded');
  for (const dir of [cache, embedded]) mkdirSync(dir);
});
afterEach(() => rmSync(join(cache, '..'), { recursive: true, force: true }));

const put = (dir: string, ...names: readonly string[]): void => {
  for (const name of names) writeFileSync(join(dir, name), name);
};
const fileOf = (name: string): string | undefined => findTemplate(host, [cache, embedded], name)?.file;

test('the order is that of vzctl, then zst; the cache comes before what is embedded', () => {
  put(embedded, 'a.tar', 'b.tar.zst');
  put(cache, 'a.tar.zst', 'a.tar.xz', 'a.tar.bz2', 'a.tar.gz', 'a.tar');
  for (const suffix of ['', '.gz', '.bz2', '.xz', '.zst']) {
    expect(fileOf('a')).toBe(join(cache, `a.tar${suffix}`));
    rmSync(join(cache, `a.tar${suffix}`));
  }
  expect(fileOf('a')).toBe(join(embedded, 'a.tar'));
  expect(fileOf('b')).toBe(join(embedded, 'b.tar.zst'));
  expect(fileOf('c')).toBeUndefined();
});

test('a name never leads out of the cache', () => {
  put(join(cache, '..'), 'secret.tar');
  for (const name of ['../secret', '..', '.', '', '/', 'x/..', '.hidden']) expect(fileOf(name), name).toBeUndefined();
  put(cache, 'real.tar');
  expect(fileOf('/somewhere/real')).toBe(join(cache, 'real.tar'));
});

test('a directory is no archive', () => {
  mkdirSync(join(cache, 'd.tar'));
  expect(fileOf('d')).toBeUndefined();
});

test('the list has each name once, sorted, with size and nothing else that lies about', () => {
  put(embedded, 'busybox.tar.zst');
  put(cache, 'b.tar', 'a.tar.gz', 'a.tar.xz', 'notes.txt', '.build-c.tar', 'half.tar.gz.part');
  mkdirSync(join(cache, 'a'));
  expect(listTemplates(host, [cache, embedded]).map((t) => [t.name, t.file, t.size])).toEqual([
    ['a', join(cache, 'a.tar.gz'), 8],
    ['b', join(cache, 'b.tar'), 5],
    ['busybox', join(embedded, 'busybox.tar.zst'), 15],
  ]);
  expect(listTemplates(host, [join(cache, 'missing')])).toEqual([]);
});

test('removal takes all archives of the name and the shared tree, and nothing of another', async () => {
  put(cache, 'a.tar.gz', 'a.tar.zst', 'ab.tar', '.a.lock');
  mkdirSync(join(cache, 'a/etc'), { recursive: true });
  await removeTemplate(host, [cache, embedded], 'a');
  expect(readdirSync(cache)).toEqual(['ab.tar']);
  await expect(removeTemplate(host, [cache, embedded], 'a')).rejects.toMatchObject({ code: 'template-missing', exit: 91 });
});

test('what came with the program stays', async () => {
  put(embedded, 'busybox.tar.zst');
  await expect(removeTemplate(host, [cache, embedded], 'busybox')).rejects.toMatchObject({ code: 'template-embedded' });
  expect(existsSync(join(embedded, 'busybox.tar.zst'))).toBe(true);
});

test.each(['..', '.', '', 'x/..'])('"%s" removes nothing', async (name) => {
  put(cache, 'kept.tar');
  await expect(removeTemplate(host, [cache, embedded], name)).rejects.toMatchObject({ code: 'template-missing' });
  expect(readdirSync(cache)).toEqual(['kept.tar']);
});
