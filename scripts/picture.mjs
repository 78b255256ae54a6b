// node scripts/picture.mjs: takes the pictures of README and docs anew (docs/*.svg, listed in picture/shots.ts).
import { spawnSync } from 'node:child_process';
import { inProject, isRoot, projectNode } from './setup/machine.mjs';
import { setUp } from './setup.mjs';

function picture() {
  if (!isRoot()) {
    console.error('The pictures show real containers: type `sudo node scripts/picture.mjs`');
    return 1;
  }
  return spawnSync(projectNode(), [inProject('scripts/picture/main.ts')], { cwd: inProject(), stdio: 'inherit' }).status ?? 1;
}

process.exitCode = (await setUp('test')) ? picture() : 1;
