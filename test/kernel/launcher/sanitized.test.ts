// The same tests once more with a launcher that looks after its own memory (address and undefined-behaviour sanitizers).
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LAUNCHER, requires } from '../requires.ts';

const HOME = new URL('../../..', import.meta.url).pathname;
const DIR = 'test/kernel/launcher';
const VITEST = 'node_modules/vitest/vitest.mjs';
/** Characters of what it says when something fails. */
const SHOWN = 20_000;
/** Not what traces system calls, which takes the sanitizer's own for the launcher's. */
const APART = ['sanitized.test.ts', 'sabotage.test.ts'];
const FILES = readdirSync(`${HOME}${DIR}`)
  .filter((name) => name.endsWith('.test.ts') && !APART.includes(name))
  .map((name) => `${DIR}/${name}`);

requires(
  'root',
  'launcher',
  'busybox',
  'vitest',
)('a sanitized launcher', () => {
  test.skipIf(LAUNCHER.endsWith('asan'))('does all that the other one does', { timeout: 600_000 }, () => {
    const dir = mkdtempSync('/tmp/vzdeck-sanitized-');
    try {
      const binary = `${dir}/launcher-asan`;
      execFileSync(process.execPath, ['src/engine/launcher/build.mjs', '--asan', '--to', binary], { cwd: HOME });
      // The guard around this file is the one that counts.
      const env = { ...process.env, VZDECK_LAUNCHER: binary, VZDECK_SHARED_MACHINE: '1', NO_COLOR: '1' };
      // vitest says what has failed to its standard error
      const run = spawnSync('sh', ['-c', 'exec "$@" 2>&1', 'sh', process.execPath, VITEST, 'run', '--project', 'kernel', ...FILES], {
        cwd: HOME,
        env,
        encoding: 'utf8',
      });
      const at = run.stdout.indexOf('Failed Tests');
      expect(run.status, at < 0 ? run.stdout.slice(-SHOWN) : run.stdout.slice(at, at + SHOWN)).toBe(0);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
