// npm run demo: a throw-away prefix with a dozen containers under gentle loads, opened in the manager. Leaving the manager, or
// `npm run demo -- --down`, removes every trace of it.
import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { inProject, isRoot, projectNode } from './setup/machine.mjs';
import { takePidLock } from './setup/pid-lock.mjs';
import { setUp } from './setup.mjs';

/** Owned by root, so that nobody else can have put anything there. */
const PREFIX = '/var/lib/vzdeck-demo';
/** Beside the prefix, which comes and goes while it is held. */
const LOCK = `${PREFIX}.pid`;

let running;
const wait = (child) => {
  running = child;
  return new Promise((resolve) => child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1))));
};
const demo = (what) => wait(spawn(projectNode(), [inProject('scripts', 'demo-prefix.ts'), what, PREFIX], { stdio: 'inherit' }));

/** The terminal that a process was started on, "" when there is none. */
function terminalOf(pid) {
  try {
    const file = readlinkSync(`/proc/${pid}/fd/0`);
    return file.startsWith('/dev/') ? ` on ${file}` : '';
  } catch {
    return '';
  }
}

async function show() {
  if (!(process.stdin.isTTY && process.stdout.isTTY)) {
    console.error('The demo is shown in the manager, which needs a terminal');
    return 1;
  }
  const up = await demo('up');
  const env = { ...process.env, VZDECK_ROOT: PREFIX, VZDECK_TOUR: '1' };
  const code = up === 0 ? await wait(spawn(inProject('bin', 'vzdeck'), [], { stdio: 'inherit', env })) : up;
  return (await demo('down')) || code;
}

async function run() {
  if (!isRoot()) {
    console.error('Containers are run by root: type `sudo npm run demo`');
    return 1;
  }
  if (!(await setUp('run'))) return 1;
  // two of them would take each other's containers away
  const { release, holder } = takePidLock(LOCK, 'demo.mjs');
  if (release === null) {
    console.error(
      `A demo runs already${terminalOf(holder)} (pid ${holder}, in ${PREFIX}). Leave it there with q, or end it: kill ${holder}`,
    );
    return 1;
  }
  // whatever ends the manager, the prefix goes afterwards; signals of the terminal reach everybody by themselves
  for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => running?.kill(signal));
  try {
    return process.argv.includes('--down') ? await demo('down') : await show();
  } finally {
    release();
  }
}

process.exitCode = await run();
