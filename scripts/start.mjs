// npm start: sets up what is missing, then opens the manager.
import { spawn } from 'node:child_process';
import { inProject, isRoot } from './setup/machine.mjs';
import { setUp } from './setup.mjs';

const args = process.argv.slice(2);

async function start() {
  if (!isRoot()) {
    console.error('Containers are run by root: type `sudo npm start`');
    return 1;
  }
  if (!(await setUp('run'))) return 1;
  if (args.length === 0 && !(process.stdin.isTTY && process.stdout.isTTY)) {
    console.error('The manager needs a terminal. Without one: bin/vzctl and bin/vzlist, or bin/vzdeck --help for the same with --json');
    return 1;
  }
  const manager = spawn(inProject('bin', 'vzdeck'), args, { stdio: 'inherit' });
  // those of the terminal reach it by themselves; we only have to outlive it
  for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => manager.kill(signal));
  return new Promise((resolve) => {
    manager.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

process.exitCode = await start();
