// npm test: sets up, then runs everything that this machine can run. As root that includes test/kernel. Ends with the kernels that it ran on
// and one line of counts. CI=1 MUST=1 as in .ci/run: a skip that is not on the known list is a failure. SECOND_KERNEL=1: test/kernel runs on
// cgroup v2 alone as well, as by npm run test:vm; other values are the arguments that that takes. That goes on beside all else from the
// beginning, since tests of this kernel leave a processor idle most of the time, and is shown when all else has ended. What fails there is tried
// once more with nothing beside it, except with SECOND_TRY=0: what passes then has a race, and is named in the last lines as one to mend.
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { joinTries, toTryAgain } from './second-try.mjs';
import { inProject, isRoot, projectNode } from './setup/machine.mjs';
import { setUp } from './setup.mjs';

const args = process.argv.slice(2);

/** What may be left out although MUST=1. What `requires` of test/kernel allows has been judged there. */
const KNOWN_SKIPS = [/^needs /, /^VZDECK_GOLDEN /];

const MUST = process.env.MUST === '1';

/** As setpriority(2) counts: what is shown at once goes first. */
const LATER = 5;

const start = (script, options, env, stdio) =>
  spawn(projectNode(), [inProject(script), ...options], { cwd: inProject(), env: { ...process.env, ...env }, stdio });

const ended = (child) => new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));

const runNode = (script, options, env) => ended(start(script, options, env, 'inherit'));

/** Tests of the second kernel, which say what they say into a file: what they make is in `dir`, which no leak guard of a test sees come. */
function startSecond(dir, said, parts, tally) {
  const file = openSync(said, 'w');
  const child = start('scripts/vm.mjs', ['test', ...parts], { VZDECK_TALLY: tally, TMPDIR: dir }, ['ignore', file, file]);
  closeSync(file);
  setPriority(child.pid, LATER);
  return ended(child);
}

/** What a run has told and how it ended, added up, after whatever failed in it was run again by `run(files, tally)`. */
async function settled(code, tally, run) {
  const first = readTally(tally);
  const files = process.env.SECOND_TRY === '0' ? [] : toTryAgain(first);
  if (files.length === 0) return { ...summed(first), code, races: [] };
  console.log(`Once more, alone: ${files.join(', ')}`);
  rmSync(tally, { force: true });
  const again = await run(files, tally);
  const joined = joinTries(first, readTally(tally));
  return { ...summed(joined), code: again, races: joined.races };
}

function summed({ kernel, files, outside }) {
  const all = Object.values(files);
  const reasons = {};
  for (const { reasons: of } of all) for (const [why, count] of Object.entries(of)) reasons[why] = (reasons[why] ?? 0) + count;
  return {
    kernel,
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    failures: [...all.flatMap(({ failures }) => failures), ...outside],
    reasons,
    skipped: Object.values(reasons).reduce((sum, count) => sum + count, 0),
  };
}

async function test() {
  if (!(await setUp('test'))) return 1;
  const dir = mkdtempSync(join(tmpdir(), 'vzdeck-tally-'));
  const [here, there, said] = ['here.json', 'there.json', 'said'].map((name) => join(dir, name));
  const parts = (process.env.SECOND_KERNEL ?? '').split(' ').filter(Boolean);
  const second = parts.length > 0 && isRoot() && process.arch === 'x64' && args.length === 0;
  try {
    const beside = second ? startSecond(dir, said, parts[0] === '1' ? [] : parts, there) : null;
    const lint = args.length === 0 ? await runNode('scripts/lint.mjs', []) : 0;
    const projects = isRoot() ? [] : ['--project=unit', '--project=tui'];
    const path = `${inProject('node_modules', '.bin')}:${process.env.PATH}`;
    const vitest = (files, tally) =>
      runNode('node_modules/vitest/vitest.mjs', ['run', ...projects, ...files], { PATH: path, VZDECK_TALLY: tally });
    const code = await vitest(args, here);
    const codeThere = await beside;
    if (second) process.stdout.write(readFileSync(said));
    const tallies = [await settled(code, here, vitest)];
    if (second) {
      const vm = (files, tally) => runNode('scripts/vm.mjs', ['test', ...files], { VZDECK_TALLY: tally });
      tallies.push(await settled(codeThere, there, vm));
    }
    if (!isRoot()) console.log('Not root: test/kernel was left out (sudo npm test runs it)');
    for (const { reasons } of tallies) for (const [why, count] of Object.entries(reasons)) console.log(`${count} skipped: ${why}`);
    const unexcused = MUST
      ? tallies.flatMap(({ reasons }) => Object.keys(reasons)).filter((why) => !KNOWN_SKIPS.some((known) => known.test(why)))
      : [];
    for (const why of unexcused) console.log(`MUST=1 does not allow this skip: ${why}`);
    if (lint !== 0) console.log('npm run lint failed, see above');
    for (const { kernel, races } of tallies) for (const what of races) console.log(`Passed on ${kernel} at its second try only: ${what}`);
    for (const { kernel, failures } of tallies) for (const what of failures) console.log(`Failed on ${kernel}: ${what}`);
    for (const { kernel, passed, failures, skipped } of tallies)
      console.log(`Kernel ${kernel}: ${passed} passed, ${failures.length} failed, ${skipped} skipped`);
    if (parts[0] !== '1')
      console.log(`${second ? 'Not all was' : 'Nothing was'} run on the second kernel, cgroup v2 alone: npm run test:vm does that`);
    const sum = (of) => tallies.reduce((total, tally) => total + of(tally), 0);
    const failed = sum(({ failures }) => failures.length) + unexcused.length + (lint === 0 ? 0 : 1);
    const skipped = sum((tally) => tally.skipped);
    console.log(`${sum(({ passed }) => passed)} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
    return tallies.some((tally) => tally.code !== 0) || failed > 0 ? 1 : 0;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** No tally: vitest itself did not get to its end. */
function readTally(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { kernel: 'unknown', files: {}, outside: ['the tests did not come to their end'] };
  }
}

process.exitCode = await test();
