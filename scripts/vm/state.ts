// A booted machine, saved: the pages of memory that it has used lie in one file with its devices, and are read by each resumed one, 0.1 s. Memory
// that is mapped from a file cannot have pages of 2 MiB, without which everything takes a tenth longer. One state per image, machine, accelerator and dependencies.
import { existsSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Refusal, run } from '../setup/run.mjs';
import { hashOf } from '../setup/stamp.mjs';
import { TRIAL_LIMIT } from './accelerator.ts';
import { dropUnused, workIn } from './cache.ts';
import { openControl } from './control.ts';
import { PROJECT_SIZE } from './disks.ts';
import { emptyDisk, type Image } from './image.ts';
import { ENDINGS } from './job.ts';
import { type Birth, type Guest, launch, type Parts } from './machine.ts';
import type { Monitor } from './monitor.ts';

/** A boot takes 10 to 20 s, and ten times that beside much other work. */
const BOOT_LIMIT_MS = 300_000;

/** Pages at places of their own in the file (QEMU's docs/devel/migration/mapped-ram.rst): a sparse file, read in large pieces. */
async function prepare(monitor: Monitor): Promise<void> {
  await monitor.ask('qmp_capabilities');
  const capabilities = ['events', 'mapped-ram'].map((capability) => ({ capability, state: true }));
  await monitor.ask('migrate-set-capabilities', { capabilities });
}

/** What a machine that boots has: its disk of the project is empty, and in `work`. */
interface Blank extends Omit<Parts, 'project'> {
  readonly work: string;
}

/** Does something with a machine that has booted. Throws Error when it did not come up in time, or was not to (`stop`). */
async function withBooted(
  image: Image,
  { work, ...parts }: Blank,
  birth: Birth,
  limit: number,
  stop: AbortSignal,
  then: (guest: Awaited<ReturnType<typeof launch>>) => Promise<unknown>,
): Promise<void> {
  const project = join(work, 'project');
  emptyDisk(project, PROJECT_SIZE);
  const guest = await launch(image, { ...parts, project }, birth);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    guest.end();
  }, limit);
  stop.addEventListener('abort', guest.end);
  try {
    const died = guest.gone.then((said) => {
      if (stop.aborted) throw new Refusal(ENDINGS.stopped.text);
      throw new Error(late ? `The test machine did not come up in ${limit / 1000} s` : `The test machine did not come up:\n${said}`);
    });
    await Promise.race([openControl(guest.ports.control).ready.then(() => then(guest)), died]);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', guest.end);
    guest.end();
    await guest.gone;
    rmSync(project, { force: true });
  }
}

/** Boots the machine with KVM. Throws Error when it does not come up by that. */
export async function tryKvm(image: Image, dependencies: string, stop: AbortSignal): Promise<void> {
  const work = workIn(image.dir);
  try {
    await withBooted(image, { accelerator: 'kvm', dependencies, work }, { how: 'boot' }, TRIAL_LIMIT * 1000, stop, async () => {});
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Folder of the state for these dependencies, made when it is not there. Throws Error when the machine did not come up, or was not
 * to (`stop`). */
export async function savedState(
  image: Image,
  parts: Omit<Parts, 'project'>,
  say: (text: string) => void,
  stop: AbortSignal,
): Promise<string> {
  const key = hashOf(['scripts/vm/machine.ts']).slice(0, 12);
  const dir = join(image.dir, `state-${key}-${parts.accelerator}-${basename(parts.dependencies)}`);
  if (!existsSync(dir)) await save(image, parts, dir, say, stop);
  dropUnused(image.dir, basename(dir));
  return dir;
}

async function save(
  image: Image,
  parts: Omit<Parts, 'project'>,
  dir: string,
  say: (text: string) => void,
  stop: AbortSignal,
): Promise<void> {
  const start = performance.now();
  say('Test machine: boots once to be saved … ');
  const work = workIn(image.dir);
  try {
    const [file = '', ...words] = image.qemuImg;
    await run(file, [...words, 'create', '-q', '-f', 'qcow2', '-b', image.root, '-F', 'raw', join(work, 'root')], { env: image.env });
    await withBooted(image, { ...parts, work }, { how: 'save', state: work }, BOOT_LIMIT_MS, stop, async ({ monitor }) => {
      await prepare(monitor);
      // not stopped before: a machine that is saved while it is stopped stays so
      await monitor.ask('migrate', { uri: `file:${join(work, 'machine')}` });
      await monitor.migrated();
      await monitor.ask('quit');
    });
    renameSync(work, dir);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  say(`${((performance.now() - start) / 1000).toFixed(0)} s\n`);
}

export async function resume(image: Image, parts: Parts, state: string, reboots: boolean): Promise<Guest> {
  const guest = await launch(image, parts, { how: 'resume', state }, reboots);
  await prepare(guest.monitor);
  await guest.monitor.ask('migrate-incoming', { uri: `file:${join(state, 'machine')}` });
  return guest;
}
