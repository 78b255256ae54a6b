// Whether anything can have happened to any container: control files of a machine in memory, locks in a directory of this one.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openCalm } from '../../../src/engine/account/calm.ts';
import { containerCgroups } from '../../../src/engine/cgroup/container.ts';
import { NO_LIMITS } from '../../../src/engine/cgroup/limits.ts';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import type { NodeConfig } from '../../../src/engine/store/node-config.ts';
import { hybrid } from '../cgroup/trees.ts';

let lockDir: string;
beforeEach(() => {
  lockDir = mkdtempSync(join(tmpdir(), 'vzdeck-calm-'));
  old();
});
afterEach(() => rmSync(lockDir, { recursive: true, force: true }));

/** Its stamp can be trusted. */
function old(secondsAgo = 10): void {
  const at = new Date(Date.now() - secondsAgo * 1000);
  utimesSync(lockDir, at, at);
}

function machine() {
  const m = hybrid();
  const topology = findTopology(m.files, '/proc', '');
  m.run(containerCgroups(m.files, topology, 101).create(NO_LIMITS, 7));
  const top = (file: string): string => [...m.content.keys()].find((p) => p.endsWith(`/vz/101/${file}`))?.replace('/101', '') ?? '';
  const say = (usec: number, bytes: number): void => {
    m.content.set(top('cpu.stat'), `usage_usec ${usec}\n`);
    m.content.set(top('memory.usage_in_bytes'), `${bytes}\n`);
  };
  const { stat, list } = linuxFiles;
  const host = { files: { ...m.files, stat, list }, now: Date.now };
  return { say, calm: openCalm(host, { lockDir } as NodeConfig, topology) };
}

it('is still when nobody has had a processor and no memory has moved; a top that comes later is seen', () => {
  const { say, calm } = machine();
  const still = (): boolean => calm.look().still;
  expect([still(), still()]).toEqual([false, false]);
  say(500, 4096);
  expect([still(), still(), still()]).toEqual([false, true, true]);
  say(501, 4096);
  expect([still(), still()]).toEqual([false, true]);
  say(501, 8192);
  expect([still(), still()]).toEqual([false, true]);
  calm.close();
});

it('a verb that works, and one that has come and gone since, touches', () => {
  const { say, calm } = machine();
  say(500, 4096);
  calm.look();
  const lock = join(lockDir, '101.lck');
  expect(calm.look()).toEqual({ still: true, touched: false });
  writeFileSync(lock, '7\n');
  old(9);
  expect([calm.look(), calm.look()]).toEqual(Array.from({ length: 2 }, () => ({ still: false, touched: true })));
  rmSync(lock);
  old(8);
  expect([calm.look(), calm.look()]).toEqual([
    { still: false, touched: true },
    { still: true, touched: false },
  ]);
  writeFileSync(lock, '7\n');
  rmSync(lock);
  // of this very moment: one more may come within the same tick of the clock
  expect([calm.look().touched, calm.look().touched]).toEqual([true, true]);
  mkdirSync(join(lockDir, 'other'));
  old(7);
  calm.look();
  expect(calm.look().touched).toBe(false);
  calm.close();
});
