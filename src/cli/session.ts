// What every program needs around a call: the engine of this prefix, and Ctrl-C as a request to undo and end.
import { type Engine, openEngine } from '../engine/index.ts';
import { programFile, programHome } from './program-file.ts';

/** `program` and its words are what the journal says of whatever is done. `changes`: see OpenOptions. */
export function openSession(program: string, words: readonly string[], changes = false): Engine {
  const { VZDECK_ROOT, VZDECK_PROC } = process.env;
  const proc = VZDECK_PROC ? { proc: VZDECK_PROC } : {};
  return openEngine({ home: programHome(), root: VZDECK_ROOT || '/', program, words: [program, ...words], changes, ...proc });
}

/** Options of node that go with the snapshot: it fits one node, and without it the seed of hashes would be everybody's. */
export const OF_SNAPSHOT =
  /^--(snapshot-blob=|no-rehash-snapshot$|no-sparkplug$|initial-old-space-size=|min-semi-space-size=|v8-pool-size=)/;

/** Command line and environment that start this program once more, whenever that is: node may be another one then. */
export function thisProgram(words: readonly string[]): { argv: readonly string[]; env: readonly string[] } {
  const options = process.execArgv.filter((option) => !OF_SNAPSHOT.test(option));
  const argv = [process.execPath, ...options, programFile(), ...words];
  return { argv, env: Object.entries(process.env).map(([name, value]) => `${name}=${value ?? ''}`) };
}

/** One key press may come as two signals, to us and to our group: milliseconds in which they are one. */
const ONE_PRESS = 500;

let asked: AbortController | null = null;

/** Asks the verb of this process to undo and end, without a word; false where there is none that can be asked. */
export function askToEnd(): boolean {
  asked?.abort();
  return asked !== null;
}

/** Aborted by the first SIGINT or SIGTERM, which is told; a second one ends the program without undoing what it did. */
export function cancelSignal(): AbortSignal {
  const controller = new AbortController();
  asked = controller;
  let first = 0;
  const cancel = (): void => {
    if (controller.signal.aborted) {
      if (performance.now() - first > ONE_PRESS) process.exit(130);
      return;
    }
    first = performance.now();
    process.stderr.write('\nCancelling...\n');
    controller.abort();
  };
  process.on('SIGINT', cancel).on('SIGTERM', cancel);
  return controller.signal;
}
