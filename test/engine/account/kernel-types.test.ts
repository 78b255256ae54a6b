import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openKernelTypes } from '../../../src/engine/account/kernel-types.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import type { Host } from '../../../src/engine/host/port.ts';

it('asks the kernel anew where what was kept is cut, and takes what is whole', () => {
  const root = mkdtempSync(join(tmpdir(), 'vzdeck-types-'));
  const proc = join(root, 'proc');
  mkdirSync(join(proc, 'sys/kernel/random'), { recursive: true });
  mkdirSync(join(root, 'run/vzdeck'), { recursive: true });
  writeFileSync(join(proc, 'sys/kernel/random/boot_id'), 'b00t\n');
  let asked = 0;
  // a kernel that describes nothing
  const files = {
    ...linuxFiles,
    readBytes: () => {
      asked++;
      return null;
    },
  };
  const offset = (kept: string): [number | null, number] => {
    writeFileSync(join(root, 'run/vzdeck/kernel-types'), `b00t\n${kept}`);
    asked = 0;
    return [openKernelTypes({ files, root, proc } as unknown as Host).offset('file', 'f_inode'), asked];
  };
  expect(offset('{"file f_inode":32}\n')).toEqual([32, 0]);
  for (const cut of ['{"file f_ino', 'null', '7', '']) expect(offset(cut)).toEqual([null, 1]);
  rmSync(root, { recursive: true });
});
