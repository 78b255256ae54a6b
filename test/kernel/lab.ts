// A throw-away prefix with an engine of its own for tests against the real kernel, taken down whole at the end.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Engine, RunOptions } from '../../src/engine/engine.ts';
import { VzError } from '../../src/engine/errors.ts';
import { openEngine } from '../../src/engine/open.ts';

export const HOME = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');

export interface Lab {
  readonly engine: Engine;
  readonly root: string;
  /** Lines that verbs said since the last call, `!` before errors. */
  said(): readonly string[];
  readonly run: RunOptions;
  /** Creates a busybox container and starts it; values by config key. */
  born(id: number, values?: Readonly<Record<string, string>>): Promise<void>;
  /** Output and exit code of a shell line in a container. */
  inside(id: number, line: string): Promise<{ readonly code: number | null; readonly out: string }>;
  /** Ends and removes all containers and the prefix. */
  down(): Promise<void>;
}

/** Output goes through a file, since the launcher takes descriptors and not streams. */
async function captured(engine: Engine, root: string, id: number, line: string): Promise<{ code: number | null; out: string }> {
  const file = join(root, `captured-${++captures}`);
  const fd = openSync(file, 'w+');
  try {
    const { code } = await engine.exec(id, [line], { shell: true, stdio: ['ignore', fd, fd] });
    return { code, out: readFileSync(file, 'utf8') };
  } finally {
    closeSync(fd);
    unlinkSync(file);
  }
}
let captures = 0;

/** A verb that a test has left to a detached child may still hold the container: it is waited for. */
async function afterOthers<T>(verb: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await verb();
    } catch (error) {
      if (!(error instanceof VzError) || error.code !== 'locked') throw error;
      await setTimeout(50);
    }
  }
}

/** In a prefix of its own, or in one that is there already. */
export function openLab(root = mkdtempSync('/tmp/vzdeck-lab-')): Lab {
  const engine = openEngine({ home: HOME, root });
  let lines: string[] = [];
  const run: RunOptions = { report: (event) => void lines.push(event.level < 0 ? `! ${event.text}` : event.text) };
  return {
    engine,
    root,
    run,
    said() {
      const before = lines;
      lines = [];
      return before;
    },
    async born(id, values = {}) {
      engine.bootstrap();
      await engine.create(id, { ostemplate: 'busybox', values }, run);
      await engine.start(id, {}, run);
    },
    inside: (id, line) => captured(engine, root, id, line),
    async down() {
      for (const ct of engine.list()) {
        await afterOthers(() => engine.stop(ct.id, { fast: true }));
        if (engine.find(String(ct.id))?.state === 'mounted') await engine.umount(ct.id);
        await engine.destroy(ct.id);
      }
      await engine.leave();
      engine.close();
      // destroy empties the trash in the background; rm does not mind what another one has taken away meanwhile, rmSync gives up silently
      spawnSync('rm', ['-rf', '--one-file-system', '--', root]);
    },
  };
}
