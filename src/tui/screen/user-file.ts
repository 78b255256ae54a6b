// A small text file of the person at the keyboard: below the configuration home (XDG Base Directory Specification), or in the prefix that
// has all state. Knows not what is in it.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Environment } from './capability.ts';

const MAX_SIZE = 64 * 1024;

/** Path of a file of ours; null where the environment names no home. A prefix has its own, as it has its own etc/vz. */
export function userFile(env: Environment, name: string): string | null {
  const prefix = env['VZDECK_ROOT']?.replace(/\/+$/, '') ?? '';
  if (prefix !== '') return join(prefix, 'etc/vzdeck', name);
  const home = env['XDG_CONFIG_HOME'] || (env['HOME'] ? join(env['HOME'], '.config') : '');
  return home.startsWith('/') ? join(home, 'vzdeck', name) : null;
}

/** The text, null when there is none that can be read. */
export function readUserFile(path: string | null): string | null {
  if (path === null) return null;
  try {
    const text = readFileSync(path, 'utf8');
    return text.length > MAX_SIZE ? null : text;
  } catch {
    return null;
  }
}

/** Writes it by rename, for its owner alone; false where that is not possible (a read-only home is no reason to fail). */
export function writeUserFile(path: string | null, text: string): boolean {
  if (path === null) return false;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return true;
  } catch {
    return false;
  }
}
