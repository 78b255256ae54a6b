// Containers in which a program holds just so much of something, and their accounts meanwhile.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { UbcRow } from '../../../src/engine/index.ts';
import { type Lab, openLab } from '../lab.ts';

export interface Load {
  readonly had: number;
  readonly refused: number;
  /** Of the last refusal, "-" for none. */
  readonly errno: string;
  /** On the node. */
  pid(): number;
  /** Lets go of it all. */
  end(): Promise<void>;
}

export interface Loads {
  readonly lab: Lab;
  born(id: number, values?: Readonly<Record<string, string>>): Promise<void>;
  /** Begins load.c in it and waits for what it says. */
  hold(id: number, kind: string, n: number): Promise<Load>;
  /** The same, where it may be killed meanwhile. */
  push(id: number, kind: string, n: number): Promise<void>;
  /** As somebody sees it who has not looked before. */
  row(id: number, name: string): UbcRow;
  down(): Promise<void>;
}

const LOOK_AGAIN_MS = 20;
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));

export function openLoads(): Loads {
  const lab = openLab();
  const dir = mkdtempSync('/tmp/vzdeck-load-');
  execFileSync('cc', ['-O2', '-static', '-D_GNU_SOURCE', '-o', join(dir, 'load'), new URL('load.c', import.meta.url).pathname]);
  let begun = 0;

  // Where the load has taken all processes nobody can go in any more: from here on it is looked at and ended by the node.
  const said = async (id: number, file: string): Promise<readonly string[]> => {
    for (;;) {
      const path = join(lab.root, `vz/private/${id}${file}`);
      const words = existsSync(path) ? readFileSync(path, 'utf8').trim().split(' ') : [];
      if (words.length === 4) return words;
      await pause();
    }
  };
  const pidOf = (id: number, inner: number): number => {
    const reader = lab.engine.processes();
    const found = reader.look(lab.engine.list()).find((one) => one.ct === id && one.inner === inner);
    reader.close();
    if (found === undefined) throw new Error(`no process ${inner} in ${id}`);
    return found.pid;
  };
  const gone = async (pid: number): Promise<void> => {
    process.kill(pid, 'SIGKILL');
    while (existsSync(`/proc/${pid}/exe`)) await pause();
  };

  return {
    lab,
    async born(id, values = {}) {
      await lab.born(id, values);
      copyFileSync(join(dir, 'load'), join(lab.root, `vz/private/${id}/load`));
    },
    async hold(id, kind, n) {
      const file = `/said.${++begun}`;
      await lab.inside(id, `/load ${kind} ${n} </dev/null >${file} 2>&1 &`);
      const [pid, had, refused, errno] = await said(id, file);
      return {
        had: Number(had),
        refused: Number(refused),
        errno: errno ?? '',
        pid: () => pidOf(id, Number(pid)),
        end: () => gone(pidOf(id, Number(pid))),
      };
    },
    push: async (id, kind, n) => void (await lab.inside(id, `/load ${kind} ${n} </dev/null >/dev/null 2>&1 &`)),
    row(id, name) {
      const found = lab.engine.ubc([id])[0]?.rows.find((row) => row.name === name);
      if (found === undefined) throw new Error(`no row ${name}`);
      return found;
    },
    async down() {
      await lab.down();
      rmSync(dir, { recursive: true });
    },
  };
}

/** Waits until a row is as it should be; the wait ends with the test's own time limit. */
export async function untilRow(loads: Loads, id: number, name: string, holds: (row: UbcRow) => boolean): Promise<UbcRow> {
  for (;;) {
    const row = loads.row(id, name);
    if (holds(row)) return row;
    await pause();
  }
}
