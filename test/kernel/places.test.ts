// Configs that put a container where something else is: refused before anything is changed, and nobody else's mount is ever taken down.
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('places of a container', () => {
  let lab: Lab;
  let plain: string;
  const conf = (id: number): string => `${lab.root}/etc/vz/conf/${id}.conf`;
  const mounts = (): readonly string[] =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(lab.root));
  const configure = (lines: string): void => writeFileSync(conf(103), `${plain}${lines}\n`);
  const refusal = async (verb: Promise<void>): Promise<string> => {
    const before = mounts();
    const error = await verb.then(
      () => null,
      (e: unknown) => e as Error,
    );
    expect(mounts()).toEqual(before);
    return error === null ? 'no refusal' : error.message.replaceAll(lab.root, '');
  };

  beforeAll(async () => {
    lab = openLab();
    await lab.born(101);
    await lab.engine.create(103, { ostemplate: 'busybox', values: {} });
    plain = readFileSync(conf(103), 'utf8').replace(/^VE_(ROOT|PRIVATE)=.*\n/gm, '');
    mkdirSync(`${lab.root}/place`);
    symlinkSync('../var/lib/vz/private/101', `${lab.root}/place/link`);
  });
  afterAll(async () => {
    writeFileSync(conf(103), `${plain}VE_ROOT="/vz/root/103"\nVE_PRIVATE="/vz/private/103"\n`);
    await lab.down();
  });

  test.each([
    ['/', '/ is the root directory'],
    ['relative', 'relative is no absolute path'],
    ['/var', '/var holds the directory of templates, /var/lib/vz/template'],
    ['/vz/root/../root/101', '/vz/root/../root/101 has . or .. in it'],
    ['/vz/root/101', '/vz/root/101 is the VE_ROOT of container 101'],
    ['/vz/root/101/home', '/vz/root/101/home lies in the VE_ROOT of container 101, /var/lib/vz/root/101'],
    ['/vz/private/101', '/vz/private/101 is the VE_PRIVATE of container 101'],
    ['/vz/private/103/mnt', '/vz/private/103/mnt lies in its own VE_PRIVATE, /var/lib/vz/private/103'],
    ['/vz/lock', '/vz/lock is the directory of locks'],
    ['/run/vzdeck/x', '/run/vzdeck/x lies in the directory of start records, /run/vzdeck'],
  ])('VE_ROOT=%s', async (root, cause) => {
    configure(`VE_ROOT="${root}"\nVE_PRIVATE="/vz/private/103"`);
    const text = `VE_ROOT of container 103 is refused: ${cause}`;
    expect(await refusal(lab.engine.start(103))).toBe(text);
    expect(await refusal(lab.engine.restart(103))).toBe(text);
    expect(['Container is already mounted', 'no refusal', text]).toContain(await refusal(lab.engine.mount(103)));
    expect(['CT is not mounted', text]).toContain(await refusal(lab.engine.umount(103)));
    expect((await lab.inside(101, 'hostname')).out).toBe('ct101\n');
  });

  test('VE_ROOT where the node has mounted something else', async () => {
    configure(`VE_ROOT="/proc"\nVE_PRIVATE="/vz/private/103"`);
    const { spawnSync } = await import('node:child_process');
    mkdirSync(`${lab.root}/proc`);
    expect(spawnSync('mount', ['-t', 'tmpfs', 'vzdeck-else', `${lab.root}/proc`]).status).toBe(0);
    try {
      const text = 'VE_ROOT of container 103 is refused: /proc is where something else is mounted';
      expect(await refusal(lab.engine.start(103))).toBe(text);
      expect(await refusal(lab.engine.umount(103))).toBe(text);
    } finally {
      spawnSync('umount', [`${lab.root}/proc`]);
    }
  });

  test.each([
    ['/', '/ is the root directory'],
    ['relative', 'relative is no absolute path'],
    ['/vz', '/vz holds the directory of templates, /var/lib/vz/template'],
    ['/vz/root/101/home', '/vz/root/101/home lies in the VE_ROOT of container 101, /var/lib/vz/root/101'],
  ])('VE_PRIVATE=%s', async (area, cause) => {
    configure(`VE_ROOT="/place/root"\nVE_PRIVATE="${area}"`);
    const text = `VE_PRIVATE of container 103 is refused: ${cause}`;
    expect([text, 'Container private area relative does not exist']).toContain(await refusal(lab.engine.start(103)));
    expect(await refusal(lab.engine.destroy(103))).toBe(text);
  });

  test.each(['/vz/private/101', '/place/link', '/vz/private/101/home'])('the private area of a running container, as %s', async (area) => {
    configure(`VE_ROOT="/vz/root/103"\nVE_PRIVATE="${area}"`);
    const there = area.endsWith('home') ? '/var/lib/vz/private/101/home' : '/var/lib/vz/private/101';
    mkdirSync(`${lab.root}${there}`, { recursive: true });
    const text = `Container 103 cannot have the private area ${there}: container 101 has it`;
    for (const verb of ['start', 'mount', 'destroy'] as const) expect(await refusal(lab.engine[verb](103))).toBe(text);
  });

  test('what runs is stopped and unmounted by its record, whatever its config says by now', async () => {
    configure('VE_ROOT="/vz/root/103"\nVE_PRIVATE="/vz/private/103"');
    await lab.engine.start(103);
    appendFileSync(conf(103), 'VE_ROOT="/vz/root/101"\n');
    configure('VE_ROOT="/vz/root/101"\nVE_PRIVATE="/vz/private/103"');
    await lab.engine.stop(103, { fast: true });
    expect(mounts().join('\n')).not.toContain(`${lab.root}/var/lib/vz/root/103`);
    expect(mounts().join('\n')).toContain(`${lab.root}/var/lib/vz/root/101`);
    rmSync(`${lab.root}/vz/root/103`, { recursive: true });
  });
});
