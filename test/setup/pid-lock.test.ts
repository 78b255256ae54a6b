// Only one demo and one set-up run at a time: the second is told who the first is, and takes nothing away from it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takePidLock } from '../../scripts/setup/pid-lock.mjs';

const MODULE = new URL('../../scripts/setup/pid-lock.mjs', import.meta.url).href;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vzdeck-lock-'));
  file = join(folder, 'demo.pid');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the second is told the first, until that one is gone, however it went', async () => {
  const script = join(folder, 'holder.mjs');
  writeFileSync(
    script,
    `import { takePidLock } from '${MODULE}';\ntakePidLock('${file}', 'holder.mjs');\nconsole.log('held');\nsetInterval(() => {}, 1e6);\n`,
  );
  const first = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(first.stdout, 'data');
  expect(takePidLock(file, 'holder.mjs')).toEqual({ release: null, holder: first.pid });
  expect(readFileSync(file, 'utf8')).toBe(String(first.pid));
  first.kill('SIGKILL');
  await once(first, 'exit');
  const { release, holder } = takePidLock(file, 'holder.mjs');
  expect(holder).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe(String(process.pid));
  release?.();
  expect(existsSync(file)).toBe(false);
});

test('a process of another kind that has got the number does not hold it', () => {
  writeFileSync(file, String(process.pid));
  expect(takePidLock(file, 'no-such-script.mjs').holder).toBe(0);
});
