import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import type { Launcher } from '../../../src/engine/launcher/launcher.ts';

const host = openLinuxHost('/', {} as Launcher);

test('a process that has ended is not there, even while nobody has reaped it', async () => {
  // The shell becomes a program that never waits for the child it has got.
  const parent = spawn('sh', ['-c', 'sh -c "echo \\$\\$" & exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [line] = await once(parent.stdout, 'data');
    const zombie = Number(String(line));
    await expect.poll(() => host.files.read(`/proc/${zombie}/stat`)).toMatch(/\) Z /);
    expect(host.startTime(zombie)).toBeNull();
    expect(host.startTime(parent.pid as number)).toBeGreaterThan(0n);
    // its number is still taken
    expect([zombie, parent.pid as number].map((pid) => host.isThere(pid))).toEqual([true, true]);
  } finally {
    parent.kill();
  }
  await once(parent, 'exit');
  expect(host.isThere(parent.pid as number)).toBe(false);
});
