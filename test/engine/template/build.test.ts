// Names of templates as recipes, the node's own mirror, and what a build says while it runs.
import { describe, expect, test } from 'vitest';
import type { Host, RunOptions } from '../../../src/engine/host/port.ts';
import { type BuildEvent, buildProgress, buildTemplate } from '../../../src/engine/template/build.ts';
import { recipeOf } from '../../../src/engine/template/recipes.ts';

describe('names', () => {
  test.each([
    ['debian-12', 'bookworm', ''],
    ['debian-trixie', 'trixie', ''],
    ['debian-12-x86_64', 'bookworm', 'amd64'],
    ['ubuntu-24.04', 'noble', ''],
  ])('%s is %s', (name, suite, architecture) => {
    expect(recipeOf(name)).toMatchObject({ name, suite, architecture });
  });
  test('an init is asked for by its word, where the distribution has it', () => {
    expect(recipeOf('debian-12')?.packages).toContain('systemd-sysv');
    for (const name of ['debian-12-sysvinit', 'debian-bookworm-sysvinit', 'debian-12-amd64-sysvinit']) {
      expect(recipeOf(name)?.packages).toEqual(expect.arrayContaining(['sysvinit-core', 'openssh-server']));
      expect(recipeOf(name)?.packages).not.toContain('systemd-sysv');
    }
    expect(recipeOf('ubuntu-24.04-sysvinit')).toBeNull();
  });
  test.each(['debian', 'debian-99', 'slackware-15', '../debian-12', 'debian-12/x', 'debian--12', 'debian-12;id', ''])(
    '"%s" is none',
    (name) => {
      expect(recipeOf(name)).toBeNull();
    },
  );
});

test('progress: steps that are over, bytes of those known to be needed, elapsed time', () => {
  let at = 0;
  const events: BuildEvent[] = [];
  const hear = buildProgress(
    () => at,
    (event) => events.push(event),
  );
  for (const line of [
    'I: running apt-get update...',
    'Get:1 http://a.example/debian bookworm/main amd64 Packages [4000 kB]',
    'I: downloading packages with apt...',
    'Need to get 2,000 kB of archives.',
    'Get:1 http://a.example/debian bookworm/main amd64 libc6 amd64 2.36 [1500 kB]',
    'Get:2 http://a.example/debian bookworm/main amd64 libtiny amd64 1 [2 kB]',
    'Unpacking libc6',
    'Get:3 http://a.example/debian bookworm/main amd64 perl amd64 5 [498 kB]',
    'I: creating tarball...',
  ]) {
    at += 1000;
    hear(line);
  }
  expect(events.map((event) => [event.level, event.text, event.progress?.done, event.progress?.total])).toEqual([
    [0, 'Fetching package lists (0.0 MB, 1 s)', 0, 7],
    [1, 'Fetching package lists (4.0 MB, 2 s)', 0, 7],
    [0, 'Fetching essential packages (4.0 MB, 3 s)', 1, 7],
    [1, 'Fetching essential packages (5.5 of 6.0 MB, 5 s)', 1, 7],
    [1, 'Fetching essential packages (6.0 MB, 8 s)', 1, 7],
    [0, 'Packing (6.0 MB, 9 s)', 6, 7],
  ]);
});

/** A node whose programs answer as told; everything that was run is kept. */
function node(answers: Readonly<Record<string, { status: number; stdout?: string; stderr?: string }>>) {
  const ran: string[][] = [];
  const gone: string[] = [];
  const written = new Map<string, string>();
  const host = {
    now: () => 0,
    launcher: { lock: async () => ({ release: async () => {} }) },
    files: {
      mkdir() {},
      stat: () => ({ size: 7 }),
      write: (path: string, text: string) => written.set(path, text),
      unlink: (path: string) => gone.push(path),
      rename: (from: string, to: string) => gone.push(`${from} → ${to}`),
    },
    run: async (program: string, args: readonly string[], _options?: RunOptions) => {
      ran.push([program, ...args]);
      return { status: 0, stdout: '', stderr: '', ...answers[program] };
    },
  } as unknown as Host;
  return { host, ran, gone, written };
}

