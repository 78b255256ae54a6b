// npm run demo: a throw-away prefix with a dozen containers under gentle loads, opened in the manager. Leaving the manager, or
// `npm run demo -- --down`, removes every trace of it.
import { spawn } from 'node:child_process';
import { inProject, isRoot, projectNode } from './setup/machine.mjs';
import { setUp } from './setup.mjs';

/** Owned by root, so that nobody else can have put anything there. */
const PREFIX = '/var/lib/vzdeck-demo';

let running;
const wait = (child) => {
  running = child;
  return new Promise((resolve) => child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1))));
};
const demo = (what) => wait(spawn(projectNode(), [inProject('scripts', 'demo-prefix.ts'), what, PREFIX], { stdio: 'inherit' }));

async function run() {
  if (!isRoot()) {
    console.error('Containers are run by root: type `sudo npm run demo`');
    return 1;
  }
  if (!(await setUp('run'))) return 1;
  if (process.argv.includes('--down')) return demo('down');
  if (!(process.stdin.isTTY && process.stdout.isTTY)) {
    console.error('The demo is shown in the manager, which needs a terminal');
    return 1;
  }
  // whatever ends the manager, the prefix goes afterwards; signals of the terminal reach everybody by themselves
  for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => running?.kill(signal));
  const up = await demo('up');
  const env = { ...process.env, VZDECK_ROOT: PREFIX };
  const code = up === 0 ? await wait(spawn(inProject('bin', 'vzdeck'), [], { stdio: 'inherit', env })) : up;
  return (await demo('down')) || code;
}

process.exitCode = await run();
