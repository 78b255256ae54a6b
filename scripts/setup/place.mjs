// Files that appear whole, by rename, whoever makes the same ones at the same time.
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a file is called until it is whole: by its maker, so that two of them never write into one. */
export const growing = (path) => `${path}.${process.pid}.new`;

/** @param {string | Uint8Array} contents */
export function place(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(growing(path), contents);
  renameSync(growing(path), path);
}

/** Removes files of a directory by name that nobody has written to for so long; somebody else may remove the same. */
export function dropOlder(dir, milliseconds, isOld) {
  for (const name of readdirSync(dir)) {
    const file = join(dir, name);
    const { mtimeMs = Number.POSITIVE_INFINITY } = (isOld(name) && statSync(file, { throwIfNoEntry: false })) || {};
    if (Date.now() - mtimeMs > milliseconds) rmSync(file, { force: true });
  }
}
