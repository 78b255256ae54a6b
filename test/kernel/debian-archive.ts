// Where a stock Debian 12 is kept that was built by the recipe as it is now: in the user's cache, across runs.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const SOURCES = ['recipes.ts', 'build.ts'].map((name) => new URL(`../../src/engine/template/${name}`, import.meta.url).pathname);

/** There or not. */
export function debianArchive(): string {
  const recipe = Buffer.concat(SOURCES.map((file) => readFileSync(file)));
  const key = createHash('sha256').update(recipe).digest('hex').slice(0, 16);
  return join(homedir(), '.cache', 'vzdeck', `debian-12-${key}.tar.zst`);
}
