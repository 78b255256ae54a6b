// The embedded template: what is in it, that it comes out the same each time, and that our own reader and check take it.
import { describe, expect, test } from 'vitest';
import { ARCHIVE_LIMITS, ArchiveCheck } from '../../../src/engine/template/archive-check.ts';
import { busyboxArchive } from '../../../src/engine/template/busybox.ts';
import type { TarEntry } from '../../../src/engine/template/tar-header.ts';
import { readTar } from '../../../src/engine/template/tar-reader.ts';

const BUSYBOX = new TextEncoder().encode('a static busybox');
const APPLETS = ['bin/busybox', 'bin/sh', 'sbin/init', 'usr/bin/nc', 'bin/ping', 'usr/bin/dpkg', 'linuxrc'];

async function entries(): Promise<Map<string, TarEntry & { readonly text: string }>> {
  const found = new Map<string, TarEntry & { readonly text: string }>();
  const check = new ArchiveCheck(ARCHIVE_LIMITS);
  const bytes = busyboxArchive(BUSYBOX, APPLETS);
  for await (const entry of readTar(
    (async function* () {
      yield bytes;
    })(),
  )) {
    let text = '';
    for await (const part of entry.body) text += Buffer.from(part).toString('latin1');
    const kept = check.take(entry);
    expect(kept, entry.name).not.toBeNull();
    found.set(entry.name, { ...kept!, text });
  }
  return found;
}

describe('the embedded template', () => {
  test('is the same bytes each time, in whatever order the applets come', () => {
    expect(busyboxArchive(BUSYBOX, [...APPLETS].reverse())).toEqual(busyboxArchive(BUSYBOX, APPLETS));
  });

  test('has busybox once and a link per applet that leads to it', async () => {
    const all = await entries();
    expect(all.get('bin/busybox')).toMatchObject({ kind: 'file', mode: 0o755, text: 'a static busybox' });
    for (const [path, target] of [
      ['bin/sh', 'busybox'],
      ['sbin/init', '../bin/busybox'],
      ['usr/bin/nc', '../../bin/busybox'],
    ] as const) {
      expect(all.get(path)).toMatchObject({ kind: 'symlink', target });
    }
    expect(all.has('usr/bin/dpkg'), 'no package manager that has no packages').toBe(false);
  });

  test('logs root in on its own terminals only, and user nowhere', async () => {
    const all = await entries();
    expect(all.get('etc/shadow')).toMatchObject({ mode: 0o600, uid: 0 });
    expect(all.get('etc/shadow')?.text).toMatch(/^root::/);
    expect(all.get('etc/shadow')?.text).toMatch(/^user:!:/m);
    expect(all.get('etc/securetty')?.text.trim().split('\n')).toEqual(['console', 'tty2', 'tty3', 'tty4', 'tty5', 'tty6', 'tty7']);
  });

  test('keeps a login, a log, jobs and a web server running, and shuts down in order', async () => {
    const inittab = (await entries()).get('etc/inittab')!.text;
    for (const line of [
      /^console::respawn:.*getty/m,
      /::respawn:.*syslogd/,
      /::respawn:.*crond/,
      /::respawn:.*httpd/,
      /::shutdown:/,
      /::ctrlaltdel:.*reboot/,
    ]) {
      expect(inittab).toMatch(line);
    }
  });

  test('belongs to root, but for the home of user', async () => {
    for (const [name, entry] of await entries()) expect([name, entry.uid]).toEqual([name, name === 'home/user' ? 1000 : 0]);
  });
});
