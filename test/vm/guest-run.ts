// Runs bundled tests in the test machine, one file after the other, and says of each how it went. Whoever started the job (VZDECK_QUEUE) hears that as
// well, and tells which one is next; those that are arguments come last. The exit status is 0 when none failed in this boot. What is tested across boots
// runs once in each.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import type { Counts } from './guest-suite.ts';
import { acrossBoots, doneLine, type FileReport, NEXT, pathOf } from './report.ts';

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

/** Each line that is said to it has an answer of one line. */
type Ask = (line: string) => string;

function asking(path: string): Ask {
  const port = openSync(path, 'r+');
  const part = Buffer.alloc(4096);
  return (said) => {
    writeFileSync(port, `${said}\n`);
    let line = '';
    while (!line.endsWith('\n')) line += part.toString('utf8', 0, readSync(port, part));
    return line.trim();
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

const queue = process.env['VZDECK_QUEUE'];
const ask = queue === undefined ? null : asking(queue);

function report(about: Omit<FileReport, 'kernel'>): void {
  const { file, passed, failed, skipped, seconds } = about;
  if (failed.length > 0) process.exitCode = 1;
  const skips = Object.entries(skipped).map(([why, count]) => `, ${count} skipped: ${why}`);
  say(`${failed.length > 0 ? '✗' : '✓'} ${file}: ${passed} passed, ${failed.length} failed${skips.join('')} (${seconds} s)`);
  ask?.(doneLine({ kernel: kernel(), ...about }));
}

const again = REBOOTS.length >= boot && bundles.some(acrossBoots);
if (boot === 1 && ask !== null) await runFiles(() => ask(NEXT) || null);
if (boot === 1) await runFiles(oneOf(bundles.filter((name) => !acrossBoots(name))));
// containers are left running on purpose before a reboot
await runFiles(oneOf(bundles.filter(acrossBoots)), { VZDECK_BOOT: String(boot), VZDECK_SHARED_MACHINE: again ? '1' : '0' });
if (again) {
  say(`Boot ${boot} is over: ${REBOOTS[boot - 1]}`);
  spawnSync('sh', ['-c', `${REBOOTS[boot - 1]}; sleep infinity`], { stdio: 'inherit' });
}
