// A booted machine, saved: the pages of memory that it has used lie in one file with its devices, and are read by each resumed one, 0.1 s. Memory
// that is mapped from a file cannot have pages of 2 MiB, without which everything takes a tenth longer. One state per image, machine and dependencies.
import { existsSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from '../setup/run.mjs';
import { hashOf } from '../setup/stamp.mjs';
import { dropUnused, workIn } from './cache.ts';
import { openControl } from './control.ts';
import { PROJECT_SIZE } from './disks.ts';
import { emptyDisk, type Image } from './image.ts';
import { type Disks, type Guest, launch } from './machine.ts';
import type { Monitor } from './monitor.ts';

/** A boot takes 10 to 20 s, and ten times that beside much other work. */
const BOOT_LIMIT_MS = 300_000;

/** Pages at places of their own in the file (QEMU's docs/devel/migration/mapped-ram.rst): a sparse file, read in large pieces. */
async function prepare(monitor: Monitor): Promise<void> {
  await monitor.ask('qmp_capabilities');
  const capabilities = ['events', 'mapped-ram'].map((capability) => ({ capability, state: true }));
  await monitor.ask('migrate-set-capabilities', { capabilities });
}

/**
 * Folder of the state for these dependencies, made when it is not there. Throws Error when the machine did not come up, or was not
 * to (`stop`). */
export async function savedState(image: Image, dependencies: string, say: (text: string) => void, stop: AbortSignal): Promise<string> {
  const key = hashOf(['scripts/vm/machine.ts']).slice(0, 12);
  const dir = join(image.dir, `state-${key}-${basename(dependencies)}`);
  if (!existsSync(dir)) await save(image, dependencies, dir, say, stop);
  dropUnused(image.dir, basename(dir));
  return dir;
}

async function save(image: Image, dependencies: string, dir: string, say: (text: string) => void, stop: AbortSignal): Promise<void> {
  const start = performance.now();
  say('Test machine: boots once to be saved … ');
  const work = workIn(image.dir);
  try {
    const project = join(work, 'project');
    emptyDisk(project, PROJECT_SIZE);
    const [file = '', ...words] = image.qemuImg;
    await run(file, [...words, 'create', '-q', '-f', 'qcow2', '-b', image.root, '-F', 'raw', join(work, 'root')], { env: image.env });
    const guest = await launch(image, { dependencies, project }, { how: 'save', state: work });
    try {
      const died = guest.gone.then((said) => Promise.reject(new Error(`The test machine did not come up:\n${said}`)));
      const limit = setTimeout(guest.end, BOOT_LIMIT_MS);
      stop.addEventListener('abort', guest.end);
      await Promise.race([openControl(guest.ports.control).ready, died]);
      await prepare(guest.monitor);
      // not stopped before: a machine that is saved while it is stopped stays so
      await guest.monitor.ask('migrate', { uri: `file:${join(work, 'machine')}` });
      await Promise.race([guest.monitor.migrated(), died]);
      await guest.monitor.ask('quit');
      clearTimeout(limit);
    } finally {
      guest.end();
      await guest.gone;
    }
    rmSync(project);
    renameSync(work, dir);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  say(`${((performance.now() - start) / 1000).toFixed(0)} s\n`);
}

export async function resume(image: Image, disks: Disks, state: string, reboots: boolean): Promise<Guest> {
  const guest = await launch(image, disks, { how: 'resume', state }, reboots);
  await prepare(guest.monitor);
  await guest.monitor.ask('migrate-incoming', { uri: `file:${join(state, 'machine')}` });
  return guest;
}
