// The two disks that a job finds: the installed dependencies, made once per installation and only read, and the project as it is now.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { inProject } from '../setup/machine.mjs';
import { run } from '../setup/run.mjs';
import { hashOf } from '../setup/stamp.mjs';
import { cacheDir, dropUnused, workIn } from './cache.ts';
import { emptyDisk, makeDisk } from './image.ts';

/** Bytes; sparse. */
const DEPENDENCIES_SIZE = 4 * 2 ** 30;
export const PROJECT_SIZE = 16 * 2 ** 30;
/** Is there by the other disk, or of no use to the project's programs. */
const LEFT_OUT = /^(node_modules|\.git|.*\.log)$/;

/** node_modules as installed now. */
export async function dependenciesDisk(): Promise<string> {
  const disk = join(cacheDir(), `dependencies-${hashOf(['node_modules/.package-lock.json']).slice(0, 12)}`);
  if (!existsSync(disk)) {
    const work = workIn(cacheDir());
    try {
      await makeDisk(inProject('node_modules'), join(work, 'disk'), DEPENDENCIES_SIZE);
      renameSync(join(work, 'disk'), disk);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  dropUnused(cacheDir(), basename(disk));
  return disk;
}

export interface ProjectDisk {
  /** There from the beginning, so that a machine can be started with it. */
  readonly disk: string;
  /** Resolves when it may be read. */
  readonly filled: Promise<void>;
  /** Removes it, also half made. */
  remove(): Promise<void>;
}

/** A copy of the project for one job; `more` are files and folders beside (here → path in the project). */
export function projectDisk(more: Readonly<Record<string, string>>): ProjectDisk {
  const dir = mkdtempSync(join(tmpdir(), 'vzdeck-vm-'));
  const [disk, tree] = [join(dir, 'disk'), join(dir, 'tree')];
  emptyDisk(disk, PROJECT_SIZE);
  const fill = async (): Promise<void> => {
    mkdirSync(join(tree, 'node_modules'), { recursive: true });
    const own = readdirSync(inProject()).filter((entry) => !LEFT_OUT.test(entry));
    await run('cp', ['-a', '--', ...own.map((name) => inProject(name)), tree]);
    for (const [from, to] of Object.entries(more)) {
      mkdirSync(dirname(join(tree, to)), { recursive: true });
      await run('cp', ['-aT', '--', from, join(tree, to)]);
    }
    await makeDisk(tree, disk, PROJECT_SIZE);
    await rm(tree, { recursive: true });
  };
  const filled = fill();
  // whoever waits for it hears of it
  filled.catch(() => {});
  return {
    disk,
    filled,
    async remove() {
      await filled.catch(() => {});
      await rm(dir, { recursive: true, force: true });
    },
  };
}
