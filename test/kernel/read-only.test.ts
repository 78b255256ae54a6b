// A prefix that may only be read: who looks sees all that there is.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEngine } from '../../src/engine/open.ts';
import { HOME, type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('a read-only prefix', () => {
  let lab: Lab;
  const mount = (...args: string[]): void => expect(spawnSync('mount', [...args, lab.root]).status).toBe(0);

  beforeAll(async () => {
    lab = openLab();
    mount('-t', 'tmpfs', 'vzdeck-read');
    lab.engine.bootstrap();
    await lab.engine.create(101, { ostemplate: 'busybox', values: {} });
    mkdirSync(`${lab.root}/run/vzdeck`, { recursive: true });
    rmSync(`${lab.root}/run/vzdeck/engine`, { force: true });
    mount('-o', 'remount,ro');
  });
  afterAll(async () => {
    mount('-o', 'remount,rw');
    await lab.down();
    expect(spawnSync('umount', ['-l', lab.root]).status).toBe(0);
    rmSync(lab.root, { recursive: true });
  });

  test('is listed', () => {
    const engine = openEngine({ home: HOME, root: lab.root });
    expect(engine.list().map((ct) => [ct.id, ct.state])).toEqual([[101, 'stopped']]);
    expect(engine.status(101)).toMatchObject({ exists: true, state: 'stopped' });
    engine.close();
  });
});
