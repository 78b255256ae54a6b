// A prefix on a full disk: whatever ends or removes something needs no room, and what needs it names the file and the remedy.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemRefusal } from '../../src/engine/spec/errno.ts';
import { type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('a full disk', () => {
  let lab: Lab;
  const system = (program: string, ...args: string[]): void => {
    expect([program, spawnSync(program, args).status]).toEqual([program, 0]);
  };
  const fill = (): void => {
    spawnSync('dd', ['if=/dev/zero', `of=${lab.root}/fill`, 'bs=4k']);
    expect(() => writeFileSync(`${lab.root}/more`, 'x')).toThrow(/ENOSPC/);
  };
  const room = (): void => rmSync(`${lab.root}/fill`);
  const state = (id: number): string | undefined => lab.engine.find(String(id))?.state;

  beforeAll(async () => {
    lab = openLab();
    system('mount', '-t', 'tmpfs', '-o', 'size=16m', 'vzdeck-full', lab.root);
    await lab.born(101);
    await lab.born(102);
  });
  afterAll(async () => {
    rmSync(`${lab.root}/fill`, { force: true });
    await lab.down();
    system('umount', '-l', lab.root);
    rmSync(lab.root, { recursive: true });
  });

  test('containers are stopped, unmounted and destroyed', async () => {
    await lab.engine.create(103, { ostemplate: 'busybox', values: {} });
    await lab.engine.mount(103);
    fill();
    await lab.engine.stop(101);
    await lab.engine.stop(102, { fast: true });
    await lab.engine.umount(103);
    expect([101, 102, 103].map(state)).toEqual(['stopped', 'stopped', 'stopped']);
    await lab.engine.destroy(102);
    expect(existsSync(`${lab.root}/vz/private/102`)).toBe(false);
    expect(existsSync(`${lab.root}/etc/vz/conf/102.conf`)).toBe(false);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(`${lab.root}/var`);
  });

  test('a start says which file has no room, and what helps', async () => {
    room();
    fill();
    const error = await lab.engine.start(101).catch((e: unknown) => e);
    expect(systemRefusal(error)).toBe(
      `Unable to write ${lab.root}/run/vzdeck/101/record: No space left on device (make room on its file system)`,
    );
    expect(state(101)).toBe('stopped');
    room();
    await lab.engine.start(101);
    expect(state(101)).toBe('running');
  });
});
