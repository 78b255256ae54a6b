// Templates of distributions for kernel tests: built once by our own recipes, unpacked once for overlays, kept in the user's cache, linked into a
// test's prefix.
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open.ts';
import { STOCK, type StockName, stockArchive, stockTree } from './stock-archive.ts';

const HOME = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
/** Milliseconds; a build takes a minute: `beforeAll(…, STOCK_TIMEOUT)`. */
export const STOCK_TIMEOUT = 300_000;

const cacheOf = (root: string): string => join(root, 'var/lib/vz/template/cache');

/** Lets `make` put a file or folder that is not there yet into its place in the cache, from a prefix beside it; what earlier sources made goes. */
async function kept(place: string, make: (engine: Engine, root: string) => Promise<string>): Promise<string> {
  if (existsSync(place)) {
    utimesSync(place, Date.now() / 1000, Date.now() / 1000);
    return place;
  }
  const cache = dirname(place);
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const root = mkdtempSync(join(cache, 'build-'));
  const engine = openEngine({ home: HOME, root });
  try {
    const made = await make(engine, root);
    try {
      renameSync(made, place);
    } catch (error) {
      // another process was quicker
      if (!existsSync(place)) throw error;
    }
  } finally {
    engine.close();
    rmSync(root, { recursive: true, force: true });
  }
  dropEarlier(place);
  return place;
}

/** What earlier sources made, a day after its last use: another clone of the project may run containers on it. */
function dropEarlier(place: string): void {
  const kind = (file: string): string => file.replace(/-[0-9a-f]{16}(?=\.)/, '');
  for (const other of readdirSync(dirname(place))) {
    const file = join(dirname(place), other);
    if (other === basename(place) || kind(other) !== kind(basename(place))) continue;
    if (Date.now() - statSync(file).mtimeMs > UNUSED_FOR_MS) rmSync(file, { recursive: true, force: true });
  }
}
const UNUSED_FOR_MS = 24 * 3600 * 1000;

/** The file, built when it is not there. Throws what the build throws, as without a network. */
export const builtStock = (name: StockName): Promise<string> =>
  kept(stockArchive(name), async (engine, root) => {
    const { recipe, include } = STOCK[name];
    await engine.buildTemplate(recipe, { include, as: name });
    return join(cacheOf(root), `${name}.tar.zst`);
  });

/** The tree that overlays share, made by the engine when it is not there. */
export const builtTree = (name: StockName): Promise<string> =>
  kept(stockTree(name), async (engine, root) => {
    engine.bootstrap();
    await linkArchive(root, name);
    await engine.create(101, { ostemplate: name, layout: 'overlay', values: {} });
    return join(cacheOf(root), name);
  });

async function linkArchive(root: string, name: StockName): Promise<void> {
  const source = await builtStock(name);
  const place = join(cacheOf(root), `${name}.tar.zst`);
  mkdirSync(cacheOf(root), { recursive: true });
  try {
    linkSync(source, place);
  } catch {
    copyFileSync(source, place);
  }
}

/** Puts them into the template cache of a prefix that has been bootstrapped. Overlays find their tree there, on whatever disk it lies. */
export async function provideStock(root: string, ...names: readonly StockName[]): Promise<void> {
  for (const name of names) {
    await linkArchive(root, name);
    symlinkSync(await builtTree(name), join(cacheOf(root), name));
  }
}
