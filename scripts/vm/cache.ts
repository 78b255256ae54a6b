// Where the test machine is kept between runs: a folder of the user's, which may be removed at any time. Knows nothing of what is in it.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Made when missing, closed to others: it holds a file system that is run as root. */
export function cacheDir(): string {
  const dir = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'vzdeck', 'vm');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return dir;
}

/** Removes what begins like `keep` does up to its dash ("image-", "state-") but is not it; a machine that runs from it holds what it needs open. */
export function dropOthers(dir: string, keep: string): void {
  const kind = keep.slice(0, keep.indexOf('-') + 1);
  for (const name of readdirSync(dir))
    if (name.startsWith(kind) && name !== keep) rmSync(join(dir, name), { recursive: true, force: true });
}

/** A folder for what is being made, beside its place. Those of processes that are gone are removed. */
export function workIn(dir: string): string {
  for (const name of readdirSync(dir)) {
    const pid = /^making-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(dir, name), { recursive: true, force: true });
  }
  return mkdtempSync(join(dir, `making-${process.pid}-`));
}
