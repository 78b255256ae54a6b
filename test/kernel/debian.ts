// A stock Debian 12 as a template for kernel tests: built once by our own recipe, kept in the user's cache, linked into a test's prefix.
import { copyFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openEngine } from '../../src/engine/open.ts';
import { debianArchive } from './debian-archive.ts';

const HOME = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
/** Builds take a minute: `beforeAll(…, DEBIAN_TIMEOUT)`. */
export const DEBIAN_TIMEOUT = 300_000;

/** The file, built when it is not there. Throws what the build throws, as without a network. */
export async function builtDebian(): Promise<string> {
  const file = debianArchive();
  if (existsSync(file)) return file;
  const cache = dirname(file);
  mkdirSync(cache, { recursive: true });
  const root = mkdtempSync(join(cache, 'build-'));
  const engine = openEngine({ home: HOME, root });
  try {
    await engine.buildTemplate('debian-12', {});
    renameSync(join(root, 'var/lib/vz/template/cache/debian-12.tar.zst'), file);
  } finally {
    engine.close();
    rmSync(root, { recursive: true, force: true });
  }
  return file;
}

/** Puts debian-12 into the template cache of a prefix that has been bootstrapped. */
export async function provideDebian(root: string): Promise<void> {
  const source = await builtDebian();
  const place = join(root, 'var/lib/vz/template/cache/debian-12.tar.zst');
  mkdirSync(join(place, '..'), { recursive: true });
  try {
    linkSync(source, place);
  } catch {
    copyFileSync(source, place);
  }
}
