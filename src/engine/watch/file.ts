// Waiting for what a control file says, by the kernel's own word where it gives it.
import type { Files } from '../host/port.ts';
import { after } from './timer.ts';

/** Milliseconds between two readings of a file whose changes nobody tells of. */
const GAP = 5;

/** Resolves when `there` holds of the file's text, or when the signal aborts. `told`: the kernel tells of its changes. */
export async function untilFile(
  files: Files,
  path: string,
  told: boolean,
  there: (text: string) => boolean,
  signal: AbortSignal,
): Promise<void> {
  let wake = (): void => {};
  const nextCall = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  const unwatch = told ? files.watch(path, () => wake()) : () => {};
  signal.addEventListener('abort', () => wake(), { once: true });
  try {
    while (!signal.aborted) {
      // Before the file is read: a change in between must not be missed.
      const change = told ? nextCall() : after(GAP, signal);
      if (there(files.read(path) ?? '')) return;
      await change;
    }
  } finally {
    unwatch();
  }
}
