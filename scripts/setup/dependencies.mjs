// The locked dependencies, the project's own node among them. What is installed is read from the record that npm writes last.
import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { inProject, systemPath, which } from './machine.mjs';
import { Refusal, run } from './run.mjs';

const read = (...path) => {
  try {
    return JSON.parse(readFileSync(inProject(...path), 'utf8')).packages;
  } catch {
    return null;
  }
};

/** Packages of the lock that belong on this machine, but other versions (or nothing) are installed; `whole`: those for development, too. */
function differing(whole) {
  const wanted = read('package-lock.json');
  const there = read('node_modules', '.package-lock.json');
  if (there === null) return ['all'];
  const here = (p) => (p.os === undefined || p.os.includes(process.platform)) && (p.cpu === undefined || p.cpu.includes(process.arch));
  // optional packages may be left out by npm for reasons of their own (libc, wasm fall-backs); the project's node is the one that must be there
  const must = (name, p) => here(p) && (!p.optional || name === `node_modules/node-linux-${process.arch}`) && (whole || !p.dev);
  return Object.entries(wanted).filter(([name, p]) => name !== '' && (there[name] ? there[name].version !== p.version : must(name, p)));
}

/** A terminal for tests and measurements; compiled here, as it comes without a build for Linux. */
const ADDON = 'node_modules/node-pty/build/Release/pty.node';
/** Linked by npm 11 and not by npm 9. */
const NODE_LINK = 'node_modules/.bin/node';
const RECORD = 'node_modules/.package-lock.json';

/** Whoever only runs the project does without test runner, linters and a compiled addon. What is there already stays. */
const isWhole = (use) => use !== 'run' || existsSync(inProject(ADDON));

export const dependencies = (use) => ({
  name: 'Dependencies',
  needed: () => {
    const changed = differing(isWhole(use));
    if (changed[0] === 'all') return 'as locked by package-lock.json';
    if (changed.length > 0) return `${changed.length} packages are not installed as locked by package-lock.json`;
    if (!existsSync(inProject(NODE_LINK))) return 'the project’s node is not linked';
    return isWhole(use) && !existsSync(inProject(ADDON)) ? 'node-pty is not compiled' : '';
  },
  do: async () => {
    if (which('npm') === '') throw new Refusal('npm is missing: install the npm package of your distribution, then run it again');
    const whole = isWhole(use);
    const there = read('node_modules', '.package-lock.json');
    // without npm's record what is there may be half of an installation that was killed; and it is taken away until the new one is complete
    if (there === null || (there['node_modules/node-pty'] && !existsSync(inProject(ADDON))))
      rmSync(inProject('node_modules'), { recursive: true, force: true });
    rmSync(inProject(RECORD), { force: true });
    // node-pty is compiled against the headers of the node that will run it; npm unpacks them before it builds
    const nodedir = inProject('node_modules', `node-linux-${process.arch}`);
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(config|package|lifecycle)_/i.test(name)));
    const env = { ...own, PATH: systemPath(), npm_config_nodedir: nodedir, npm_config_audit: 'false', npm_config_fund: 'false' };
    // not `npm ci`: it refuses a lock without the packages of other platforms, which registries that serve only some never gave it
    const kinds = whole ? ['--include=dev'] : ['--omit=dev'];
    await run('npm', ['install', '--no-save', '--no-progress', '--loglevel=error', ...kinds], { cwd: inProject(), env });
    if (!existsSync(inProject(NODE_LINK))) symlinkSync(`../node-linux-${process.arch}/bin/node`, inProject(NODE_LINK));
    const left = differing(whole);
    if (left.length > 0)
      throw new Refusal(`npm install ended well, but ${left.length} packages are not as locked: ${left.slice(0, 5).map(([name]) => name)}`);
    if (whole && !existsSync(inProject(ADDON)))
      throw new Refusal(`npm install ended well, but ${ADDON} is not there: run \`npm rebuild node-pty\` and read what it says`);
  },
});
