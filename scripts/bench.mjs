// npm run bench [-- NAME…]: sets up what the figures need, the peers among it, then measures (scripts/bench).
import { spawnSync } from 'node:child_process';
import { inProject, isRoot, MANAGER_OPTIONS, projectNode } from './setup/machine.mjs';
import { setUp } from './setup.mjs';

function bench() {
  if (!isRoot()) {
    console.error('Figures are measured on real containers: type `sudo npm run bench`');
    return 1;
  }
  const run = (file, ...args) => spawnSync(file, args, { cwd: inProject(), stdio: 'inherit' }).status ?? 1;
  // the machine's own network is not touched; looks that are measured in the bench's own process are those that the manager takes
  const own = ['--net', 'sh', '-c', 'ip link set dev lo up && exec "$@"', 'sh', projectNode(), ...MANAGER_OPTIONS];
  const measured = run('unshare', ...own, inProject('scripts/bench/main.ts'), ...process.argv.slice(2));
  // README quotes the results
  return run(projectNode(), inProject('scripts/docs.ts')) || measured;
}

process.exitCode = (await setUp('bench')) ? bench() : 1;
