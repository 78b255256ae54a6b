import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LOCK_ROWS } from '../../../src/engine/account/process-rows.ts';
import type { CgroupTopology } from '../../../src/engine/cgroup/face.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import type { Host } from '../../../src/engine/host/port.ts';

let proc = '';
beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), 'vzdeck-locks-'));
});
afterEach(() => rmSync(proc, { recursive: true }));

it('asks once whose a process is that holds many locks, also where it is nobody’s', () => {
  const holders = { 7: '0::/system.slice', 8: '0::/vz/101/init' };
  for (const [pid, group] of Object.entries(holders)) {
    mkdirSync(join(proc, pid));
    writeFileSync(join(proc, pid, 'cgroup'), `${group}\n`);
  }
  const locks = Array.from({ length: 40 }, (_, n) => `${n}: POSIX  ADVISORY  WRITE ${n % 2 === 0 ? 7 : 8} 08:01:${n} 0 EOF\n`);
  writeFileSync(join(proc, 'locks'), locks.join(''));
  const asked: string[] = [];
  const files = {
    ...linuxFiles,
    readTrusted: (path: string) => {
      asked.push(path);
      return linuxFiles.readTrusted(path);
    },
  };
  const groups = { of: () => undefined, forget() {} };
  const source = LOCK_ROWS.open({ files, proc } as unknown as Host, { top: '/vz' } as CgroupTopology, LOCK_ROWS.rows, groups, () => null);
  const look = source?.look([{ id: 101, init: { pid: 8, startTime: 1n } }]);
  expect(look?.get(101)?.['numflock']?.held).toBe(20);
  expect(asked.filter((path) => path.endsWith('/cgroup')).sort()).toEqual([join(proc, '7/cgroup'), join(proc, '8/cgroup')]);
  source?.close();
});
