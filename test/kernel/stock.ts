// Templates of distributions for kernel tests: built once by our own recipes, kept in the user's cache, linked into a test's prefix.
import { copyFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openEngine } from '../../src/engine/open.ts';
import { STOCK, type StockName, stockArchive } from './stock-archive.ts';

const HOME = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
/** Milliseconds; a build takes a minute: `beforeAll(…, STOCK_TIMEOUT)`. */
export const STOCK_TIMEOUT = 300_000;

/** The file, built when it is not there. Throws what the build throws, as without a network. */
export async function builtStock(name: StockName): Promise<string> {
  const file = stockArchive(name);
  if (existsSync(file)) return file;
  const cache = dirname(file);
  mkdirSync(cache, { recursive: true });
  const root = mkdtempSync(join(cache, 'build-'));
  const engine = openEngine({ home: HOME, root });
  try {
    const { recipe, include } = STOCK[name];
    await engine.buildTemplate(recipe, { include, as: name });
    renameSync(join(root, `var/lib/vz/template/cache/${name}.tar.zst`), file);
  } finally {
    engine.close();
    rmSync(root, { recursive: true, force: true });
  }
  const earlier = new RegExp(`^${name}-[0-9a-f]{16}\\.tar\\.zst$`);
  for (const other of readdirSync(cache)) if (earlier.test(other) && other !== basename(file)) rmSync(join(cache, other), { force: true });
  return file;
}

/** Puts them into the template cache of a prefix that has been bootstrapped. */
export async function provideStock(root: string, ...names: readonly StockName[]): Promise<void> {
  for (const name of names) {
    const source = await builtStock(name);
    const place = join(root, `var/lib/vz/template/cache/${name}.tar.zst`);
    mkdirSync(dirname(place), { recursive: true });
    try {
      linkSync(source, place);
    } catch {
      copyFileSync(source, place);
    }
  }
}
