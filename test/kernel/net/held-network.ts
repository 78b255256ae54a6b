// The lock of a prefix's network in the test's own hand: verbs stop where they want it, and go on for one part at a time.
import type { ChildProcess } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import { LAUNCHER } from '../requires.ts';
import { until } from '../until.ts';

export interface HeldNetwork {
  /** A verb wants it, and stands still. Throws where that has ended instead. */
  wanted(verb: ChildProcess): Promise<void>;
  /** Lets go and takes it again; the verb may have had it meanwhile, and wants it again. The kernel wakes all who wait: who comes first need not be who was first. */
  pass(verb: ChildProcess): Promise<void>;
  release(): Promise<void>;
}

export async function holdNetwork(root: string): Promise<HeldNetwork> {
  const file = join(root, 'run/vzdeck/network.lock');
  const launcher = openLauncher(LAUNCHER);
  const take = () => launcher.lock(file, { wait: true });
  let held = await take();
  const waiting = new RegExp(`-> OFDLCK.*:${statSync(file).ino} `, 'g');
  const waiters = (count: number, verb: ChildProcess): Promise<void> =>
    until(() => {
      const { exitCode, signalCode, spawnargs } = verb;
      if (exitCode !== null || signalCode !== null) throw new Error(`${spawnargs.join(' ')} has ended: ${signalCode ?? exitCode}`);
      return (readFileSync('/proc/locks', 'utf8').match(waiting)?.length ?? 0) >= count;
    });
  return {
    wanted: (verb) => waiters(1, verb),
    async pass(verb) {
      const next = take();
      await waiters(2, verb);
      await held?.release();
      held = await next;
      await waiters(1, verb);
    },
    async release() {
      await held?.release();
      launcher.close();
    },
  };
}