const INDEX =
  'Debian|Debian-Security|bookworm-security|http://a.example/debian-security/\nDebian|Debian|bookworm-updates|http://b.example/debian/\nOther|Other|x|http://c.example/\n';

describe('a build', () => {
  test("takes main and security archive from the node's apt, for any suite", async () => {
    const { host, ran, gone } = node({ 'apt-get': { status: 0, stdout: INDEX } });
    await buildTemplate(host, '/vz/template', 'debian-13');
    const call = ran.find(([program]) => program === 'setpriv')!;
    expect(call.slice(-3)).toEqual([
      '/vz/template/cache/.build-debian-13/debian-13.tar.zst',
      'deb http://b.example/debian/ trixie main',
      'deb http://a.example/debian-security/ trixie-security main',
    ]);
    expect(call).toContain('--pdeathsig');
    expect(gone).toContain('/vz/template/cache/.build-debian-13/debian-13.tar.zst → /vz/template/cache/debian-13.tar.zst');
    expect(ran.at(-1)).toEqual(['rm', '-rf', '--one-file-system', '--', '/vz/template/cache/.build-debian-13']);
  });

  test('adds packages, and is called as told', async () => {
    const { host, ran, written } = node({ 'apt-get': { status: 0, stdout: INDEX } });
    await buildTemplate(host, '/vz/template', 'debian-12', { include: ['nginx-light', 'libc6:i386'], as: 'web' });
    const call = ran.find(([program]) => program === 'setpriv')!;
    expect(call.find((word) => word.startsWith('--include='))).toMatch(/,openssh-server,ca-certificates,nginx-light,libc6:i386$/);
    expect(call).toContain('/vz/template/cache/.build-web/web.tar.zst');
    expect(JSON.parse(written.get('/vz/template/cache/.web.origin') ?? '')).toEqual({
      size: 7,
      recipe: 'debian-12',
      suite: 'bookworm',
      sources: ['deb http://b.example/debian/ bookworm main', 'deb http://a.example/debian-security/ bookworm-security main'],
      include: ['nginx-light', 'libc6:i386'],
    });
  });

  test.each([
    [{ include: ['--aptopt=x'] }, '"--aptopt=x" is no name of a package'],
    [{ include: ['aa', 'nginx light'] }, '"nginx light" is no name of a package'],
    [{ as: '../web' }, 'that is no name of a template'],
    [{ as: '-web' }, 'that is no name of a template'],
  ])('is not begun with %j', async (options, cause) => {
    const { host, ran } = node({});
    await expect(buildTemplate(host, '/t', 'debian-12', options)).rejects.toThrow(cause);
    expect(ran).toEqual([]);
  });

  test('takes only the mirror that is named', async () => {
    const { host, ran } = node({});
    await buildTemplate(host, '/vz/template', 'ubuntu-24.04', { mirror: 'http://d.example/ubuntu' });
    expect(ran.find(([program]) => program === 'setpriv')?.at(-1)).toBe('deb http://d.example/ubuntu noble main universe');
  });

  test('without a mirror says what to type', async () => {
    const { host } = node({ 'apt-get': { status: 0, stdout: INDEX } });
    await expect(buildTemplate(host, '/t', 'ubuntu-24.04')).rejects.toMatchObject({
      message: "Template ubuntu-24.04 could not be built: this node's apt knows no Ubuntu mirror",
      remedy: 'Name one: vzdeck template build ubuntu-24.04 --mirror ADDRESS',
    });
  });

  test('that fails says the error that says why, and removes what it made', async () => {
    const stderr =
      "E: The repository 'http://b.example x Release' does not have a Release file.\nE: apt-get update failed\nE: mmdebstrap failed to run\n";
    const { host, ran } = node({ 'apt-get': { status: 0, stdout: INDEX }, setpriv: { status: 25, stderr } });
    await expect(buildTemplate(host, '/t', 'debian-12')).rejects.toMatchObject({
      message: "Template debian-12 could not be built: The repository 'http://b.example x Release' does not have a Release file.",
      remedy: 'This mirror does not have the suite: name another one with --mirror',
    });
    expect(ran.at(-1)).toEqual(['rm', '-rf', '--one-file-system', '--', '/t/cache/.build-debian-12']);
  });
});
