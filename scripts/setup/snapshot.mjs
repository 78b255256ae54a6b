// The command line as snapshots: node's heap with all programs loaded, which bin/ starts from in half the time. They fit exactly the node that made them, so
// their names have the version of the project's own one, and bin/ takes them only where they are newer than that.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { withoutCodeCache } from './code-cache.mjs';
import { inProject } from './machine.mjs';
import { growing, place } from './place.mjs';

const PACKAGE = inProject('node_modules', `node-linux-${process.arch}`);
const NODE = join(PACKAGE, 'bin', 'node');
/** The bundle of src/cli/snapshot.ts: what is run once to make it. */
export const BUILDER = inProject('build', 'cli-snapshot.cjs');

/**
 * Part of a snapshot's name → options of node that makes it. Functions that ran meanwhile, node's own above all, keep their code in both: whoever starts
 * from them does not compile them again. With all functions compiled a verb that changes something takes 5 ms less, and what only looks 4 ms more, since
 * all of that is read; in an emulated machine, where compiling is 20 times slower and reading is not, everything takes a third less.
 */
const KINDS = { '': [], '-compiled': ['--no-lazy'] };

/** @param {keyof typeof KINDS} kind null where the project has no node of its own. */
export function snapshotFile(kind = '') {
  if (!existsSync(NODE)) return null;
  return inProject('dist', `cli-${JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')).version}${kind}.blob`);
}

/** Whether bin/ starts from snapshots, or cannot have one. */
export function snapshotsFit() {
  return Object.keys(KINDS).every((kind) => {
    const file = snapshotFile(kind);
    return file === null || (existsSync(file) && statSync(file).mtimeMs > statSync(NODE).mtimeMs);
  });
}

/** Made without any environment, in the root directory: what a module might keep of them would be everybody's. */
function buildSnapshot(file, options) {
  const config = growing(`${file}.json`);
  writeFileSync(config, JSON.stringify({ builder: BUILDER, withoutCodeCache: false }));
  const made = growing(file);
  try {
    execFileSync(NODE, [...options, `--snapshot-blob=${made}`, '--build-snapshot-config', config], {
      cwd: '/',
      env: {},
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    place(file, withoutCodeCache(readFileSync(made)));
  } finally {
    for (const left of [config, made]) rmSync(left, { force: true });
  }
}

export function makeSnapshots() {
  const made = Object.entries(KINDS).flatMap(([kind, options]) => {
    const file = snapshotFile(kind);
    if (file === null) return [];
    buildSnapshot(file, options);
    return [basename(file)];
  });
  if (made.length === 0) return;
  const dir = inProject('dist');
  for (const name of readdirSync(dir)) if (/^cli-.*\.blob$/.test(name) && !made.includes(name)) rmSync(join(dir, name), { force: true });
}
