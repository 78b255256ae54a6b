import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import type { Launcher } from '../../../src/engine/launcher/launcher.ts';
import type { Op } from '../../../src/engine/spec/op.ts';
import { LAUNCHER, requires } from '../requires.ts';
import { identity } from './bed.ts';

/** Asks the server, where no operation would ask nobody. */
const NOTHING: readonly Op[] = [{ op: 'rmdir', path: '/nowhere' }];

let launcher: Launcher;
beforeAll(() => {
  launcher = openLauncher(LAUNCHER);
});
afterAll(() => launcher.close());

const sleeper = () => spawn('sleep', ['1000'], { stdio: 'ignore' });

requires('root', 'launcher')('a process', () => {
  test('is waited for until it ends, by several at once', async () => {
    const child = sleeper();
    const id = identity(child.pid ?? 0);
    const waits = [launcher.ended(id), launcher.ended(id)];
    const state = await Promise.race([Promise.all(waits), launcher.ops({ ops: NOTHING }).then(() => 'still running')]);
    expect(state).toBe('still running');
    child.kill();
    await Promise.all(waits);
  });

  test('that is not there, or whose pid is another process now, has ended', async () => {
    const child = sleeper();
    const id = identity(child.pid ?? 0);
    await launcher.ended({ ...id, startTime: id.startTime - 1n });
    expect(await launcher.kill({ ...id, startTime: id.startTime + 1n }, 9)).toBe(false);
    expect(identity(id.pid)).toEqual(id);
    const gone = once(child, 'exit');
    expect(await launcher.kill(id, 9)).toBe(true);
    await gone;
    await launcher.ended(id);
    expect(await launcher.kill(id, 9)).toBe(false);
    expect(await launcher.kill({ pid: 0, startTime: 0n }, 9)).toBe(false);
  });

  test('is no longer waited for when that is cancelled', async () => {
    const child = sleeper();
    const stop = new AbortController();
    const waiting = launcher.ended(identity(child.pid ?? 0), stop.signal);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await expect(launcher.ended(identity(child.pid ?? 0), stop.signal)).rejects.toMatchObject({ code: 'cancelled' });
    const gone = once(child, 'exit');
    child.kill();
    await gone;
  });

  test('the launcher lets an engine end that has nothing more to ask, and goes with it', async () => {
    const script = `
      import { openLauncher } from ${JSON.stringify(new URL('../../../src/engine/launcher/client.ts', import.meta.url).href)};
      await openLauncher(${JSON.stringify(LAUNCHER)}).ops({ ops: [{ op: 'rmdir', path: '/nowhere' }] });
      console.log('asked');`;
    const engine = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const out = text(engine.stdout);
    const [status] = await once(engine, 'close');
    expect({ status, out: await out }).toEqual({ status: 0, out: 'asked\n' });
  });

  test('that was asked for and cannot be started is an error, not a silence', async () => {
    const nobody = openLauncher('/nowhere/launcher');
    await expect(nobody.ops({ ops: NOTHING })).rejects.toMatchObject({
      code: 'launch-failed',
      fields: { stage: 'launcher', errno: 'ENOENT' },
    });
    await expect(
      nobody.enter({ pid: 1, startTime: 0n, cgroup: '', pty: false, size: null, typed: new Uint8Array(), back: null, ops: [] }),
    ).rejects.toMatchObject({
      fields: { errno: 'ENOENT' },
    });
    nobody.close();
  });

  test('many requests at once are all answered, more than run at a time', async () => {
    const asked = Array.from({ length: 300 }, (_, index) =>
      launcher.ops({ ops: [{ op: 'rmdir', path: index % 3 ? '/nowhere' : '/proc' }] }).then(
        () => 'done',
        () => 'failed',
      ),
    );
    const answers = await Promise.all(asked);
    expect(answers.filter((answer) => answer === 'failed').length).toBe(100);
  });
});
