// Links, files and fifos that somebody inside put where the engine mounts, writes or executes: whatever becomes of the container, nothing
// outside its root is written. And what its root leaves on disk is of no use to an ordinary user of the node.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

const ID = 101;
const NEIGHBOUR = 102;

/** Every file below a directory with its content and mode. */
function contents(dir: string): readonly string[] {
  return execFileSync('find', [dir, '-printf', '%P %y %m %s %T@\n'], { encoding: 'utf8' }).split('\n').sort();
}

requires(
  'root',
  'launcher',
  'busybox',
)('a hostile tree', () => {
  let lab: Lab;
  let outside: string;
  let area: string;
  beforeAll(async () => {
    lab = openLab();
    outside = mkdtempSync('/tmp/vzdeck-outside-');
    // The same names as inside, so that a step that follows a link finds something to spoil.
    for (const dir of ['etc', 'sbin', 'dev', 'proc', 'sys', 'root']) mkdirSync(join(outside, dir));
    for (const file of [
      'etc/passwd',
      'etc/shadow',
      'etc/group',
      'etc/hostname',
      'etc/hosts',
      'etc/resolv.conf',
      'sbin/init',
      'dev/null',
      'dev/console',
    ])
      writeFileSync(join(outside, file), 'the node’s\n');
    area = join(lab.root, 'var/lib/vz/private', String(ID));
    // what the kernel is given with the first container of a prefix goes with the last: beside this one the starts of all cases are the next ones
    await lab.born(NEIGHBOUR);
  });
  beforeEach(async () => {
    if (lab.engine.find(String(ID)) !== null) {
      await lab.engine.stop(ID, { fast: true });
      await lab.engine.destroy(ID);
    }
    await lab.engine.create(ID, { ostemplate: 'busybox', values: {} }, lab.run);
  });
  afterAll(async () => {
    await lab.down();
    rmSync(outside, { recursive: true });
  });

  /** absolute: as the name is on the node; climbing: out of the tree with more steps up than there are directories. */
  const FORMS = { absolute: (to: string) => to, climbing: (to: string) => `../../../../../../../../../../..${to}` };
  const PLACES =
    'dev proc sys etc sbin dev/console dev/pts dev/shm proc/sys sys/fs/cgroup etc/passwd etc/shadow etc/group etc/hostname etc/hosts sbin/init root run tmp'.split(
      ' ',
    );

  async function live(): Promise<'ran' | 'refused'> {
    try {
      await lab.engine.set(ID, { HOSTNAME: 'planted' }, { save: true }).catch(() => {});
      await lab.engine.start(ID, {}, lab.run);
      await lab.engine.exec(ID, ['/bin/true']).catch(() => {});
      await lab.engine.set(ID, { HOSTNAME: 'planted2' }, { save: false }).catch(() => {});
      await lab.engine.stop(ID, { fast: true });
      return 'ran';
    } catch {
      return 'refused';
    }
  }

  function plant(place: string, make: (path: string) => void): void {
    const path = join(area, place);
    rmSync(path, { recursive: true, force: true });
    mkdirSync(dirname(path), { recursive: true });
    make(path);
  }

  /** Every place once by its absolute name; where steps differ by depth, also by climbing. */
  const LINKS = [
    ...PLACES.map((place) => [place, 'absolute'] as const),
    ...['dev', 'sbin/init', 'etc/hostname', 'sys/fs/cgroup'].map((place) => [place, 'climbing'] as const),
  ];

  test.each(LINKS)('with a link at /%s (%s) writes nothing outside', async (place, form) => {
    plant(place, (path) => symlinkSync(FORMS[form](join(outside, place)), path));
    const before = contents(outside);
    await live();
    expect(contents(outside)).toEqual(before);
  });

  test.each([...'dev proc sys etc/hostname sbin/init'.split(' ')])(
    'with a fifo or a file at /%s neither hangs nor writes outside',
    async (place) => {
      for (const make of [(path: string) => execFileSync('mkfifo', [path]), (path: string) => writeFileSync(path, '')]) {
        plant(place, make);
        const before = contents(outside);
        await live();
        expect(contents(outside)).toEqual(before);
      }
    },
  );

  test('keeps a link between its own directories: that is how distributions are made', async () => {
    plant('run2', (path) => mkdirSync(path));
    plant('run', (path) => symlinkSync('/run2', path));
    expect(await live()).toBe('ran');
  });

  test('a setuid program made inside is out of reach for an ordinary user of the node', async () => {
    await lab.engine.start(ID, {}, lab.run);
    copyFileSync('/bin/busybox', join(area, 'bin/suid'));
    chmodSync(join(area, 'bin/suid'), 0o4755);
    const NOBODY = 65_534;
    const asNobody = (path: string) => spawnSync(path, ['id', '-u'], { uid: NOBODY, gid: NOBODY, encoding: 'utf8', cwd: '/' });
    const root = join(lab.root, 'var/lib/vz/root', String(ID), 'bin/suid');
    expect(existsSync(root)).toBe(true);
    // The way in is barred whatever the prefix above allows.
    chmodSync(lab.root, 0o755);
    for (const path of [join(area, 'bin/suid'), root]) expect(asNobody(path).error).toMatchObject({ code: 'EACCES' });
    // And where somebody gets in nevertheless, the mount does not obey the bit.
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toMatch(new RegExp(`${lab.root}/var/lib/vz/root/${ID} [^ ]*nosuid[^ ]*nodev`));
    await lab.engine.stop(ID, { fast: true });
    expect(readdirSync(lab.root)).toContain('var');
  });

  test('a directory of private areas that stands open is closed before anything of theirs runs', async () => {
    const private_ = dirname(area);
    chmodSync(private_, 0o755);
    await lab.engine.start(ID, {}, lab.run);
    expect(statSync(private_).mode & 0o777).toBe(0o700);
    await lab.engine.stop(ID, { fast: true });
    // Where something else lies, too, others may have a use for the directory: it is theirs to decide.
    writeFileSync(join(private_, 'readme'), '');
    chmodSync(private_, 0o755);
    await expect(lab.engine.start(ID, {}, lab.run)).rejects.toMatchObject({ code: 'area-open', fields: { dir: private_ } });
    expect(lab.engine.find(String(ID))?.state).toBe('stopped');
    rmSync(join(private_, 'readme'));
    for (const dir of ['template/cache', 'trash']) chmodSync(join(lab.root, 'var/lib/vz', dir), 0o755);
    await lab.engine.destroy(ID);
    await lab.engine.create(ID, { ostemplate: 'busybox', layout: 'overlay', values: {} }, lab.run);
    for (const dir of ['template/cache', 'trash', 'private']) expect(statSync(join(lab.root, 'var/lib/vz', dir)).mode & 0o777).toBe(0o700);
  });
});
