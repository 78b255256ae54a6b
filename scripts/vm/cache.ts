// Where the test machine is kept between runs: a folder of the user's, which may be removed at any time. Knows nothing of what is in it.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Made when missing, closed to others: it holds a file system that is run as root. */
export function cacheDir(): string {
  const dir = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'vzdeck', 'vm');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return dir;
}

/** Milliseconds: two clones of the project take turns for a while when one of them is changed. */
const UNUSED_FOR = 24 * 3600 * 1000;

/**
 * Marks `keep` as used, and removes what begins like it up to its dash ("image-", "state-") and has not been used for a day; a machine that
 * runs from it holds what it needs open. */
export function dropUnused(dir: string, keep: string): void {
  const now = Date.now();
  utimesSync(join(dir, keep), now / 1000, now / 1000);
  const kind = keep.slice(0, keep.indexOf('-') + 1);
  for (const name of readdirSync(dir)) {
    if (!name.startsWith(kind)) continue;
    const used = statSync(join(dir, name), { throwIfNoEntry: false })?.mtimeMs ?? now;
    if (now - used > UNUSED_FOR) rmSync(join(dir, name), { recursive: true, force: true });
  }
}

/** A folder for what is being made, beside its place. Those of processes that are gone are removed. */
export function workIn(dir: string): string {
  for (const name of readdirSync(dir)) {
    const pid = /^making-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(dir, name), { recursive: true, force: true });
  }
  return mkdtempSync(join(dir, `making-${process.pid}-`));
}
