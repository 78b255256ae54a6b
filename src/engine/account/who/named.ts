// Command lines of those who hold most. A program inside may hold its own up for as long as it likes: who is asked for it waits in vain, and nobody
// waits for that.
import type { Host } from '../../host/port.ts';
import type { WhoLine } from '../../spec/who.ts';
import { COMMAND_BYTES, commandText } from '../process-stat.ts';

/** Milliseconds without another one: a busy node takes longer for all of them, and tells as many. */
const NAMING = 200;

export interface NameSources {
  readonly host: Pick<Host, 'files' | 'proc'>;
  /** A signal that comes after so many milliseconds. */
  readonly patience: (ms: number) => AbortSignal;
}

/** The lines with what could be read; the program's name in brackets for the others. */
export async function named(lines: readonly WhoLine[], { host: { files, proc }, patience }: NameSources): Promise<readonly WhoLine[]> {
  const words = new Map<number, string>();
  const pids = lines.flatMap(({ pid }) => (pid === null ? [] : [pid]));
  let missing = pids.length;
  const all = Promise.all(
    pids.map(async (pid) => {
      const bytes = await files.readSoon(`${proc}/${pid}/cmdline`, COMMAND_BYTES);
      missing -= 1;
      if (bytes !== null) words.set(pid, Buffer.from(bytes).toString('utf8'));
    }),
  );
  for (let before = missing + 1; missing > 0 && missing < before; ) {
    before = missing;
    const over = patience(NAMING);
    await Promise.race([all, new Promise<void>((resolve) => over.addEventListener('abort', () => resolve(), { once: true }))]);
  }
  return lines.map((line) => (line.pid === null ? line : { ...line, command: commandText(words.get(line.pid) ?? null, line.name) }));
}
