// Host name, resolver and time zone of containers on the real kernel: what a start puts into their files, with the right owners, in both layouts.
import { lstatSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyLive, planLive } from '../../../src/engine/ct/live/apply.ts';
import { NAMES } from '../../../src/engine/ct/live/names.ts';
import type { LiveStep, LiveTarget } from '../../../src/engine/ct/live/part.ts';
import type { VerbContext } from '../../../src/engine/ct/verb.ts';
import { VzError } from '../../../src/engine/errors.ts';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import type { Host } from '../../../src/engine/host/port.ts';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import { loadNodeConfig } from '../../../src/engine/store/node-config.ts';
import { readCt } from '../../../src/engine/store/registry.ts';
import { type Lab, openLab } from '../lab.ts';
import { LAUNCHER, requires } from '../requires.ts';

const VALUES = { HOSTNAME: 'web.example.org', NAMESERVER: '10.0.0.53', SEARCHDOMAIN: 'example.org', VZDECK_TIMEZONE: 'Asia/Tokyo' };
const LAYOUTS = [
  [101, 'simfs'],
  [102, 'overlay'],
] as const;

requires(
  'root',
  'launcher',
  'busybox',
)('names inside', () => {
  let lab: Lab;
  let host: Host;
  /** As the live parts see a container; nobody inside has to be told anything. */
  const target = (id: number): LiveTarget => {
    const node = loadNodeConfig(host.files, lab.root);
    const init = lab.engine.find(String(id))?.init;
    if (!init) throw new Error(`Container ${id} does not run`);
    return { context: { host, node, report: () => {} } as unknown as VerbContext, config: readCt(host, node, id), init };
  };
  beforeAll(async () => {
    lab = openLab();
    host = openLinuxHost(lab.root, openLauncher(LAUNCHER));
    lab.engine.bootstrap();
    for (const [id, layout] of LAYOUTS) {
      await lab.engine.create(id, { ostemplate: 'busybox', layout, values: VALUES }, lab.run);
      await lab.engine.start(id, {}, lab.run);
    }
  });
  afterAll(() => {
    host.launcher.close();
    return lab.down();
  });

  test.each(LAYOUTS)('of %i (%s) stand in its files before init runs, as its root would have written them', async (id) => {
    expect(lab.said().filter((line) => line.startsWith('!'))).toEqual([]);
    expect((await lab.inside(id, 'hostname; cat /etc/hostname /etc/resolv.conf; tail -n 1 /etc/hosts')).out).toBe(
      'web.example.org\nweb.example.org\nsearch example.org\nnameserver 10.0.0.53\n127.0.1.1\tweb.example.org web\n',
    );
    expect((await lab.inside(id, 'date -d "2026-01-01 12:00" +%z; stat -c %u:%g:%a /etc/hostname /etc/resolv.conf /etc/hosts')).out).toBe(
      '+0900\n0:0:644\n0:0:644\n0:0:644\n',
    );
  });

  test.each(LAYOUTS)('of %i (%s) change while it runs, in the kernel and in its files', async (id) => {
    const pid = lab.engine.find(String(id))?.init?.pid;
    await lab.engine.set(
      id,
      { HOSTNAME: 'shop.example.net', NAMESERVER: '10.0.0.1 10.0.0.2', VZDECK_TIMEZONE: 'UTC' },
      { save: true },
      lab.run,
    );
    expect(
      (await lab.inside(id, 'hostname; cat /etc/hostname /etc/resolv.conf; tail -n 1 /etc/hosts; date -d "2026-01-01 12:00" +%z')).out,
    ).toBe(
      'shop.example.net\nshop.example.net\nsearch example.org\nnameserver 10.0.0.1\nnameserver 10.0.0.2\n127.0.1.1\tshop.example.net shop\n+0000\n',
    );
    expect((await lab.inside(id, 'stat -c %u:%g:%a /etc/hostname /etc/resolv.conf /etc/hosts /etc/localtime')).out).toBe(
      '0:0:644\n'.repeat(4),
    );
    expect(lab.engine.find(String(id))?.init?.pid).toBe(pid);
    expect([...(await NAMES.read(target(id)))].sort()).toEqual([
      ['HOSTNAME', 'shop.example.net'],
      ['NAMESERVER', '10.0.0.1 10.0.0.2'],
      ['SEARCHDOMAIN', 'example.org'],
    ]);
  });

  test('that cannot be are refused before anything is changed', async () => {
    await expect(lab.engine.set(101, { HOSTNAME: 'x'.repeat(65) }, { save: true })).rejects.toMatchObject({ code: 'bad-value' });
    await expect(lab.engine.set(101, { HOSTNAME: 'other', VZDECK_TIMEZONE: 'Atlantis/Capital' }, { save: true })).rejects.toMatchObject({
      code: 'bad-value',
      fields: { key: '--timezone' },
    });
    expect((await lab.inside(101, 'hostname')).out).toBe('shop.example.net\n');
  });

  test('are taken back whole when a later one is refused', async () => {
    const looked = 'hostname; cat /etc/hostname /etc/resolv.conf /etc/hosts; ls -l /etc/hostname';
    const before = (await lab.inside(102, looked)).out;
    const wanted = new Map([
      ['HOSTNAME', 'gone'],
      ['NAMESERVER', '9.9.9.9'],
    ]);
    const steps = await planLive(target(102), wanted, [NAMES]);
    const refused: LiveStep = { keys: [], what: 'nothing', apply: () => Promise.reject(new VzError('not-running')), undo: async () => {} };
    await expect(applyLive([...steps, refused])).rejects.toMatchObject({ code: 'not-applied' });
    expect((await lab.inside(102, looked)).out).toBe(before);
  });

  test('of a second start are not written again', async () => {
    const file = `${lab.root}/vz/private/101/etc/resolv.conf`;
    const { ino } = lstatSync(file);
    await lab.engine.restart(101, {}, lab.run);
    expect(lstatSync(file).ino).toBe(ino);
  });
});
