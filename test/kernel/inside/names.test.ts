// Host name, resolver and time zone of containers on the real kernel: what a start puts into their files, with the right owners, in both layouts.
import { lstatSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

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
  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    for (const [id, layout] of LAYOUTS) {
      await lab.engine.create(id, { ostemplate: 'busybox', layout, values: VALUES }, lab.run);
      await lab.engine.start(id, {}, lab.run);
    }
  });
  afterAll(() => lab.down());

  test.each(LAYOUTS)('of %i (%s) stand in its files before init runs, as its root would have written them', async (id) => {
    expect(lab.said().filter((line) => line.startsWith('!'))).toEqual([]);
    expect((await lab.inside(id, 'hostname; cat /etc/hostname /etc/resolv.conf; tail -n 1 /etc/hosts')).out).toBe(
      'web.example.org\nweb.example.org\nsearch example.org\nnameserver 10.0.0.53\n127.0.1.1\tweb.example.org web\n',
    );
    expect((await lab.inside(id, 'date -d "2026-01-01 12:00" +%z; stat -c %u:%g:%a /etc/hostname /etc/resolv.conf /etc/hosts')).out).toBe(
      '+0900\n0:0:644\n0:0:644\n0:0:644\n',
    );
  });

  test('of a second start are not written again', async () => {
    const file = `${lab.root}/vz/private/101/etc/resolv.conf`;
    const { ino } = lstatSync(file);
    await lab.engine.restart(101, {}, lab.run);
    expect(lstatSync(file).ino).toBe(ino);
  });
});
