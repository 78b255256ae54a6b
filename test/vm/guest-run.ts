// Runs bundled tests in the test machine, each file in a process of its own and one after the other: says of each how it went, and leaves a
// report. Arguments: the bundles. The exit status is 0 when none failed. What is tested across boots comes last, and once in each.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Counts } from './guest-suite.ts';
import { type FileReport, REPORT } from './report.ts';

const bundles = process.argv.slice(2);

const RUNNER = 'build/vm-tests/test/vm/guest-file.mjs';
const pathOf = (bundle: string): string => relative('build/vm-tests', bundle).replace(/mjs$/, 'ts');

function kernel(): string {
  const v1 = /^\S+ \S+ cgroup /m.test(readFileSync('/proc/self/mounts', 'utf8'));
  return `${release()} (cgroup ${v1 ? 'v1' : 'v2'}${existsSync('/run/systemd/system') ? ', systemd' : ''})`;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What became of the tests of one file; a file that says nothing has failed. */
async function runFile(bundle: string): Promise<FileReport> {
  const start = performance.now();
  const file = pathOf(bundle);
  const result = join(tmpdir(), 'file-report.json');
  const child = spawn(process.execPath, [RUNNER, bundle, result], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  if (!existsSync(result)) {
    say(`✗ ${file} ended in the middle, with ${signal ?? code}`);
    return { file, passed: 0, failed: [file], skipped: {}, seconds };
  }
  const counts = JSON.parse(readFileSync(result, 'utf8')) as Counts;
  rmSync(result);
  return { file, ...counts, seconds };
}

/** How the machine goes down after each boot but the last: as an administrator would do it, and as a power cut does it to disks at rest. */
const REBOOTS = ['systemctl reboot', 'sync; echo b >/proc/sysrq-trigger'];
const boot = Number(process.env['BOOT'] ?? 1);
const acrossBoots = (bundle: string): boolean => bundle.endsWith('/reboot.test.mjs');
/** On a disk: what is below $REPORTS does not survive a boot. */
const SO_FAR = 'build/vm-report.json';

const files: FileReport[] = boot === 1 ? [] : (JSON.parse(readFileSync(SO_FAR, 'utf8')) as FileReport[]);
const again = REBOOTS.length >= boot && bundles.some(acrossBoots);
for (const bundle of [...(boot === 1 ? bundles.filter((name) => !acrossBoots(name)) : []), ...bundles.filter(acrossBoots)]) {
  // containers are left running on purpose before a reboot
  if (acrossBoots(bundle)) Object.assign(process.env, { VZDECK_BOOT: String(boot), VZDECK_SHARED_MACHINE: again ? '1' : '0' });
  const report = await runFile(bundle);
  files.push(report);
  const skips = Object.entries(report.skipped).map(([why, count]) => `, ${count} skipped: ${why}`);
  say(
    `${report.failed.length > 0 ? '✗' : '✓'} ${report.file}: ${report.passed} passed, ${report.failed.length} failed${skips.join('')} (${report.seconds} s)`,
  );
  // after each file: what is there when the time limit ends the machine is of use
  writeFileSync(`${process.env['REPORTS']}/${REPORT}`, JSON.stringify({ kernel: kernel(), files }, null, 1));
}
if (again) {
  writeFileSync(SO_FAR, JSON.stringify(files));
  say(`Boot ${boot} is over: ${REBOOTS[boot - 1]}`);
  spawnSync('sh', ['-c', `${REBOOTS[boot - 1]}; sleep infinity`], { stdio: 'inherit' });
}
process.exitCode = files.some((report) => report.failed.length > 0) ? 1 : 0;
