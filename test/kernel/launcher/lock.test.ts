import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import type { Launcher } from '../../../src/engine/launcher/launcher.ts';
import type { Op } from '../../../src/engine/spec/op.ts';
import { LAUNCHER, requires } from '../requires.ts';
import { identity, serverOf } from './bed.ts';

/** Asks the server, where no operation would ask nobody. */
const NOTHING: readonly Op[] = [{ op: 'rmdir', path: '/nowhere' }];

let dir: string;
let ours: Launcher;
let theirs: Launcher;
let path: string;
let count = 0;
beforeAll(() => {
  dir = mkdtempSync('/tmp/vzdeck-lock-');
  ours = openLauncher(LAUNCHER);
  theirs = openLauncher(LAUNCHER);
});
beforeEach(() => {
  path = `${dir}/lock-${++count}`;
});
afterAll(() => {
  ours.close();
  theirs.close();
  rmSync(dir, { recursive: true });
});

/** An engine of its own that takes the lock and says so. */
async function holder(): Promise<ChildProcess> {
  const script = `
    import { openLauncher } from ${JSON.stringify(new URL('../../../src/engine/launcher/client.ts', import.meta.url).href)};
    const launcher = openLauncher(${JSON.stringify(LAUNCHER)});
    await launcher.lock(${JSON.stringify(path)}, { wait: true });
    console.log('held');
    await launcher.ended({ pid: 1, startTime: ${identity(1).startTime}n });`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout ?? child, 'data');
  return child;
}

/** Somebody has it. */
async function locked(launcher: Launcher, file = path): Promise<boolean> {
  const lock = await launcher.lock(file, { wait: false });
  await lock?.release();
  return lock === null;
}

requires('root', 'launcher')('a lock', () => {
  test('is held by one engine: the other is told at once, or waits until it is released', async () => {
    const first = await ours.lock(path, { wait: false });
    expect(first).not.toBeNull();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await theirs.lock(path, { wait: false })).toBeNull();
    expect(await ours.lock(path, { wait: false })).toBeNull();
    const order: string[] = [];
    const second = theirs.lock(path, { wait: true }).then((lock) => {
      order.push('got');
      return lock;
    });
    await locked(theirs); // answered although somebody waits: nothing blocks the launcher
    order.push('released');
    await first?.release();
    await (await second)?.release();
    expect(order).toEqual(['released', 'got']);
    expect(await locked(ours)).toBe(false);
  });

  test('is free when its engine was killed, for one who waits as well', async () => {
    const child = await holder();
    expect(await locked(ours)).toBe(true);
    const waiting = ours.lock(path, { wait: true });
    child.kill('SIGKILL');
    const lock = await waiting;
    expect(lock).not.toBeNull();
    await lock?.release();
  });

  test('many wait and each gets it once', async () => {
    const first = await ours.lock(path, { wait: true });
    let inside = 0;
    const turns = Array.from({ length: 20 }, async (_, index) => {
      const lock = await (index % 2 ? ours : theirs).lock(path, { wait: true });
      expect(++inside).toBe(1);
      await ours.ops({ ops: NOTHING });
      inside--;
      await lock?.release();
    });
    await first?.release();
    await Promise.all(turns);
  });

  test('waiting can be cancelled; then the lock is not held', async () => {
    const first = await ours.lock(path, { wait: true });
    const stop = new AbortController();
    const waiting = theirs.lock(path, { wait: true, signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await first?.release();
    expect(await locked(ours)).toBe(false);
  });

  test('a file that was replaced while one waited is not mistaken for the lock', async () => {
    const first = await ours.lock(path, { wait: true });
    const waiting = theirs.lock(path, { wait: true });
    await locked(theirs);
    unlinkSync(path);
    writeFileSync(path, '');
    await first?.release();
    const second = await waiting;
    expect(await ours.lock(path, { wait: false })).toBeNull(); // the file of that name is locked now
    await second?.release();
  });

  test('links, directories and missing directories are refused', async () => {
    writeFileSync(`${dir}/victim`, '');
    symlinkSync(`${dir}/victim`, path);
    await expect(ours.lock(path, { wait: false })).rejects.toMatchObject({ fields: { op: 'lock', errno: 'ELOOP' } });
    await expect(ours.lock(dir, { wait: false })).rejects.toMatchObject({ fields: { errno: 'EISDIR' } });
    await expect(ours.lock(`${dir}/no/lock`, { wait: false })).rejects.toMatchObject({ fields: { errno: 'ENOENT' } });
  });

  test('lost with its server is nothing to act upon: requests are refused until the holder has let go', async () => {
    const own = openLauncher(LAUNCHER);
    const lock = await own.lock(path, { wait: true });
    process.kill(serverOf(process.pid, path), 'SIGKILL');
    await expect(own.ended(identity(1))).rejects.toMatchObject({ code: 'launch-failed' });
    await expect(own.ops({ ops: NOTHING })).rejects.toMatchObject({ fields: { errno: 'EOWNERDEAD' } });
    expect(await locked(ours)).toBe(false);
    await lock?.release();
    await own.ops({ ops: NOTHING });
    own.close();
  });
});
