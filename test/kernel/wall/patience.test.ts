// Nothing that root of a container does to programs, files and cgroups inside decides how long a verb of the node takes.
import { existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';

const ID = 101;

/** Makes the group that newcomers join its own, and freezes it. */
const FREEZE = `
mkdir -p /sys/fs/cgroup/mine && echo $$ > /sys/fs/cgroup/mine/cgroup.procs
mkdir /sys/fs/cgroup/enter && echo 1 > /sys/fs/cgroup/enter/cgroup.freeze && touch /frozen
`;

requires(
  'root',
  'launcher',
  'busybox',
  'cgroup2',
)('a container that does not let anybody finish', () => {
  let lab: Lab;
  const area = (path: string): string => join(lab.root, 'vz/private', String(ID), path);
  const script = (path: string, text: string): void => writeFileSync(area(path), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const stopped = async (): Promise<string | undefined> => {
    await lab.engine.stop(ID, {}, lab.run);
    return lab.engine.find(String(ID))?.state;
  };

  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    await lab.engine.create(ID, { ostemplate: 'busybox', values: { STOP_TIMEOUT: '1' } });
  });
  afterAll(() => lab.down());

  test('is killed although the halt that it was asked by never ends', async () => {
    script('sbin/halt.sh', 'sleep 1000');
    await lab.engine.start(ID);
    await lab.inside(ID, 'ln -sf halt.sh /sbin/halt');
    lab.said();
    expect(await stopped()).toBe('stopped');
    expect(lab.said()).toContain('Killing container ...');
  });

  test('is killed although every newcomer is frozen on arrival', async () => {
    script('etc/init.d/rcS', FREEZE);
    await lab.engine.start(ID, {}, lab.run);
    await until(() => existsSync(area('frozen')));
    expect(await stopped()).toBe('stopped');
  });

  test('is killed although its shell never ends the stop script', async () => {
    script('etc/init.d/rcS', 'rm -f /bin/sh; ln -s /sbin/halt.sh /bin/sh; : >/replaced');
    writeFileSync(area('sbin/halt.sh'), '#!/bin/ash\nsleep 1000\n', { mode: 0o755 });
    writeFileSync(lab.engine.node.conf(ID).replace(/conf$/, 'stop'), 'true\n');
    await lab.engine.start(ID, {}, lab.run);
    await until(() => existsSync(area('replaced')));
    lab.said();
    expect(await stopped()).toBe('stopped');
    expect(lab.said().join('\n')).toMatch(/stop script of container 101 did not end/);
  });

  test('is killed although it has no shell for the stop script', async () => {
    script('etc/init.d/rcS', 'rm -f /bin/sh /bin/bash');
    rmSync(area('bin/sh'));
    symlinkSync('busybox', area('bin/sh'));
    await lab.engine.start(ID, {}, lab.run);
    await until(() => !existsSync(area('bin/sh')));
    lab.said();
    await lab.engine.stop(ID, { fast: true }, lab.run);
    expect(lab.said().join('\n')).toMatch(/stop script of container 101 failed.*ENOENT/);
  });
});
