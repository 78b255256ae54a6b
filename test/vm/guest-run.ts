// Runs bundled tests in the test machine, one file after the other: says of each how it went, and leaves a report. Whoever started the job tells which
// one is next (VZDECK_QUEUE); those that are arguments come last. The exit status is 0 when none failed. What is tested across boots runs once in each.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { release } from 'node:os';
import type { Counts } from './guest-suite.ts';
import { type FileReport, pathOf, REPORT } from './report.ts';

const bundles = process.argv.slice(2);

const RUNNER = 'build/vm-tests/test/vm/guest-files.mjs';

function kernel(): string {
  const v1 = /^\S+ \S+ cgroup /m.test(readFileSync('/proc/self/mounts', 'utf8'));
  return `${release()} (cgroup ${v1 ? 'v1' : 'v2'}${existsSync('/run/systemd/system') ? ', systemd' : ''})`;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The next bundle, or null. */
type Next = () => string | null;

function oneOf(all: readonly string[]): Next {
  const left = [...all];
  return () => left.shift() ?? null;
}

/** Whose turn it is, as the answer to a line; an empty one at the end. */
function asking(path: string): Next {
  const port = openSync(path, 'r+');
  const part = Buffer.alloc(4096);
  return () => {
    writeSync(port, 'NEXT\n');
    let line = '';
    while (!line.endsWith('\n')) line += part.toString('utf8', 0, readSync(port, part));
    return line.trim() || null;
  };
}

/** Runs files in one process, and tells of each. One that ends the process has failed; another process takes those after it. */
async function runFiles(next: Next, env: NodeJS.ProcessEnv = {}): Promise<void> {
  for (let bundle = next(); bundle !== null; ) {
    let start = performance.now();
    const child = spawn(process.execPath, [RUNNER], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...env },
    });
    const done = (counts: Counts): void => {
      report({ file: pathOf(bundle ?? ''), ...counts, seconds: Math.round((performance.now() - start) / 100) / 10 });
      bundle = next();
      start = performance.now();
    };
    child.on('message', (counts: Counts) => {
      done(counts);
      child.send({ bundle });
    });
    child.send({ bundle });
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    if (bundle === null) return;
    say(`✗ ${pathOf(bundle)} ended in the middle, with ${signal ?? code}`);
    done({ passed: 0, failed: [pathOf(bundle)], skipped: {} });
  }
}

/** How the machine goes down after each boot but the last: as an administrator would do it, and as a power cut does it to disks at rest. */
const REBOOTS = ['systemctl reboot', 'sync; echo b >/proc/sysrq-trigger'];
const boot = Number(process.env['BOOT'] ?? 1);
const acrossBoots = (bundle: string): boolean => bundle.endsWith('/boot/reboot.test.mjs');
/** On a disk: what is below $REPORTS does not survive a boot. */
const SO_FAR = 'build/vm-report.json';

const files: FileReport[] = boot === 1 ? [] : (JSON.parse(readFileSync(SO_FAR, 'utf8')) as FileReport[]);

function report(about: FileReport): void {
  files.push(about);
  const { file, passed, failed, skipped, seconds } = about;
  const skips = Object.entries(skipped).map(([why, count]) => `, ${count} skipped: ${why}`);
  say(`${failed.length > 0 ? '✗' : '✓'} ${file}: ${passed} passed, ${failed.length} failed${skips.join('')} (${seconds} s)`);
  // after each file: what is there when the time limit ends the machine is of use
  writeFileSync(`${process.env['REPORTS']}/${REPORT}`, JSON.stringify({ kernel: kernel(), files }, null, 1));
}

const again = REBOOTS.length >= boot && bundles.some(acrossBoots);
const queue = process.env['VZDECK_QUEUE'];
if (boot === 1 && queue !== undefined) await runFiles(asking(queue));
if (boot === 1) await runFiles(oneOf(bundles.filter((name) => !acrossBoots(name))));
// containers are left running on purpose before a reboot
await runFiles(oneOf(bundles.filter(acrossBoots)), { VZDECK_BOOT: String(boot), VZDECK_SHARED_MACHINE: again ? '1' : '0' });
if (again) {
  writeFileSync(SO_FAR, JSON.stringify(files));
  say(`Boot ${boot} is over: ${REBOOTS[boot - 1]}`);
  spawnSync('sh', ['-c', `${REBOOTS[boot - 1]}; sleep infinity`], { stdio: 'inherit' });
}
process.exitCode = files.some(({ failed }) => failed.length > 0) ? 1 : 0;
