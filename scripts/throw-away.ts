// A prefix below /tmp that is there for a demo, a picture or a figure only, and how every trace of it goes: containers, mounts, cgroups, files.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Engine, openEngine } from '../src/engine/index.ts';

/** Top of the project, without trailing slash. */
export const HOME = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

export function openPrefix(root: string): Engine {
  return openEngine({ home: HOME, root });
}

/** What a command of bin/ needs to work in a prefix. */
export function prefixEnv(root: string): NodeJS.ProcessEnv {
  return { ...process.env, VZDECK_ROOT: root };
}

/** Runs `work` on each of them, `width` at a time. */
export async function eachOf<T>(things: readonly T[], width: number, work: (thing: T) => Promise<void>): Promise<void> {
  const left = [...things];
  const worker = async (): Promise<void> => {
    for (let thing = left.shift(); thing !== undefined; thing = left.shift()) await work(thing);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

async function removeContainer(engine: Engine, id: number): Promise<void> {
  const state = (): string | undefined => engine.find(String(id))?.state;
  if (state() !== 'stopped' && state() !== 'mounted') await engine.stop(id, { fast: true });
  if (state() === 'mounted') await engine.umount(id);
  await engine.destroy(id);
}

/** Mount points at or below a directory, deepest first (proc(5): blanks are written as octal). */
function mountsBelow(root: string): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point === root || point.startsWith(`${root}/`))
    .reverse();
}

/**
 * Ends and removes all containers of a prefix and the prefix itself; running it twice is harmless. Throws Error, with everything still in
 * place, when something is mounted below it that is not a container's.
 */
export async function removePrefix(root: string): Promise<void> {
  const engine = openPrefix(root);
  try {
    await eachOf(engine.list(), 2, (ct) => removeContainer(engine, ct.id));
    await engine.leave();
  } finally {
    engine.close();
  }
  const left = mountsBelow(root);
  if (left.length > 0) throw new Error(`Still mounted below ${root}: ${left.join(', ')}. Unmount it, then try again`);
  // destroy empties the trash in the background; rm does not mind what another one has taken away meanwhile, rmSync gives up silently
  spawnSync('rm', ['-rf', '--one-file-system', '--', root]);
}
