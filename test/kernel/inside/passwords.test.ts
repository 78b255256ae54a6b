// Passwords inside: hashed on the node, in the files of containers that run and that do not, in both layouts; who is not there is made.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

const LAYOUTS = [
  [101, 'simfs'],
  [102, 'overlay'],
] as const;
const PASSWORD = "it's a: $secret";

requires(
  'root',
  'launcher',
  'busybox',
)('passwords inside', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    for (const [id, layout] of LAYOUTS) await lab.engine.create(id, { ostemplate: 'busybox', layout, values: {} }, lab.run);
  });
  afterAll(() => lab.down());

  const give = (id: number, user: string, password: string): Promise<void> =>
    lab.engine.set(id, {}, { save: false, passwords: [{ user, password }] }, lab.run);
  const fits = (line: string, password: string): boolean => {
    const hash = line.split(':')[1] ?? '';
    return (
      spawnSync('perl', ['-e', 'chomp(my $p = <STDIN>); print crypt($p, $ARGV[0])', hash], { input: `${password}\n` }).stdout.toString() ===
      hash
    );
  };
  const shadow = async (id: number, user: string): Promise<string> => (await lab.inside(id, `grep ^${user}: /etc/shadow`)).out;

  test.each(LAYOUTS)('of %i (%s) are set while it does not run, and leave it as it was', async (id) => {
    lab.said();
    await give(id, 'root', PASSWORD);
    expect(lab.said()).toEqual([]);
    expect(lab.engine.find(String(id))?.state).toBe('stopped');
    await lab.engine.start(id, {}, lab.run);
    expect(fits(await shadow(id, 'root'), PASSWORD)).toBe(true);
    expect((await lab.inside(id, 'stat -c %u:%g:%a /etc/shadow /etc/passwd')).out).toBe('0:0:600\n0:0:644\n');
  });

  test.each(LAYOUTS)('of %i (%s) are set while it runs, and no other user is touched', async (id) => {
    const before = (await lab.inside(id, 'grep -v ^user: /etc/shadow; cat /etc/passwd')).out;
    await give(id, 'user', 'another');
    expect(fits(await shadow(id, 'user'), 'another')).toBe(true);
    expect((await lab.inside(id, 'grep -v ^user: /etc/shadow; cat /etc/passwd')).out).toBe(before);
  });

  test.each(LAYOUTS)('of %i (%s) make a user who is not there, with a home and a group', async (id) => {
    await lab.inside(id, 'mkdir -p /etc/skel && echo hello >/etc/skel/.profile');
    await give(id, 'anna', 'third');
    expect(fits(await shadow(id, 'anna'), 'third')).toBe(true);
    expect(
      (await lab.inside(id, 'id anna; stat -c %U:%G:%a /home/anna /home/anna/.profile; su anna -c "cat ~/.profile && touch ~/mine"')).out,
    ).toBe('uid=1001(anna) gid=1001(anna) groups=1001(anna)\nanna:anna:700\nanna:anna:644\nhello\n');
    await give(id, 'anna', 'fourth');
    expect(fits(await shadow(id, 'anna'), 'fourth')).toBe(true);
    expect((await lab.inside(id, 'grep -c ^anna: /etc/passwd')).out).toBe('1\n');
  });

  test('are yescrypt where the tree makes them so, and the node can', async () => {
    await lab.inside(101, 'echo "ENCRYPT_METHOD YESCRYPT" >/etc/login.defs');
    await give(101, 'root', 'fifth');
    const line = await shadow(101, 'root');
    expect(line).toMatch(/^root:\$(y|6)\$/);
    expect(fits(line, 'fifth')).toBe(true);
  });

  test('that cannot be are refused, by the exit status of the original', async () => {
    for (const [user, password] of [
      ['root', ''],
      ['root', 'two\nlines'],
    ] as const)
      await expect(give(101, user, password)).rejects.toMatchObject({ exit: 74 });
    await lab.engine.stop(102, { fast: true });
    const file = `${lab.root}/vz/private/102/upper/etc/passwd`;
    const text = readFileSync(file);
    unlinkSync(file);
    writeFileSync(`${lab.root}/outside`, 'root:x:0:0::/:/bin/sh\n');
    symlinkSync(`${lab.root}/outside`, file);
    await expect(give(102, 'root', 'x')).rejects.toMatchObject({ exit: 74 });
    expect(readFileSync(`${lab.root}/outside`, 'utf8')).toBe('root:x:0:0::/:/bin/sh\n');
    unlinkSync(file);
    writeFileSync(file, text);
    expect(existsSync(`${lab.root}/vz/root/102/etc`)).toBe(false);
    expect(lab.engine.find('102')?.state).toBe('stopped');
  });

  test('stand in no journal and no log', async () => {
    const files = spawnSync('grep', [
      '-rlF',
      '-e',
      PASSWORD,
      '-e',
      'another',
      `${lab.root}/var/log`,
      `${lab.root}/etc`,
      `${lab.root}/run`,
    ]).stdout.toString();
    expect(files).toBe('');
  });
});
