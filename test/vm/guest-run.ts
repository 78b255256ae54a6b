// Runs bundled tests in the test machine, each file in a process of its own and one after the other: says of each how it went, and leaves a
// report. Arguments: the bundles. The exit status is 0 when none failed. What is tested across boots comes last, and once in each.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { relative } from 'node:path';
import { type EventData, run } from 'node:test';
import { inspect } from 'node:util';
import { type FileReport, REPORT } from './report.ts';

const bundles = process.argv.slice(2);

const pathOf = (bundle: string): string => relative('build/vm-tests', bundle).replace(/mjs$/, 'ts');

function kernel(): string {
  const v1 = /^\S+ \S+ cgroup /m.test(readFileSync('/proc/self/mounts', 'utf8'));
  return `${release()} (cgroup ${v1 ? 'v1' : 'v2'}${existsSync('/run/systemd/system') ? ', systemd' : ''})`;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Whether it is a suite, or the file itself, that failed because of something in it, which is told on its own. */
const isEcho = ({ details }: EventData.TestFail): boolean =>
  'failureType' in details.error && details.error.failureType === 'subtestsFailed';

async function runFile(bundle: string): Promise<FileReport> {
  const start = performance.now();
  const titles: string[] = [];
  const failed: string[] = [];
  const skipped: Record<string, number> = {};
  let passed = 0;
  for await (const { type, data } of run({ files: [bundle], concurrency: false })) {
    if (type === 'test:stdout' || type === 'test:stderr') process.stdout.write(data.message);
    // a suite is told after what is in it, but dequeued before
    else if (type === 'test:dequeue') titles.splice(data.nesting, titles.length, data.name);
    else if (type === 'test:fail' && !isEcho(data)) {
      const title = [...titles.slice(0, data.nesting), data.name].join(' > ');
      failed.push(title);
      say(`✗ ${title}\n${inspect(data.details.error.cause ?? data.details.error, { depth: 4 }).replace(/^/gm, '    ')}`);
    } else if (type === 'test:pass' && data.details.type !== 'suite') {
      if (typeof data.skip === 'string') skipped[data.skip] = (skipped[data.skip] ?? 0) + 1;
      else passed += 1;
    }
  }
  const seconds = (performance.now() - start) / 1000;
  return { file: pathOf(bundle), passed, failed, skipped, seconds: Math.round(seconds * 10) / 10 };
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
