// What people are told of starts that fail or wait, of templates and of ids that are none.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { programs } from '../cli/run.ts';
import { HOME, type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';
import { until } from './until.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('words', () => {
  let lab: Lab;
  const find = (id: number) => lab.engine.find(String(id));
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101);
  });
  afterAll(() => lab.down());

  test('a restart that is only planned finds its own id range free', async () => {
    const said: string[] = [];
    const lines = await lab.engine.plan((engine) => engine.restart(101, {}, { report: ({ text }) => void said.push(text) }));
    expect(said.filter((text) => /id range/.test(text))).toEqual([]);
    expect(lines.map(({ what }) => what)).toContain('clone');
    expect(find(101)?.state).toBe('running');
  });

  test('an archive without a root file system is no template', async () => {
    const cache = `${lab.root}/vz/template/cache`;
    mkdirSync(`${lab.root}/empty/readme.d`, { recursive: true });
    expect(spawnSync('tar', ['-C', `${lab.root}/empty`, '-czf', `${cache}/hollow.tar.gz`, '.']).status).toBe(0);
    for (const layout of ['simfs', 'overlay'] as const) {
      await expect(lab.engine.create(102, { ostemplate: 'hollow', layout, values: {} })).rejects.toMatchObject({
        code: 'bad-template',
        message: expect.stringContaining('holds no root file system'),
      });
      expect(existsSync(`${lab.root}/vz/private/102`)).toBe(false);
      expect(existsSync(`${cache}/hollow`)).toBe(false);
    }
  });

  test('a friendly set makes no config for a container that is not there', async () => {
    await expect(lab.engine.set(999, { NUMPROC: '80' }, { save: true, existing: true })).rejects.toMatchObject({ code: 'no-config' });
    expect(existsSync(`${lab.root}/etc/vz/conf/999.conf`)).toBe(false);
    const { exit, out, err } = programs(lab.root)('vzdeck', ['set', '999', '--numproc', '80', '--save']);
    expect([exit, `${out}${err}`]).toEqual([14, expect.stringContaining('Container config file does not exist')]);
    expect(existsSync(`${lab.root}/etc/vz/conf/999.conf`)).toBe(false);
  });

  test('a prefix that is not absolute is refused by every program', () => {
    for (const program of ['vzlist', 'vzctl', 'vzdeck']) {
      const args = program === 'vzlist' ? [] : ['status', '101'];
      const { status, stderr } = spawnSync(`${HOME}/bin/${program}`, args, {
        env: { ...process.env, VZDECK_ROOT: 'rel' },
        encoding: 'utf8',
      });
      expect(status).not.toBe(0);
      expect(stderr).toMatch(/^VZDECK_ROOT is no absolute path: rel\n(Give .*\n)?$/);
    }
  });

  test('a memory limit in which nothing can start is named', async () => {
    await lab.engine.create(103, { ostemplate: 'busybox', values: { PHYSPAGES: '1', SWAPPAGES: '0' } });
    const error = await lab.engine.start(103).catch((e: unknown) => e);
    expect((error as Error).message).toMatch(/physpages/);
    await lab.engine.destroy(103);
  });

  test('a start that waits for the end of a back-off is told, and a destroy calls it off', async () => {
    for (let round = 0; round < 3; round++) {
      const before = find(101)?.init?.pid;
      expect(find(101)?.restartAt).toBeNull();
      await lab.inside(101, 'reboot');
      if (round < 2)
        await until(() => {
          const now = find(101);
          return now?.state === 'running' && now.init?.pid !== before;
        });
    }
    await until(() => find(101)?.restartAt != null);
    const { at, reboots } = lab.engine.outcome(101) ?? { at: 0, reboots: 0 };
    expect(reboots).toBe(3);
    expect(find(101)?.restartAt).toBe(at + 2000);
    await lab.engine.destroy(101);
    // it may be told before the destroy is, which goes on meanwhile
    await until(() => lab.engine.journal(2).entries.some(({ verb, result }) => verb === 'start' && result === 'cancelled'));
    expect(existsSync(`${lab.root}/run/vzdeck/101`)).toBe(false);
  });
});
