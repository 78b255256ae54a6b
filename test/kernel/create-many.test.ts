// A room full of containers by one line: patterns, passwords that let one in, refusals before anything is made, and a cancel in the middle.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { hashPassword, newPassword, writePassword } from '../../src/engine/ct/password.ts';
import { VzError } from '../../src/engine/errors.ts';
import { openLinuxHost } from '../../src/engine/host/linux/host.ts';
import { openLauncher } from '../../src/engine/launcher/client.ts';
import { TestTerm } from '../tui/test-term.ts';
import { HOME, type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const suite = requires('root', 'launcher', 'busybox');

suite('vzdeck create of many', () => {
  let lab: Lab;
  beforeAll(() => {
    lab = openLab();
    lab.engine.bootstrap();
  });
  afterAll(() => lab.down());

  const vzdeck = (...words: string[]) => {
    const { status, stdout, stderr } = spawnSync(join(HOME, 'bin/vzdeck'), words, {
      encoding: 'utf8',
      cwd: lab.root,
      env: { ...process.env, VZDECK_ROOT: lab.root },
    });
    return { exit: status, out: stdout, err: stderr };
  };
  const areas = (): readonly string[] => readdirSync(`${lab.root}/vz/private`).sort();
  const times = (what: RegExp, n: number) => (screen: string) => (screen.match(what) ?? []).length === n;
  /** Everything that the prefix keeps as text: no private areas, and no pins of programs and maps, which are the kernel's. */
  const kept = (): string =>
    [lab.engine.node.confDir, lab.engine.node.runDir, lab.engine.node.logDir, lab.engine.node.lockDir]
      .flatMap((dir) => readdirSync(dir, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(`${lab.engine.node.runDir}/bpf`))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
      .join('\n');

  test('a plan says it all and makes nothing', () => {
    const { exit, out } = vzdeck('create', '101-103', '--name', 'seat-{nn}', '--generate-password', '--start', '--dry-run');
    expect(exit).toBe(0);
    expect(out).toMatch(/^103 {2}file {5}link .*\/names\/seat-03 to /m);
    expect(out).toMatch(/^101 {2}clone /m);
    expect(out.match(/openssl passwd -6 -stdin$/gm)).toHaveLength(3);
    expect(lab.engine.list()).toEqual([]);
  });

  test('each has its name, its host name and a password of its own, told once', () => {
    const { exit, out } = vzdeck(
      'create',
      '101-104',
      '--name',
      'seat-{nn}',
      '--hostname',
      'seat-{nn}.lab',
      '--generate-password',
      '--start',
    );
    expect(exit).toBe(0);
    expect(out).toMatch(/^104 seat-04 {2}created and started in [\d.]+ s$/m);
    const rows = [...out.matchAll(/^(\d+) +(seat-\d+) +(\S+) +root +([a-z2-9]{4}(?:-[a-z2-9]{4}){2})$/gm)];
    expect(rows.map(([, id, name, hostname]) => [id, name, hostname])).toEqual(
      [1, 2, 3, 4].map((n) => [`10${n}`, `seat-0${n}`, `seat-0${n}.lab`]),
    );
    const passwords = rows.map(([, , , , password]) => password ?? '');
    expect(new Set(passwords).size).toBe(4);
    expect(lab.engine.list().map((ct) => ct.state)).toEqual(['running', 'running', 'running', 'running']);
    for (const password of passwords) expect(kept()).not.toContain(password);
  });

  test.each(['simfs', 'overlay'])('the password, and no other, lets root in (%s)', async (layout) => {
    const id = layout === 'simfs' ? '111' : '112';
    const file = join(lab.root, `passwords-${id}`);
    expect(vzdeck('create', id, '--name', `door-${id}`, '--layout', layout, '--passwords', file, '--start')).toMatchObject({ exit: 0 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const password = readFileSync(file, 'utf8').split('\n')[1]?.split('\t').at(-1) ?? '';
    const term = new TestTerm(join(HOME, 'bin/vzctl'), ['console', id], { env: { VZDECK_ROOT: lab.root } });
    try {
      await term.waitFor('login:');
      term.type('root\r');
      await term.waitFor('Password:');
      term.type('wrong\r');
      await term.waitFor('Login incorrect');
      await term.waitFor(times(/login:/g, 2));
      term.type('root\r');
      await term.waitFor(times(/Password:/g, 2));
      term.type(`${password}\r`);
      await term.waitFor(/^root@.*#/m);
      term.type('echo in-$((6*7))\r');
      await term.waitFor('in-42');
    } finally {
      await term.close();
    }
    expect((await lab.inside(Number(id), 'stat -c "%a %u" /etc/shadow; cut -d: -f2 /etc/passwd | sort -u')).out).toBe('600 0\nx\n');
  });

  test('what is taken is told before anything is made, whatever it is', () => {
    const before = areas();
    const names = vzdeck('create', '120-122', '--name', 'seat-{nn}');
    expect(names).toMatchObject({ exit: 131, out: '0 of 3 made; 3 refused, so none was begun\n' });
    expect(names.err).toContain('121 seat-02  Conflict: name seat-02 already used by container 102');
    const file = join(lab.root, 'not-made');
    expect(vzdeck('create', '119', '101', '--passwords', file)).toMatchObject({
      exit: 44,
      out: '0 of 2 made; 1 refused, so none was begun\n',
    });
    expect(existsSync(file)).toBe(false);
    expect(vzdeck('create', '120-122', '--name', 'web')).toEqual({
      exit: 21,
      out: '',
      err: '--name web would be that of 3 containers: write {n}, {nn} or {id} into it\n',
    });
    expect(vzdeck('create', '120-121', '--ipadd', '10.9.0.1-9').err).toMatch(/^--ipadd 10\.9\.0\.1-9: ranges are not possible; write auto/);
    expect(vzdeck('create', '120', '--ipadd', '10.9.0.1', '--layout', 'overlay').exit).toBe(0);
    expect(vzdeck('create', '131-133', '--ipadd', '10.9.0.{n}')).toMatchObject({
      exit: 78,
      err: expect.stringContaining('131  Address 10.9.0.1 is that of container 120'),
    });
    expect(areas()).toEqual([...before, '120'].sort());
  });

  test('auto is another address for each, as long as there are some; then none is made', () => {
    const conf = join(lab.root, 'etc/vz/vz.conf');
    const text = readFileSync(conf, 'utf8');
    writeFileSync(conf, `${text}\nVZDECK_POOL="10.77.0.0/29"\n`);
    try {
      expect(vzdeck('create', '200-203', '--ipadd', 'auto', '--layout', 'overlay').exit).toBe(0);
      const addresses = [200, 201, 202, 203].map(
        (id) => /^IP_ADDRESS="(.*)"$/m.exec(readFileSync(join(lab.root, `etc/vz/conf/${id}.conf`), 'utf8'))?.[1],
      );
      expect(new Set(addresses).size).toBe(4);
      for (const address of addresses) expect(address).toMatch(/^10\.77\.0\.[1-6]$/);
      const none = vzdeck('create', '204-206', '--ipadd', 'auto', '--layout', 'overlay');
      expect(none).toMatchObject({
        out: '0 of 3 made; 1 refused, so none was begun\n',
        err: expect.stringContaining('No address is free for auto'),
      });
      expect(vzdeck('create', '204', '--ipadd', 'auto', '--layout', 'overlay').exit).toBe(0);
    } finally {
      writeFileSync(conf, text);
    }
  });

  test('passwords go into a new file only, and not through a link', () => {
    const target = join(lab.root, 'victim');
    writeFileSync(target, 'old');
    symlinkSync(target, join(lab.root, 'link'));
    expect(vzdeck('create', '140', '--passwords', 'link')).toMatchObject({ exit: 3, err: expect.stringContaining('exists already') });
    expect(readFileSync(target, 'utf8')).toBe('old');
    expect(lab.engine.find('140')).toBeNull();
  });

  test('one that fails does not stop the others, and with --stop-on-error nothing further is begun', () => {
    // No plan sees a file in the place of a directory that the start needs.
    const broken = (id: number): void => {
      mkdirSync(`${lab.root}/vz/root`, { recursive: true });
      writeFileSync(`${lab.root}/vz/root/${id}`, '');
    };
    broken(151);
    const all = vzdeck('create', '150-153', '--name', 'f{n}', '--layout', 'overlay', '--start', '--json');
    const outcomes = JSON.parse(all.out) as { id: number; end: string; exit: number }[];
    expect(all.exit).not.toBe(0);
    expect(outcomes.map(({ end }) => end)).toEqual(['started', 'failed', 'started', 'started']);
    broken(160);
    const stopped = vzdeck('create', '160-189', '--layout', 'overlay', '--start', '--stop-on-error', '--json');
    const ends = (JSON.parse(stopped.out) as { end: string }[]).map(({ end }) => end);
    expect(ends[0]).toBe('failed');
    expect(ends).toContain('left');
    expect(ends.filter((end) => end === 'left').length).toBeGreaterThan(10);
  });

  test('Ctrl-C in the middle leaves whole containers and no half ones, and the passwords of those that are there', async () => {
    const file = join(lab.root, 'cut');
    const child = spawn(join(HOME, 'bin/vzdeck'), ['create', '301-360', '--name', 'c{nn}', '--passwords', file], {
      env: { ...process.env, VZDECK_ROOT: lab.root },
    });
    let out = '';
    child.stdout.on('data', (text: Buffer) => {
      if (out === '') child.kill('SIGINT');
      out += text.toString();
    });
    const exit = await new Promise((resolve) => child.on('close', resolve));
    expect(exit).toBe(3);
    expect(out).toMatch(/^\d+ of 60 made; .*\d+ not begun$/m);
    const made = lab.engine.list().filter((ct) => ct.id > 300);
    expect(made.length).toBeGreaterThan(0);
    expect(made.length).toBeLessThan(60);
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(made.length + 1);
    // Whole ones have an init; of the others neither tree, half tree, config nor name is there.
    const left = areas().filter((name) => Number.parseInt(name, 10) > 300);
    expect(left).toEqual(made.map((ct) => String(ct.id)));
    for (const ct of made)
      expect(
        existsSync(`${lab.root}/vz/private/${ct.id}/sbin/init`) || statSync(`${lab.root}/vz/private/${ct.id}/bin/busybox`).isFile(),
      ).toBe(true);
    expect(readdirSync(`${lab.root}/etc/vz/names`).filter((name) => /^c\d/.test(name))).toHaveLength(made.length);
  });
});

suite('the hash of a password', () => {
  test('is made without openssl as well, and each time with another salt', async () => {
    const real = openLinuxHost('/', undefined as never);
    const ran: string[] = [];
    const without: typeof real = {
      ...real,
      run: (program, args, options) => {
        ran.push([program, ...args].join(' '));
        if (program === 'openssl') throw new VzError('no-program', { program, cause: 'ENOENT' });
        return real.run(program, args, options);
      },
    };
    const password = newPassword();
    const [one, two] = [await hashPassword(without, password), await hashPassword(without, password)];
    expect(one).toMatch(/^\$6\$[a-z2-9]{16}\$[./0-9A-Za-z]{86}$/);
    expect(two === one).toBe(false);
    // The same salt gives the same hash by the other program, where it is there.
    const salt = one.split('$')[2] ?? '';
    const other = await real.run('openssl', ['passwd', '-6', '-salt', salt, '-stdin'], { input: `${password}\n` }).catch(() => null);
    if (other !== null) expect(other.stdout.trim()).toBe(one);
    expect(ran.join('\n').includes(password)).toBe(false);
    for (const text of ['', 'two\nlines', 'x'.repeat(256)])
      await expect(hashPassword(real, text)).rejects.toMatchObject({ code: 'bad-password' });
  });
});

suite('a password in a hostile tree', () => {
  test.each([
    ['/etc leads out', (root: string, out: string) => symlinkSync(out, join(root, 'etc'))],
    [
      'shadow and passwd lead out',
      (root: string, out: string) => {
        mkdirSync(join(root, 'etc'));
        for (const name of ['passwd', 'shadow']) symlinkSync(join(out, name), join(root, 'etc', name));
      },
    ],
    [
      'shadow is a fifo',
      (root: string) => {
        mkdirSync(join(root, 'etc'));
        writeFileSync(join(root, 'etc/passwd'), 'root::0:0::/:/bin/sh\n');
        spawnSync('mkfifo', [join(root, 'etc/shadow')]);
      },
    ],
  ])('%s: nothing outside is read or changed, as tree and as lower layer', async (_what, plant) => {
    const lab = openLab();
    const launcher = openLauncher(`${HOME}/build/launcher`);
    try {
      const host = openLinuxHost('/', launcher);
      const [root, out, upper] = ['tree', 'outside', 'upper'].map((name) => join(lab.root, name)) as [string, string, string];
      for (const dir of [root, out, upper]) mkdirSync(dir);
      for (const name of ['passwd', 'shadow']) writeFileSync(join(out, name), 'root:old:0:0::/:/bin/sh\n');
      plant(root, out);
      const hash = await hashPassword(host, newPassword());
      for (const place of [
        { tree: root, lower: null, template: 'hostile' },
        { tree: upper, lower: root, template: 'hostile' },
      ])
        await expect(writePassword(host, place, 'root', hash)).rejects.toThrow(/^Template hostile: no password can be set for root: /);
      expect(readFileSync(join(out, 'shadow'), 'utf8')).toBe('root:old:0:0::/:/bin/sh\n');
      expect(readFileSync(join(out, 'passwd'), 'utf8')).toBe('root:old:0:0::/:/bin/sh\n');
      expect(readdirSync(upper, { recursive: true })).toEqual([]);
    } finally {
      launcher.close();
      await lab.down();
    }
  });
});
