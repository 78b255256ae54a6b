// A node that lacks what containers need says so before anything is made: rights that were taken away, ids of an outer container, a file
// system that cannot map ids.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { VzError } from '../../src/engine/errors.ts';
import { openEngine } from '../../src/engine/open.ts';
import { HOME, type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';

/** Without one of these nothing starts. */
const START = ['chown', 'dac_override', 'fowner', 'setgid', 'setuid', 'setpcap', 'sys_admin'];
/** Without these containers start, and little can be done with them. */
const FURTHER = ['kill', 'sys_chroot', 'sys_ptrace'];

requires(
  'root',
  'launcher',
  'busybox',
)('a node that lacks something', () => {
  let lab: Lab;
  const run = (prefix: readonly string[], ...words: readonly string[]) => {
    const [program = '', ...args] = [...prefix, `${HOME}/bin/vzdeck`, ...words];
    const { status, stdout, stderr } = spawnSync(program, args, { env: { ...process.env, VZDECK_ROOT: lab.root }, encoding: 'utf8' });
    return { status, out: stdout + stderr };
  };

  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    await lab.engine.create(101, { ostemplate: 'busybox', values: {} });
  });
  afterAll(() => lab.down());

  test.each(START)('no CAP_%s: the start is refused by name, and nothing was made', (name) => {
    const { status, out } = run(['setpriv', `--bounding-set=-${name}`, '--'], 'start', '101');
    expect(out).toContain(`Root is here without CAP_${name.toUpperCase()}: no container can be started`);
    expect(status).toBe(5);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(lab.root);
  });

  test('with nothing but what is asked for all goes well', () => {
    const only = ['-all', ...[...START, ...FURTHER].map((name) => `+${name}`)].join(',');
    const bounded = ['setpriv', `--bounding-set=${only}`, '--'];
    expect(run(bounded, 'start', '101')).toMatchObject({ status: 0 });
    expect(run(bounded, 'exec', '101', 'hostname')).toEqual({ status: 0, out: 'ct101\n' });
    expect(run(bounded, 'stop', '101')).toMatchObject({ status: 0 });
  });

  test('somebody who is not root is told so, by one line and what to type', () => {
    const { status, out } = run(['setpriv', '--reuid=65534', '--clear-groups', '--'], 'list');
    expect(out).toMatch(/^Containers are run by root: \S+ is closed to user 65534\nType it once more with sudo\n$/);
    expect(status).toBe(12);
  });

  test('root of an outer container is told that it has too few ids', () => {
    const { status, out } = run(['unshare', '--user', '--map-root-user', '--'], 'start', '101');
    expect(out).toContain('User ids from 0x70000000 on are not mapped');
    expect(status).toBe(5);
  });

  test('a file system that cannot map ids is named with the area on it, before and at a start', async () => {
    const other = openLab();
    const place = `${other.root}/elsewhere`;
    try {
      other.engine.bootstrap();
      for (const dir of [place, `${place}/lower`, `${place}/upper`, `${place}/work`]) mkdirSync(dir, { mode: 0o700 });
      // what the root of many a machine is that is an outer container
      const layers = `lowerdir=${place}/lower,upperdir=${place}/upper,workdir=${place}/work`;
      expect(spawnSync('mount', ['-t', 'overlay', 'overlay', '-o', layers, place]).status).toBe(0);
      const { vzConf } = other.engine.node;
      writeFileSync(vzConf, readFileSync(vzConf, 'utf8').replace('/vz/private/$VEID', '/elsewhere/$VEID'));
      const engine = openEngine({ home: HOME, root: other.root });
      const said = `The file system of ${place} (overlay) cannot map ids`;
      const found = (await engine.obstacles()).find(({ what }) => what === said);
      expect(found).toMatchObject({ fatal: true });
      await engine.create(101, { ostemplate: 'busybox', values: {} });
      await engine.create(102, { ostemplate: 'busybox', layout: 'overlay', values: {} });
      for (const id of [101, 102]) {
        const error = (await engine.start(id).catch((e: unknown) => e)) as VzError;
        expect(error).toMatchObject({ code: 'no-idmap', message: `The file system of ${place}/${id} (overlay) cannot map ids` });
        expect(engine.find(String(id))?.state).toBe('stopped');
        await engine.destroy(id);
      }
      await engine.leave();
      engine.close();
    } finally {
      spawnSync('umount', [place]);
      await other.down();
    }
  });
});
