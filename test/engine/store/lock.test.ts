// Who comes while a lock is given back waits that moment; who comes while somebody works is told who.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import type { Launcher } from '../../../src/engine/launcher/launcher.ts';
import { takeLock } from '../../../src/engine/store/lock.ts';
import type { NodeConfig } from '../../../src/engine/store/node-config.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vzdeck-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Somebody has the lock whose note is seen `looks` times, and gives it back when he is waited for. */
function take(verb: string, looks: number) {
  const waits: boolean[] = [];
  const launcher = {
    lock: async (_: string, { wait }: { wait: boolean }) => {
      waits.push(wait);
      return wait ? { release: async () => {} } : null;
    },
  } as unknown as Launcher;
  const host = openLinuxHost('/', launcher);
  let left = looks;
  const read = (path: string): string | null =>
    path.endsWith('/101.lck') ? (left-- > 0 ? `${process.pid}\n\n${host.startTime(process.pid)}\n${verb}\n` : null) : linuxFiles.read(path);
  const node = { lockDir: `${dir}/lock`, runDir: dir } as unknown as NodeConfig;
  const request = { id: 101, verb: 'start', status: 'starting', patience: () => new AbortController().signal };
  return { waits, taken: takeLock({ ...host, files: { ...linuxFiles, read } }, node, request) };
}

test.each([
  ['whoever has gone', 'stop', 0],
  ['the end of the container, whose note goes before its lock', 'exited', 1],
])('is waited for: %s', async (_, verb, looks) => {
  const { waits, taken } = take(verb, looks);
  await (await taken).release();
  expect(waits).toEqual([false, true]);
});

test('whoever works is named at once', async () => {
  const { waits, taken } = take('stop', 9);
  await expect(taken).rejects.toMatchObject({ code: 'locked', fields: { ct: 101, pid: process.pid, verb: 'stop' } });
  expect(waits).toEqual([false]);
});
