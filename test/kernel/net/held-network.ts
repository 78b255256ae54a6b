// The lock of a prefix's network in the test's own hand: verbs stop where they want it, and go on for one part at a time.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import { LAUNCHER } from '../requires.ts';
import { until } from '../until.ts';

export interface HeldNetwork {
  /** Somebody wants it, and stands still. */
  wanted(): Promise<void>;
  /** Lets go and takes it again; whoever wants it may have had it meanwhile, and wants it again. The kernel wakes all who wait: who comes first is not who was first. */
  pass(): Promise<void>;
  release(): Promise<void>;
}

export async function holdNetwork(root: string): Promise<HeldNetwork> {
  const file = join(root, 'run/vzdeck/network.lock');
  const launcher = openLauncher(LAUNCHER);
  const take = () => launcher.lock(file, { wait: true });
  let held = await take();
  const waiting = new RegExp(`-> OFDLCK.*:${statSync(file).ino} `, 'g');
  const waiters = (count: number): Promise<void> => until(() => (readFileSync('/proc/locks', 'utf8').match(waiting)?.length ?? 0) >= count);
  return {
    wanted: () => waiters(1),
    async pass() {
      const next = take();
      await waiters(2);
      await held?.release();
      held = await next;
      await waiters(1);
    },
    async release() {
      await held?.release();
      launcher.close();
    },
  };
}
