// A container's life on the real kernel: birth, commands inside, clean stop, reboot and halt from inside, an init that dies.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';
import { until } from './until.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('a busybox container', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101, { HOSTNAME: 'one' });
  });
  afterAll(() => lab.down());

  test('runs with its own host name, processes and loopback', async () => {
    expect(lab.engine.find('101')?.state).toBe('running');
    expect(await lab.inside(101, 'hostname')).toEqual({ code: 0, out: 'one\n' });
    expect((await lab.inside(101, 'echo $$; cat /proc/1/comm')).out).toMatch(/^\d{1,3}\n(init|busybox)\n$/);
    expect((await lab.inside(101, 'cat /sys/class/net/lo/operstate; cd /sys/class/net; echo */')).out).toBe('unknown\nlo/\n');
  });

  test('gives back the exit code of a command, and tells death by signal', async () => {
    expect((await lab.inside(101, 'exit 7')).code).toBe(7);
    expect(await lab.engine.exec(101, ['sh', '-c', 'kill -9 $$'], { stdio: ['ignore', 'ignore', 'ignore'] })).toEqual({
      code: null,
      signal: 9,
    });
  });

  test('goes on when its stop is cancelled, which is told as that', async () => {
    const cancel = new AbortController();
    const report = ({ text }: { text: string }): void => {
      if (text.startsWith('Stopping')) cancel.abort();
    };
    await expect(lab.engine.stop(101, {}, { signal: cancel.signal, report })).rejects.toThrow('Stop was cancelled');
    expect(lab.engine.find('101')?.state).toBe('running');
  });

  test('says that it is full, when nothing more can run in it', async () => {
    await lab.engine.set(101, { NUMPROC: '2' }, { save: false });
    await expect(lab.inside(101, 'true')).rejects.toThrow('Entering the container failed: its processes are at their limit (numproc)');
    await lab.engine.set(101, { NUMPROC: '100' }, { save: false });
    expect((await lab.inside(101, 'true')).code).toBe(0);
  });

  test('maps its root to nobody of the node, and writes plain ids to disk', async () => {
    const init = lab.engine.find('101')?.init;
    expect(readFileSync(`/proc/${init?.pid}/uid_map`, 'utf8')).toMatch(/^\s*0\s+\d{10}\s+65536\n$/);
    await lab.inside(101, 'touch /root/mine; chown 1000:1000 /root/mine');
    const { statSync } = await import('node:fs');
    const { uid, gid } = statSync(`${lab.root}/vz/private/101/root/mine`);
    expect([uid, gid]).toEqual([1000, 1000]);
  });

  test('is refused a second start, by name of the state', async () => {
    await expect(lab.engine.start(101)).rejects.toMatchObject({ code: 'running', exit: 32 });
  });

  test('stops cleanly when asked, and says so in the reference words', async () => {
    lab.said();
    await lab.engine.stop(101, {}, lab.run);
    expect(lab.said()).toEqual(['Stopping container ...', 'Container was stopped', 'Container is unmounted']);
    expect(lab.engine.find('101')?.state).toBe('stopped');
  });

  test('lets people in while its start and its stop are still at work', async () => {
    for (const [moment, state] of [
      ['start', 'starting'],
      ['stop', 'stopping'],
    ] as const) {
      const script = `${lab.root}/etc/vz/conf/101.${moment}`;
      writeFileSync(script, 'touch /here; until [ -e /go ]; do sleep 0.01; done; rm /go /here\n');
      const verb = moment === 'start' ? lab.engine.start(101) : lab.engine.stop(101);
      try {
        await until(() => existsSync(`${lab.root}/vz/private/101/here`));
        expect(lab.engine.find('101')?.state).toBe(state);
        expect(await lab.inside(101, 'hostname')).toEqual({ code: 0, out: 'one\n' });
      } finally {
        writeFileSync(`${lab.root}/vz/private/101/go`, '');
        await verb;
        rmSync(script);
      }
    }
    expect(lab.engine.find('101')?.state).toBe('stopped');
    await expect(lab.inside(101, 'true')).rejects.toMatchObject({ code: 'not-running' });
  });

  test('can be mounted and unmounted, with ids as on disk', async () => {
    await lab.engine.mount(101);
    expect(lab.engine.find('101')?.state).toBe('mounted');
    const { statSync } = await import('node:fs');
    expect(statSync(`${lab.root}/vz/root/101/etc/passwd`).uid).toBe(0);
    await lab.engine.umount(101);
    expect(lab.engine.find('101')?.state).toBe('stopped');
  });
});
