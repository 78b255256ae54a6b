// The command line as a snapshot: node's heap with all programs loaded, which bin/ starts from in half the time. It fits exactly the node that made it, so its
// name has the version of the project's own one, and bin/ takes it only where it is newer than that.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { withoutCodeCache } from './code-cache.mjs';
import { inProject } from './machine.mjs';
import { growing, place } from './place.mjs';

const PACKAGE = inProject('node_modules', `node-linux-${process.arch}`);
const NODE = join(PACKAGE, 'bin', 'node');
/** The bundle of src/cli/snapshot.ts: what is run once to make it. */
export const BUILDER = inProject('build', 'cli-snapshot.cjs');

/** null where the project has no node of its own. */
export function snapshotFile() {
  if (!existsSync(NODE)) return null;
  return inProject('dist', `cli-${JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')).version}.blob`);
}

/** Whether bin/ starts from a snapshot, or cannot have one. */
export function snapshotFits() {
  const file = snapshotFile();
  return file === null || (existsSync(file) && statSync(file).mtimeMs > statSync(NODE).mtimeMs);
}

/**
 * Functions that ran while it was made, node's own above all, keep their code: whoever starts from it does not compile them again. With all functions
 * compiled a verb is no quicker here, but takes a third less in an emulated machine, where compiling is 20 times slower and reading is not.
 * Made without any environment, in the root directory: what a module might keep of them would be everybody's.
 * @param {string} file
 */
export function buildSnapshot(file, compiled = false) {
  const config = growing(`${file}.json`);
  writeFileSync(config, JSON.stringify({ builder: BUILDER, withoutCodeCache: false }));
  const made = growing(file);
  try {
    execFileSync(NODE, [...(compiled ? ['--no-lazy'] : []), `--snapshot-blob=${made}`, '--build-snapshot-config', config], {
      cwd: '/',
      env: {},
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    place(file, withoutCodeCache(readFileSync(made)));
  } finally {
    for (const left of [config, made]) rmSync(left, { force: true });
  }
}

export function makeSnapshot() {
  const file = snapshotFile();
  if (file === null) return;
  buildSnapshot(file);
  for (const name of readdirSync(dirname(file)))
    if (/^cli-.*\.blob$/.test(name) && name !== basename(file)) rmSync(join(dirname(file), name), { force: true });
}
