// The two disks that a job finds: the installed dependencies, made once per installation and only read, and the project as it is now.
import { createHash } from 'node:crypto';
import { existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
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

const ownEntries = (): readonly string[] => readdirSync(inProject()).filter((entry) => !LEFT_OUT.test(entry));

/** Name of the project's disk in the cache, by its folder and what is in there: whoever changes a file changes its time. */
function cachedProject(): { readonly kind: string; readonly name: string } {
  const short = (of: (hash: ReturnType<typeof createHash>) => void): string => {
    const hash = createHash('sha256');
    of(hash);
    return hash.digest('hex').slice(0, 12);
  };
  const kind = `project-${short((hash) => hash.update(inProject()))}-`;
  const key = short((hash) => {
    for (const entry of ownEntries()) {
      const full = inProject(entry);
      const below = lstatSync(full).isDirectory() ? readdirSync(full, { recursive: true, encoding: 'utf8' }).sort() : [];
      for (const name of ['', ...below]) {
        const { mode, size, ctimeMs } = lstatSync(join(full, name));
        hash.update(`${entry}/${name}\0${mode} ${size} ${ctimeMs}\0`);
      }
    }
  });
  return { kind, name: kind + key };
}

/** A copy of the project for one job; `more` are files and folders beside (here → path in the project). One without is kept until the project changes. */
export function projectDisk(more: Readonly<Record<string, string>>): ProjectDisk {
  const kept = Object.keys(more).length === 0 ? cachedProject() : null;
  // beside the cached one, so that a name of ours can be given to it
  const dir = kept === null ? mkdtempSync(join(tmpdir(), 'vzdeck-vm-')) : workIn(cacheDir());
  const [disk, tree] = [join(dir, 'disk'), join(dir, 'tree')];
  const fill = async (): Promise<void> => {
    mkdirSync(join(tree, 'node_modules'), { recursive: true });
    await run('cp', ['-a', '--', ...ownEntries().map((name) => inProject(name)), tree]);
    for (const [from, to] of Object.entries(more)) {
      mkdirSync(dirname(join(tree, to)), { recursive: true });
      // whole trees of distributions are among them; links reach as far as one file system
      await run('sh', ['-c', 'cp -alT -- "$1" "$2" 2>/dev/null || cp -aT -- "$1" "$2"', 'sh', from, join(tree, to)]);
    }
    await makeDisk(tree, disk, PROJECT_SIZE);
    await rm(tree, { recursive: true });
    if (kept !== null) keep(disk, kept);
  };
  const filled = kept !== null && isLinked(join(cacheDir(), kept.name), disk) ? Promise.resolve() : filledAnew(disk, fill);
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

function filledAnew(disk: string, fill: () => Promise<void>): Promise<void> {
  emptyDisk(disk, PROJECT_SIZE);
  return fill();
}

/** false: there is none to give a second name to. */
function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false;
  }
}

/** In the place of the one before; a machine that runs from that has it under another name. */
function keep(disk: string, { kind, name }: ReturnType<typeof cachedProject>): void {
  for (const earlier of readdirSync(cacheDir())) if (earlier.startsWith(kind)) rmSync(join(cacheDir(), earlier), { force: true });
  if (isLinked(disk, join(cacheDir(), name))) dropUnused(cacheDir(), name);
}
