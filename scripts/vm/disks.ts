// The two disks that a job finds: the installed dependencies, made once per installation and only read, and the project as it is now.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { inProject } from '../setup/machine.mjs';
import { hashOf } from '../setup/stamp.mjs';
import { cacheDir, dropUnused, workIn } from './cache.ts';
import { makeDisk } from './image.ts';

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

/** A copy of the project for one job; `more` are files and folders beside (here → path in the project). The caller removes `dir`. */
export async function projectDisk(more: Readonly<Record<string, string>>): Promise<{ readonly disk: string; readonly dir: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'vzdeck-vm-'));
  try {
    const tree = join(dir, 'tree');
    mkdirSync(join(tree, 'node_modules'), { recursive: true });
    const copied = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true } as const;
    for (const name of readdirSync(inProject()).filter((entry) => !LEFT_OUT.test(entry))) cpSync(inProject(name), join(tree, name), copied);
    for (const [from, to] of Object.entries(more)) cpSync(from, join(tree, to), copied);
    await makeDisk(tree, join(dir, 'disk'), PROJECT_SIZE);
    rmSync(tree, { recursive: true });
    return { disk: join(dir, 'disk'), dir };
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}
