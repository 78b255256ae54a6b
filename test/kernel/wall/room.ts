// A container to look at the wall from inside, as its root.
import { chmodSync, closeSync, copyFileSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, openLab } from '../lab.ts';
import { compileProbe, results, type Try, wire } from './prober.ts';

export interface Room {
  readonly lab: Lab;
  /** Where the container's root file system lies on the node. */
  readonly area: string;
  /** What a shell line printed, stderr included; its exit code as the last line "= 0". */
  sh(line: string): Promise<string>;
  /** What the container's kernel side answers to system calls made by its root. */
  calls(tries: readonly Try[]): Promise<readonly number[]>;
  close(): Promise<void>;
}

const ID = 101;

async function exec(lab: Lab, argv: readonly string[]): Promise<string> {
  const file = join(lab.root, 'printed');
  const fd = openSync(file, 'w+', 0o600);
  try {
    await lab.engine.exec(ID, argv, { stdio: ['ignore', fd, fd] });
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/** Two containers: 101 to look from, 102 to be looked for. */
export async function openRoom(values: Readonly<Record<string, string>> = {}): Promise<Room> {
  const lab = openLab();
  const probe = compileProbe();
  await lab.born(ID, values);
  const area = join(lab.root, 'var/lib/vz/private', String(ID));
  copyFileSync(join(probe, 'probe'), join(area, 'probe'));
  chmodSync(join(area, 'probe'), 0o755);
  rmSync(probe, { recursive: true });
  const sh = (line: string): Promise<string> => exec(lab, ['/bin/sh', '-c', line]);
  return {
    lab,
    area,
    sh,
    calls: async (tries) => results(await sh(`/probe <<'END'\n${wire(tries)}END`)),
    close: () => lab.down(),
  };
}
