// The leak guard around every file of test/kernel: looks before and after at what containers are made of, on the whole machine, since a leak may be
// anywhere, and fails the file with what is left when all have ended that it may belong to. On a machine where others run containers meanwhile,
// VZDECK_SHARED_MACHINE=1 makes it report without failing.
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { begun, ended, leftBy, looked, NOBODY, type Seen } from './suspects.ts';
import { things } from './things.ts';

/** Of all files of one run: they have the same parent. There while one of them runs. */
export const STATE = join(tmpdir(), `kernel-tests-${process.ppid}`);
const LOCK = `${STATE}.lock`;
const MINE = `${STATE}.${process.pid}`;

/** Network namespaces, and the links in them, die after their last process, and nothing tells when: so what is left is looked at again for a while. */
const PATIENCE_MS = 10_000;
const LOOK_AGAIN_MS = 50;

const runs = (pid: string): boolean => existsSync(`/proc/${pid}`);

const readOr = (file: string, otherwise: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
};

/** One at a time; who was killed meanwhile has it no longer. */
async function locked<T>(work: () => T): Promise<T> {
  writeFileSync(MINE, String(process.pid));
  for (;;) {
    try {
      linkSync(MINE, LOCK);
      break;
    } catch {
      if (!runs(readOr(LOCK, 'self'))) rmSync(LOCK, { force: true });
      await setTimeout(LOOK_AGAIN_MS);
    }
  }
  try {
    return work();
  } finally {
    rmSync(LOCK, { force: true });
    rmSync(MINE, { force: true });
  }
}

function read(): Seen {
  const { running, things }: Seen = JSON.parse(readOr(STATE, JSON.stringify(NOBODY)));
  return { running: Object.fromEntries(Object.entries(running).filter(([pid]) => runs(pid))), things };
}

function write(seen: Seen): void {
  writeFileSync(`${STATE}.new`, JSON.stringify(seen));
  renameSync(`${STATE}.new`, STATE);
  if (Object.keys(seen.running).length === 0) rmSync(STATE);
}

/** What there was when the file before this one ended, where one process runs many: nothing has run since, and a look takes a while. */
let lately: readonly string[] | null = null;

beforeAll(() => {
  const file = relative(process.cwd(), expect.getState().testPath ?? `process ${process.pid}`);
  return locked(() => write(begun(looked(read(), lately ?? things()), process.pid, file)));
});

afterAll(async () => {
  const end = performance.now() + PATIENCE_MS;
  const look = (): ReturnType<typeof leftBy> | null => {
    lately = things();
    const seen = looked(read(), lately);
    const left = leftBy(seen, process.pid);
    const over = left.length === 0 || performance.now() > end;
    write(over ? ended(seen, process.pid) : seen);
    return over ? left : null;
  };
  let left = await locked(look);
  while (left === null) {
    await setTimeout(LOOK_AGAIN_MS);
    left = await locked(look);
  }
  if (left.length === 0) return;
  const said = left.map(([thing, suspects]) => (suspects.length === 1 ? thing : `${thing} (${suspects.join(' or ')})`));
  if (process.env['VZDECK_SHARED_MACHINE'] === '1') console.warn(`Left behind (perhaps by somebody else):\n${said.join('\n')}`);
  else expect(said, 'left behind by the tests of this file').toEqual([]);
});
