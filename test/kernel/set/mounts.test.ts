// Bind mounts given and taken: what those inside see, what their root can make of it, and that neither links nor mounts of theirs lead elsewhere.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

const ID = 101;

requires(
  'root',
  'launcher',
  'busybox',
)('bind mounts', () => {
  let lab: Lab;
  /** Nobody but root of the node reaches what lies in here. */
  let closed: string;
  let source: string;
  beforeAll(async () => {
    lab = openLab();
    closed = join(lab.root, 'closed');
    source = join(closed, 'data');
    mkdirSync(join(source, 'sub'), { recursive: true });
    chmodSync(closed, 0o700);
    writeFileSync(join(source, 'file'), 'of five');
    chownSync(join(source, 'file'), 5, 6);
    await lab.born(ID);
  });
  afterAll(async () => {
    await lab.down();
  });
  beforeEach(async () => {
    await lab.engine.set(ID, { BINDMOUNT: { del: 'all' } }, { save: true }).catch(() => {});
    lab.said();
  });

  const give = (add: string, save = false) => lab.engine.set(ID, { BINDMOUNT: { add } }, { save }, lab.run);
  const take = (del: string, save = false) => lab.engine.set(ID, { BINDMOUNT: { del } }, { save }, lab.run);
  /** Mounts of the node that show anything of the prefix. */
  const ours = () =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(lab.root));
  const sh = async (line: string): Promise<string> => (await lab.inside(ID, line)).out;
  const live = async (): Promise<string | null> => (await lab.engine.parameters(ID)).find(({ key }) => key === 'BINDMOUNT')?.live ?? null;
  const refusal = (attempt: Promise<unknown>): Promise<{ code: string; message: string }> =>
    attempt.then(
      () => ({ code: 'none', message: '' }),
      (error: unknown) => error as { code: string; message: string },
    );

  test('a directory appears in the running container with its owners, takes what is written there, and goes again', async () => {
    await give(`${source}:/srv/data`);
    expect(await sh('stat -c %u:%g /srv/data/file; cat /srv/data/file; echo new >/srv/data/new; chown 1000:1000 /srv/data/new')).toBe(
      '5:6\nof five',
    );
    expect(statSync(join(source, 'new'))).toMatchObject({ uid: 1000, gid: 1000 });
    await take('/srv/data');
    expect(await sh('ls /srv/data; grep -c /srv/data /proc/self/mountinfo')).toBe('0\n');
  });

  test('several at once, a file among them; saved ones come back with the next start', async () => {
    writeFileSync(join(source, 'motd'), 'hello\n');
    await give(`${source}:/a ${source}/motd:/etc/motd,ro ${source}/sub:/a-sub,noexec`, true);
    expect(await sh('cat /etc/motd; echo x >>/etc/motd || echo refused')).toMatch(/^hello\n.*refused\n/s);
    await lab.engine.restart(ID, {}, lab.run);
    expect(await sh('cat /etc/motd; stat -c %u /a/file; grep " /a-sub " /proc/self/mountinfo')).toMatch(/^hello\n5\n.*nodev,noexec/s);
    await lab.engine.stop(ID, { fast: true });
    // the config of a stopped one
    await take('/a /etc/motd', true);
    expect(readFileSync(join(lab.root, 'etc/vz/conf/101.conf'), 'utf8')).toContain(`BINDMOUNT="${source}/sub:/a-sub,noexec"`);
    await lab.engine.start(ID, {}, lab.run);
    expect(await sh('grep -c "/closed/data" /proc/self/mountinfo')).toBe('1\n');
  });

  test('what is not saved is taken away by itself, and leaves what is saved alone', async () => {
    await give(`${source}:/kept`, true);
    await give(`${source}/sub:/lent`);
    await take('/lent');
    expect(await sh('ls -d /kept/file; ls /lent')).toBe('/kept/file\n');
    await give(`${source}/sub:/lent`);
    await give(`${source}/sub:/third`, true);
    // a save stores what it names, and touches nothing else
    expect(await sh('grep -o " /lent \\| /kept \\| /third " /proc/self/mountinfo | sort')).toBe(' /kept \n /lent \n /third \n');
    expect(readFileSync(join(lab.root, 'etc/vz/conf/101.conf'), 'utf8')).toContain(`BINDMOUNT="${source}:/kept ${source}/sub:/third"`);
    await take('all', true);
    expect(await sh('grep -c closed/data /proc/self/mountinfo')).toBe('0\n');
  });

  test('a place where nothing is bound is told, and the others go', async () => {
    await give(`${source}:/srv/data`);
    lab.said();
    await take('/srv/data /srv/slip');
    expect(lab.said()).toContain('! Warning: nothing of the node is bound at /srv/slip');
    expect(await sh('grep -c /srv/data /proc/self/mountinfo')).toBe('0\n');
  });

  test('another one at the same place takes the place of the first', async () => {
    await give(`${source}:/p`);
    await give(`${source}/sub:/p`);
    expect(await sh('ls /p; grep -c " /p " /proc/self/mountinfo')).toBe('1\n');
  });

  test('read-only stays so, and no device opens, whatever root inside remounts, clones or nests', async () => {
    await give(`${source}:/ro,ro`);
    const tries = [
      'mount -o remount,bind,rw /ro',
      'mount -o remount,bind,dev,rw /ro',
      'mkdir -p /c; mount --bind /ro /c; mount -o remount,bind,rw /c',
      'unshare -m sh -c "mount -o remount,bind,rw /ro"',
    ];
    for (const line of tries) expect(await sh(`${line} && echo done`)).not.toContain('done');
    expect(await sh('touch /ro/x /c/x; umount /c')).toMatch(/Read-only.*\n.*Read-only/);
    expect(existsSync(join(source, 'x'))).toBe(false);
  });

  test('what root inside mounts over it, clones of it or leaves open does not keep it', async () => {
    await give(`${source}:/p`);
    await sh('mkdir -p /c1 /c2; mount --bind /p /c1; mount --bind /p/sub /c2; mount -t tmpfs none /p; mount -t tmpfs none /p');
    expect(await live()).toBe('');
    await take('/p');
    expect(await sh('grep -c closed/data /proc/self/mountinfo; ls /c1 /c2')).toBe('0\n/c1:\n\n/c2:\n');
  });

  test('services with a mount namespace of their own see it come and go, too', async () => {
    const pid = await sh(
      'unshare -m --propagation slave sleep 1000 & until [ "$(readlink /proc/$!/ns/mnt)" != "$(readlink /proc/1/ns/mnt)" ]; do :; done; echo $!',
    );
    const there = (): Promise<string> => sh(`grep -c closed/data /proc/${pid.trim()}/mountinfo`);
    await give(`${source}:/p`);
    expect(await there()).toBe('1\n');
    await take('/p');
    expect(await there()).toBe('0\n');
    await sh(`kill ${pid}`);
  });

  test('one that is in use goes, and says so', async () => {
    await give(`${source}:/p`);
    await sh('(cd /p && exec sleep 1000) & until [ "$(readlink /proc/$!/cwd)" = /p ]; do :; done');
    await take('/p');
    expect(lab.said().join('\n')).toMatch(/\/p was in use: what is open there stays open/);
    expect(await sh('killall sleep; grep -c closed/data /proc/self/mountinfo')).toBe('0\n');
  });

  test('one that root inside has taken off is no more told as given, and is put back by giving it again', async () => {
    await give(`${source}:/p`, true);
    expect(await live()).toBe(`${source}:/p`);
    await sh('umount /p');
    expect(await live()).toBe('');
    await give(`${source}:/p`, true);
    expect(await sh('cat /p/file')).toBe('of five');
    await sh('umount /p');
    await take('/p', true);
  });

  test.each([
    ['a link to the root', 'ln -s / /hop', '/hop/etc'],
    ['a link to /proc', 'ln -s /proc /hop', '/hop'],
    ['a link that climbs', 'ln -s ../../../../../../.. /hop', '/hop/tmp'],
    ['a link in the middle', 'mkdir -p /m; ln -s /etc /m/hop', '/m/hop/x'],
  ])('%s at the place is refused, and nothing changes on the node or inside', async (_what, plant, place) => {
    await sh(`rm -rf /hop /m; ${plant}`);
    const [node, within] = [ours(), await sh('cat /proc/1/mountinfo')];
    expect(await refusal(give(`${source}:${place}`))).toMatchObject({ message: expect.stringMatching(/symbolic link/) });
    expect([ours(), await sh('cat /proc/1/mountinfo')]).toEqual([node, within]);
    // nor at the start: it fails, and leaves nothing
    await lab.engine.stop(ID, { fast: true });
    await give(`${source}:${place}`, true);
    expect(await refusal(lab.engine.start(ID, {}, lab.run))).toMatchObject({ code: 'bind-refused' });
    expect(ours()).toEqual([]);
    await take('all', true);
    await lab.engine.start(ID, {}, lab.run);
    await sh('rm -rf /hop /m');
  });

  test.each(['/proc/x', '/sys', '/dev/shm', '/', '/a/../b', 'relative', '/a b', '/a:/b:c'])('the place %s is none', (place) => {
    expect(() => lab.engine.set(ID, { BINDMOUNT: `${source}:${place}` }, { save: false })).toThrow(/Bad parameter for BINDMOUNT/);
  });

  test('sources that are the engine’s or another container’s are refused, by whatever path', async () => {
    symlinkSync(join(lab.root, 'var/lib/vz/private'), join(closed, 'link'));
    const bad = ['var/lib/vz/private/101', 'var/lib/vz', 'etc/vz/conf', 'run/vzdeck', 'var/lib/vz/root/101'].map((path) =>
      join(lab.root, path),
    );
    for (const path of [...bad, lab.root, join(closed, 'link')]) {
      expect(await refusal(give(`${path}:/p`)), path).toMatchObject({ message: expect.stringMatching(/(lies in|holds) |symbolic link/) });
    }
  });

  test('a link that root inside leaves in what it was given leads nowhere when that is given', async () => {
    await give(`${source}:/p`);
    await sh('ln -s /root /p/evil; mkdir /p/d; ln -s /root /p/d/evil');
    for (const path of ['evil', 'd/evil', 'd/evil/sub']) {
      expect(await refusal(give(`${source}/${path}:/q`)), path).toMatchObject({
        message: expect.stringMatching(/leads through a symbolic link/),
      });
    }
    expect(await sh('rm -r /p/evil /p/d; ls /q')).toMatch(/No such file/);
  });

  test('a source that vanishes: named when it is to come, seen as empty when it is there, and taken away', async () => {
    const gone = join(closed, 'gone');
    expect(await refusal(give(`${gone}:/p`))).toMatchObject({ message: expect.stringMatching(/does not exist/) });
    mkdirSync(gone);
    await give(`${gone}:/p`, true);
    rmSync(gone, { recursive: true });
    expect(await sh('ls /p && echo empty')).toBe('empty\n');
    await lab.engine.stop(ID, { fast: true });
    expect(await refusal(lab.engine.start(ID, {}, lab.run))).toMatchObject({ code: 'bind-refused' });
    await take('/p', true);
    await lab.engine.start(ID, {}, lab.run);
    mkdirSync(gone);
    await give(`${gone}:/p`);
    rmSync(gone, { recursive: true });
    await take('/p');
    expect(await sh('grep -c closed/gone /proc/self/mountinfo')).toBe('0\n');
  });

  test('where users of the node could find setuid programs of the container’s root, only what cannot leave any is given', async () => {
    const open = join(lab.root, 'open');
    mkdirSync(open);
    for (const dir of [lab.root, open]) chmodSync(dir, 0o755);
    expect(await refusal(give(`${open}:/p`))).toMatchObject({ message: expect.stringMatching(/users of the node can reach/) });
    await give(`${open}:/ro,ro ${open}:/plain,plain ${open}:/trusted,trusted`);
    expect(await sh('touch /ro/x || echo ro; touch /plain/x || echo plain; touch /trusted/x && echo trusted')).toMatch(
      /ro\n.*plain\ntrusted\n/s,
    );
    // without a map the directory is a stranger's; opened for all, what is made there belongs to the container's own range
    chmodSync(open, 0o777);
    await sh('cp /bin/busybox /plain/su; chmod 4755 /plain/su');
    expect(statSync(join(open, 'su')).uid).toBeGreaterThanOrEqual(0x7000_0000);
    chmodSync(lab.root, 0o700);
  });

  test('the file system of a device comes with its owners; one that cannot show them says so and shows nobody', async () => {
    const image = join(closed, 'image');
    const [disk, plain] = [join(closed, 'disk'), join(closed, 'plain')];
    for (const dir of [disk, plain]) mkdirSync(dir);
    execFileSync('sh', [
      '-c',
      'truncate -s 8M "$0" && mkfs.ext4 -q "$0" && mount -o loop "$0" "$1" && mount -t ramfs none "$2"',
      image,
      disk,
      plain,
    ]);
    try {
      for (const dir of [disk, plain]) {
        writeFileSync(join(dir, 'file'), 'here');
        chownSync(join(dir, 'file'), 5, 6);
      }
      await give(`${disk}:/disk ${plain}:/plain`);
      expect(
        await sh('stat -c %u:%g /disk/file /plain/file; cat /plain/file; echo x >/disk/new; echo x >>/plain/file || echo refused'),
      ).toMatch(/^5:6\n65534:65534\nhere.*refused\n$/s);
      expect(lab.said().join('\n')).toMatch(/ramfs of .* cannot show its owners inside: they appear as nobody/);
      // the node's own mount of it is not in the way of anything
      execFileSync('umount', [disk]);
      expect(await sh('cat /disk/new')).toBe('x\n');
      await take('/disk /plain');
      expect(await sh('grep -c " /disk \\| /plain " /proc/self/mountinfo')).toBe('0\n');
    } finally {
      execFileSync('sh', ['-c', 'umount "$0" 2>/dev/null; umount "$1"', disk, plain]);
    }
  });

  test('a file system inside that never answers holds up nobody for long, and keeps nothing', async () => {
    await lab.engine.set(ID, { FEATURES: 'fuse:on' }, { save: false });
    const hang = 'exec 3<>/dev/fuse; mount -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 none';
    await sh(`mkdir -p /hang; (${hang} /hang; exec sleep 1000) & until grep -q " /hang fuse" /proc/mounts; do :; done`);
    expect(await refusal(give(`${source}:/hang/x`))).toMatchObject({ message: expect.stringMatching(/does not answer/) });
    await give(`${source}:/p`);
    await sh(`(${hang} /p; exec sleep 1000) & until grep -q " /p fuse" /proc/mounts; do :; done`);
    await take('/p');
    expect(await sh('grep -c closed/data /proc/self/mountinfo; killall sleep; umount -l /hang')).toBe('0\n');
    await lab.engine.set(ID, { FEATURES: 'fuse:off' }, { save: false });
  });

  test('five parameters of which one is refused leave the mounts as they were', async () => {
    await give(`${source}:/kept`);
    const attempt = lab.engine.set(
      ID,
      { BINDMOUNT: { add: `${source}/sub:/new ${source}/file:/etc`, del: '/kept' } },
      { save: false },
      lab.run,
    );
    expect((await refusal(attempt)).code).toBe('not-applied');
    expect(await sh('grep -o " /kept \\| /new " /proc/self/mountinfo')).toBe(' /kept \n');
  });

  test('what the administrator mounts by hand below VE_ROOT appears inside, with the owners that ids of the node have there', async () => {
    const place = join(lab.root, 'var/lib/vz/root/101/mnt');
    mkdirSync(place, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', 'none', place]);
    writeFileSync(join(place, 'here'), 'by hand');
    try {
      expect(lab.engine.handMounts(ID)).toEqual([{ place: '/mnt', type: 'tmpfs', seen: true, mapped: false }]);
      expect(await sh('cat /mnt/here; stat -c %u /mnt/here; echo x >>/mnt/here || echo refused')).toMatch(/^by hand65534\n.*refused\n$/s);
    } finally {
      execFileSync('umount', [place]);
    }
    expect(await sh('ls /mnt; grep -c " /mnt " /proc/self/mountinfo')).toBe('0\n');
    // its flags are the administrator's
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro,nodev', 'none', place]);
    expect(await sh('mount -o remount,bind,rw /mnt || echo refused')).toMatch(/refused\n$/);
    execFileSync('umount', [place]);
  });
});
