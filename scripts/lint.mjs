// npm run lint: types, format and lint rules, layer rules, what is exported and not used. All are run even if the first finds something.
import { spawnSync } from 'node:child_process';
import { inProject, projectNode } from './setup/machine.mjs';
import { setUp } from './setup.mjs';

const TOOLS = [
  ['types', 'node_modules/typescript/bin/tsc', ['-p', '.']],
  ['format and lint', 'node_modules/@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']],
  [
    'layers',
    'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
    ['--config', '.dependency-cruiser.cjs', '-T', 'err-long', 'src', 'test'],
  ],
  ['exports', 'scripts/unused-exports.mjs', []],
];

let failed = (await setUp('test')) ? 0 : 1;
if (failed === 0) {
  for (const [what, script, args] of TOOLS) {
    const { status } = spawnSync(projectNode(), [inProject(script), ...args], { cwd: inProject(), stdio: 'inherit' });
    if (status === 0) continue;
    console.error(`lint: ${what} failed`);
    failed = 1;
  }
}
process.exitCode = failed;
