// A create that is killed at any moment leaves what destroy takes away, and what a later create goes over.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOME, type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('a create that is killed', () => {
  let lab: Lab;
  beforeAll(() => {
    lab = openLab();
    lab.engine.bootstrap();
  });
  afterAll(() => lab.down());
  const left = (): readonly string[] =>
    [`${lab.root}/vz/private`, `${lab.root}/etc/vz/conf`].flatMap((dir) => readdirSync(dir).filter((name) => /^105/.test(name)));

  /** Kills a create as soon as there is something of that name in the directory. On a busy machine it may be quicker: then another one is. */
  async function killed(dir: string, name: string): Promise<void> {
    const child = spawn(`${HOME}/bin/vzctl`, ['create', '105', '--ostemplate', 'busybox'], {
      env: { ...process.env, VZDECK_ROOT: lab.root },
      stdio: 'ignore',
    });
    const gone = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    const watcher = watch(dir, (_, file) => file === name && child.kill('SIGKILL'));
    const signal = await gone;
    watcher.close();
    if (signal === 'SIGKILL' && existsSync(join(dir, name))) return;
    if (lab.engine.find('105') !== null) await lab.engine.destroy(105);
    await killed(dir, name);
  }

  test('before it has written the config', async () => {
    for (const again of ['destroy', 'create'] as const) {
      await killed(`${lab.root}/vz/private`, '105.tmp');
      expect(left()).toContain('105.tmp');
      if (again === 'destroy') await lab.engine.destroy(105);
      else await lab.engine.create(105, { ostemplate: 'busybox', values: {} });
      expect(left()).not.toContain('105.tmp');
    }
    expect(lab.engine.find('105')?.state).toBe('stopped');
    await lab.engine.destroy(105);
    expect(left()).toEqual(['105.conf.destroyed']);
  });

  test('a create whose readers have gone is whole or nothing, and its status says which', async () => {
    const child = spawn(`${HOME}/bin/vzctl`, ['create', '105', '--ostemplate', 'busybox'], {
      env: { ...process.env, VZDECK_ROOT: lab.root },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    child.stderr.destroy();
    const status = await new Promise((resolve) => child.once('exit', resolve));
    expect(status === 0).toBe(lab.engine.find('105') !== null);
    expect(readdirSync(`${lab.root}/vz/lock`)).toEqual([]);
    if (status === 0) await lab.engine.destroy(105);
    expect(left().filter((name) => name !== '105.conf.destroyed')).toEqual([]);
  });

  test('between config and private area', async () => {
    mkdirSync(`${lab.root}/vz/private/105`);
    mkdirSync(`${lab.root}/vz/private/105.tmp/bin`, { recursive: true });
    writeFileSync(`${lab.root}/etc/vz/conf/105.conf`, 'VE_ROOT="/vz/root/$VEID"\nVE_PRIVATE="/vz/private/$VEID"\n');
    await lab.engine.destroy(105);
    expect(left()).toEqual(['105.conf.destroyed']);
  });

  test('nothing of that name is no container, and a whole private area without a config is nobody’s to delete', async () => {
    await expect(lab.engine.destroy(106)).rejects.toMatchObject({ code: 'no-config', exit: 14 });
    mkdirSync(`${lab.root}/vz/private/106/data`, { recursive: true });
    await expect(lab.engine.destroy(106)).rejects.toMatchObject({ code: 'no-config', exit: 14 });
    expect(existsSync(`${lab.root}/vz/private/106/data`)).toBe(true);
  });
});
