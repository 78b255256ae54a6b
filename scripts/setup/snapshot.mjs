// The command line as snapshots: node's heap with all programs loaded, which bin/ starts from in half the time. They fit exactly the node that made them, so
// their names have the version of the project's own one, and bin/ takes them only where they are newer than that.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { withoutCodeCache } from './code-cache.mjs';
import { inProject } from './machine.mjs';
import { growing, place } from './place.mjs';

const PACKAGE = inProject('node_modules', `node-linux-${process.arch}`);
const NODE = join(PACKAGE, 'bin', 'node');
/** The bundle of src/cli/snapshot.ts, and what loads it. */
export const BUNDLE = inProject('build', 'cli-snapshot.cjs');
export const BUILDER = inProject('scripts', 'setup', 'practice.cjs');

/**
 * Part of a snapshot's name → options of node that makes it. Each function that is compiled in it spares whoever needs it that work, and costs all who
 * start from it its reading, 3 ms for each MB. bin/ takes what has practised; in an emulated machine, where compiling is 20 times slower and reading is
 * not, everything takes a third less with all functions compiled.
 */
const KINDS = { '': [], '-compiled': ['--no-lazy', '--no-lazy-eval'] };

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

/** Longer than practising takes on the slowest machine. */
const PRACTICE_MS = 120_000;

/**
 * In the root directory, without any environment but what it is told: what a module might keep of them would be everybody's.
 * @param {string} root  where it practises; "": it does not
 */
function run(config, made, options, root) {
  execFileSync(NODE, [...options, '--no-warnings', `--snapshot-blob=${made}`, '--build-snapshot-config', config], {
    cwd: '/',
    env: { BUNDLE, CALLED_AS: inProject('dist', 'cli.cjs'), VZDECK_ROOT: root },
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: PRACTICE_MS,
  });
}

function buildSnapshot(file, options) {
  const config = growing(`${file}.json`);
  writeFileSync(config, JSON.stringify({ builder: BUILDER, withoutCodeCache: false }));
  const made = growing(file);
  const root = mkdtempSync(join(tmpdir(), 'vzdeck-practice-'));
  try {
    try {
      run(config, made, options, root);
    } catch {
      // whatever is odd about this machine: without practice commands are slower, and right
      run(config, made, options, '');
    }
    place(file, withoutCodeCache(readFileSync(made)));
  } finally {
    for (const left of [config, made, root]) rmSync(left, { force: true, recursive: true });
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
