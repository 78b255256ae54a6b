// Whether something made is still up to date: a stamp file holds the hash of what it was made from. It is taken away before the
// step begins and put back when it has ended, so a step that was killed in the middle is done again.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inProject } from './machine.mjs';

const stampFile = (name) => inProject('build', 'stamps', name);

/** Hash over names and contents of files and of everything in directories (paths within the project, or absolute). */
export function hashOf(paths, keep = () => true) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const full = path.startsWith('/') ? path : inProject(path);
    if (!existsSync(full)) continue;
    if (!statSync(full).isDirectory()) {
      hash.update(`${path}\0`).update(readFileSync(full));
      continue;
    }
    for (const name of readdirSync(full, { recursive: true }).sort()) {
      const file = join(full, name);
      if (!keep(name) || !statSync(file).isFile()) continue;
      hash.update(`${path}/${name}\0`).update(readFileSync(file));
    }
  }
  return hash.digest('hex');
}

/**
 * A step that is needed while its stamp differs from `key()` or one of `products` is missing.
 * @param {{name: string, stamp: string, key: () => string, products: string[], do: () => Promise<void>}} step
 */
export const stamped = (step) => ({
  name: step.name,
  needed: () => {
    if (step.products.some((path) => !existsSync(inProject(path)))) return 'not made yet';
    const file = stampFile(step.stamp);
    if (!existsSync(file)) return 'not finished';
    return readFileSync(file, 'utf8') === step.key() ? '' : 'its sources have changed';
  },
  do: async () => {
    const key = step.key();
    const file = stampFile(step.stamp);
    rmSync(file, { force: true });
    await step.do();
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, key);
    renameSync(`${file}.new`, file);
  },
});
