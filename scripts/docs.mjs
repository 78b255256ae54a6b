// npm run docs: writes docs/reference/ from the tables of the sources.
import { spawnSync } from 'node:child_process';
import { inProject, projectNode } from './setup/machine.mjs';
import { setUp } from './setup.mjs';

const ready = await setUp('run');
const { status } = ready ? spawnSync(projectNode(), [inProject('scripts/docs.ts')], { stdio: 'inherit' }) : { status: 1 };
process.exitCode = status ?? 1;
