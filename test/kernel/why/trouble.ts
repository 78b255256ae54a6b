// Containers in which something really goes wrong, and what is said of it.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Sentence, Why } from '../../../src/engine/index.ts';
import { type Lab, openLab } from '../lab.ts';

export interface Trouble {
  readonly lab: Lab;
  /** A container with the program `provoke` in it; values by config key. */
  born(id: number, values?: Readonly<Record<string, string>>): Promise<void>;
  /** Begins `provoke` in it, which goes on until the container ends. */
  begin(id: number, ...words: readonly (string | number)[]): Promise<void>;
  /** Asks why until that rule says the worst of all containers: on a busy node what has begun takes its time to be heard of. */
  heard(rule: string): Promise<Why>;
  down(): Promise<void>;
}

export function openTrouble(): Trouble {
  const lab = openLab();
  const dir = mkdtempSync('/tmp/vzdeck-provoke-');
  execFileSync('cc', ['-O2', '-static', '-o', join(dir, 'provoke'), new URL('provoke.c', import.meta.url).pathname]);
  return {
    lab,
    async born(id, values = {}) {
      await lab.born(id, values);
      copyFileSync(join(dir, 'provoke'), join(lab.root, `vz/private/${id}/provoke`));
    },
    begin: async (id, ...words) => void (await lab.inside(id, `/provoke ${words.join(' ')} </dev/null >/dev/null 2>&1 &`)),
    async heard(rule) {
      for (;;) {
        const found = await lab.engine.why();
        if (worst(found)?.rule === rule) return found;
      }
    },
    async down() {
      await lab.down();
      rmSync(dir, { recursive: true });
    },
  };
}

/** What is said of one container. The node is the machine of others as well, and what is said of it is not looked at. */
export const saidOf = ({ sentences }: Why, id: number): readonly Sentence[] => sentences.filter((one) => one.id === id);

/** The worst of all that is said of containers. */
export const worst = ({ sentences }: Why): Sentence | undefined => sentences.find(({ id }) => id !== 0);
