// Prepares the project on this machine: `node scripts/setup.mjs [run | test | vm | bench]`. Does what is missing, in order, says what and how long; a
// second run finds nothing to do. Runs on plain Node 20 without any dependency, since it is what installs them.
import { mkdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { dependencies } from './setup/dependencies.mjs';
import { inProject } from './setup/machine.mjs';
import { packages } from './setup/packages.mjs';
import { takePidLock } from './setup/pid-lock.mjs';
import { products } from './setup/products.mjs';
import { Refusal, runSteps } from './setup/run.mjs';

const USES = ['run', 'test', 'vm', 'bench'];

const LOCK = inProject('build', 'setup.pid');

/** Keeps a second set-up out while one runs; returns the release. */
function lock() {
  try {
    mkdirSync(inProject('build'), { recursive: true });
    const { release, holder } = takePidLock(LOCK, 'scripts/');
    if (release !== null) return release;
    throw new Refusal(`Another set-up is at work here (pid ${holder}): wait for it to end`);
  } catch (error) {
    if (error.code === 'EACCES' || error.code === 'EROFS')
      throw new Refusal(`${inProject()} cannot be written by this user: run it as root or as its owner`);
    throw error;
  }
}

/**
 * Everything that is needed to run (use 'run'), also to test ('test'), to test in a virtual machine ('vm'), or to compare with others
 * ('bench'). Returns false when a step was refused; it has been said why.
 * @param {'run' | 'test' | 'vm' | 'bench'} use
 */
export async function setUp(use) {
  const steps = [packages(use), dependencies(use), ...products];
  let release = () => {};
  try {
    if (Number(process.versions.node.split('.')[0]) < 20) throw new Refusal(`Node 20 or newer is needed, this is ${process.versions.node}`);
    if (steps.every((step) => step.needed() === '')) return true;
    release = lock();
    await runSteps(steps);
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`${error.message}\n`);
    return false;
  } finally {
    release();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const use = process.argv[2] ?? 'run';
  if (USES.includes(use)) process.exitCode = (await setUp(use)) ? 0 : 1;
  else {
    process.stderr.write(`${use} is none of ${USES.join(', ')}\n`);
    process.exitCode = 2;
  }
}
