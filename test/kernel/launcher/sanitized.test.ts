// The same tests once more with a launcher that looks after its own memory (address and undefined-behaviour sanitizers).
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LAUNCHER, requires } from '../requires.ts';

const HOME = new URL('../../..', import.meta.url).pathname;
const DIR = 'test/kernel/launcher';
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
      const run = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'kernel', ...FILES], {
        cwd: HOME,
        env,
        encoding: 'utf8',
      });
      expect(run.status, run.stdout.slice(run.stdout.indexOf('Failed Tests'))).toBe(0);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
