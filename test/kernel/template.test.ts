// Templates on the real kernel: hostile trees lead no write of ours outside, and a build that is ended leaves nothing.
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openLinuxHost } from '../../src/engine/host/linux/host.ts';
import { openLauncher } from '../../src/engine/launcher/client.ts';
import type { Launcher } from '../../src/engine/launcher/launcher.ts';
import { careFor } from '../../src/engine/template/care.ts';
import { HOME, type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';

requires('root', 'launcher')('care for a hostile tree', () => {
  let top: string;
  let root: string;
  let outside: string;
  let launcher: Launcher;
  beforeAll(() => {
    launcher = openLauncher(`${HOME}/build/launcher`);
  });
  afterAll(() => launcher.close());
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'vzdeck-care-'));
    root = join(top, 'tree');
    outside = join(top, 'outside');
    for (const dir of [root, join(root, 'usr/lib/systemd'), join(root, 'usr/sbin'), outside, join(outside, 'system')])
      mkdirSync(dir, { recursive: true });
    for (const name of ['usr/lib/systemd/systemd', 'usr/sbin/sshd']) writeFileSync(join(root, name), '');
    for (const name of ['inittab', 'fstab', 'machine-id', 'hostname', 'ssh_host_rsa_key'])
      writeFileSync(join(outside, name), `1:23:respawn:/sbin/getty tty1 # ${name}\n`);
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  const picture = (): unknown =>
    readdirSync(outside).map((name) => [
      name,
      lstatSync(join(outside, name)).isFile() ? readFileSync(join(outside, name), 'utf8') : readdirSync(join(outside, name)),
    ]);

  const plantIn = (dir: string, name: string, target: string): void => {
    mkdirSync(join(root, dir));
    symlinkSync(target, join(root, dir, name));
  };

  test.each([
    ['/etc is a link that leads out', () => symlinkSync(outside, join(root, 'etc'))],
    ['/etc is a relative link that leads out', () => symlinkSync('../../outside', join(root, 'etc'))],
    [
      'every file of /etc is a link that leads out',
      () => {
        mkdirSync(join(root, 'etc/ssh'), { recursive: true });
        mkdirSync(join(root, 'etc/systemd'));
        symlinkSync(join(outside, 'system'), join(root, 'etc/systemd/system'));
        for (const name of ['inittab', 'fstab', 'machine-id', 'hostname', 'mtab'])
          symlinkSync(join(outside, name), join(root, 'etc', name));
        symlinkSync(join(outside, 'ssh_host_rsa_key'), join(root, 'etc/ssh/ssh_host_rsa_key'));
      },
    ],
    ['/etc/ssh is a link to a directory outside', () => plantIn('etc', 'ssh', outside)],
    ['a link that leads to itself', () => plantIn('etc', 'inittab', 'inittab')],
  ])('%s: nothing outside is changed', async (_what, plant) => {
    plant();
    const before = picture();
    // refused by name or done inside: either is good
    await careFor(openLinuxHost('/', launcher), root, 'hostile').catch((error: Error) =>
      expect(error.message).toMatch(/^Template hostile: /),
    );
    expect(picture()).toEqual(before);
  });
});

requires(
  'root',
  'launcher',
  'mmdebstrap',
  'network',
)('a build that is ended in the middle', () => {
  let lab: Lab;
  beforeAll(() => {
    lab = openLab();
    lab.engine.bootstrap();
  });
  afterAll(() => lab.down());

  describe('leaves nothing', () => {
    test.each(['Fetching package lists', 'Extracting essential packages', 'Configuring essential packages'])(
      'while it says "%s"',
      async (step) => {
        const stop = new AbortController();
        const report = (event: { text: string }): void => {
          if (event.text.startsWith(step)) stop.abort();
        };
        await expect(lab.engine.buildTemplate('debian-12', {}, { signal: stop.signal, report })).rejects.toMatchObject({
          code: 'cancelled',
        });
        expect(readdirSync(join(lab.root, 'var/lib/vz/template/cache'))).toEqual([]);
        expect(lab.engine.templates().map((template) => template.name)).not.toContain('debian-12');
        expect(statSync(join(lab.root, 'var/lib/vz/template')).isDirectory()).toBe(true);
      },
    );
  });
});
