// npm run vm: a shell, or a command, in a Debian 13 node under QEMU with nothing but cgroup v2. npm run test:vm: test/kernel in such a node.
import { spawn } from 'node:child_process';
import { inProject, isRoot, projectNode } from './setup/machine.mjs';
import { setUp } from './setup.mjs';

const PROGRAMS = { open: ['scripts', 'vm', 'open.ts'], test: ['test', 'vm', 'main.ts'] };

const [what, ...args] = process.argv.slice(2);

async function vm() {
  if (!isRoot()) {
    console.error('The test machine’s disks are made by root: type it once more with sudo');
    return 1;
  }
  if (!(await setUp('vm'))) return 1;
  const program = spawn(projectNode(), [inProject(...PROGRAMS[what]), ...args], { cwd: inProject(), stdio: 'inherit' });
  // those of the terminal reach it by themselves; it cleans up, and we outlive it
  for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => program.kill(signal));
  return new Promise((resolve) => program.on('exit', (code) => resolve(code ?? 1)));
}

process.exitCode = await vm();
