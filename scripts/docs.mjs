// npm run docs [-- --check]: writes docs/reference and README's blocks from tables and results, or says what is out of date.
import { spawnSync } from 'node:child_process';
import { inProject, projectNode } from './setup/machine.mjs';
import { setUp } from './setup.mjs';

const ready = await setUp('run');
const { status } = ready
  ? spawnSync(projectNode(), [inProject('scripts/docs.ts'), ...process.argv.slice(2)], { stdio: 'inherit' })
  : { status: 1 };
process.exitCode = status ?? 1;
