// Mounts and device nodes put into a running container and taken out again: what root inside can make of them, and that nothing it does to
// the place leads elsewhere.
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { StartedKeeper } from '../../../src/engine/launcher/launcher.ts';
import { NO_SLOT, type Op } from '../../../src/engine/spec/op.ts';
import { requires } from '../requires.ts';
import { BASE, type Bed, makeBed } from './bed.ts';

const [RDONLY, NOSUID, NODEV, IDMAP] = [1n, 2n, 4n, 0x10_0000n];
const PRIVATE = 1n << 18n;
const [CHARACTER, DETACH] = [0o020000, 2];

requires(
  'root',
  'launcher',
  'busybox',
)('a visit', () => {
  let bed: Bed;
  let born: StartedKeeper;
  let source: string;
  beforeAll(async () => {
    bed = makeBed();
    source = `${bed.dir}/source`;
    mkdirSync(`${source}/sub`, { recursive: true });
    writeFileSync(`${source}/of-seven`, 'seven');
    chownSync(`${source}/of-seven`, 7, 8);
    born = await bed.start();
  });
  afterAll(async () => {
    await bed.end(born);
    await bed.down();
  });
  beforeEach(async () => {
    for (const { id, path } of (await mounts()).reverse()) await take(path, id, DETACH);
    await sh('rm -rf /tmp/*');
  });

  /** With /bin/busybox for what the bed has no links for. */
  const sh = async (line: string) =>
    bed.inside(
      born.init,
      `PATH=/bin; mount() { busybox mount "$@"; }; umount() { busybox umount "$@"; }; rm() { busybox rm "$@"; }; ${line}`,
    );

  /** Mounts of the node that show anything of the bed. */
  const ours = () =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(bed.dir));

  /** Below /tmp in the container's mount table, the oldest first. */
  async function mounts(): Promise<{ id: number; path: string; options: string }[]> {
    const table = readFileSync(`/proc/${born.init.pid}/mountinfo`, 'utf8').trim().split('\n');
    return table
      .map((line) => line.split(' '))
      .flatMap(([id, , , , path = '', options = '']) => (path.startsWith('/tmp/') ? [{ id: Number(id), path, options }] : []));
  }

  const clone = (path: string, set: bigint, userns = 0): Op[] => [
    { op: 'userns', slot: 0, base: BASE, count: 65536 },
    { op: 'cloneTree', slot: 1, path, recursive: 0 },
    { op: 'setTree', slot: 1, set, clear: 0n, propagation: PRIVATE, userns },
    { op: 'seal', slot: 1 },
  ];
  const visit = (prepare: readonly Op[], inside: readonly Op[], process = born.init) => bed.launcher.visit({ ...process, prepare, inside });
  const put = (path: string, set = NODEV | NOSUID, from = source) => visit(clone(from, set), [{ op: 'cover', slot: 1, path }]);
  const take = (path: string, mount: number, flags = 0) => visit([], [{ op: 'uncover', path, mount, flags }]);

  test('brings a directory of the node, with the owners that it has there', async () => {
    await put('/tmp/a/b');
    expect((await sh('ls -n /tmp/a/b/of-seven; cat /tmp/a/b/of-seven; echo made >/tmp/a/b/new')).out).toMatch(/ 7 +8 .*\nseven/);
    expect(readFileSync(`${source}/new`, 'utf8')).toBe('made\n');
  });

  test('and takes it away again, by its id and no other', async () => {
    await put('/tmp/a');
    const [mount] = await mounts();
    expect(await bed.failure(take('/tmp/a', (mount?.id ?? 0) + 1))).toMatchObject({ op: 'uncover', errno: 'ESTALE' });
    await take('/tmp/a', mount?.id ?? 0);
    expect((await sh('ls /tmp/a')).out).toBe('');
    expect(await bed.failure(take('/tmp/a', mount?.id ?? 0))).toMatchObject({ errno: 'ESTALE' });
  });

  test('a busy one is refused, and goes when it is told to', async () => {
    await put('/tmp/a');
    const [{ id } = { id: 0 }] = await mounts();
    const holder = (await sh('(cd /tmp/a && exec busybox sleep 1000) & echo $!')).out.trim();
    expect((await sh(`readlink() { busybox readlink "$@"; }; until [ "$(readlink /proc/${holder}/cwd)" = /tmp/a ]; do :; done`)).code).toBe(
      0,
    );
    expect(await bed.failure(take('/tmp/a', id))).toMatchObject({ op: 'uncover', errno: 'EBUSY' });
    await take('/tmp/a', id, DETACH);
    expect(await mounts()).toEqual([]);
    await sh(`kill ${holder}`);
  });

  test('a single file, where there was none', async () => {
    await put('/tmp/f', NODEV, `${source}/of-seven`);
    expect((await sh('cat /tmp/f')).out).toBe('seven');
    // A directory is no place for a file.
    await sh('mkdir /tmp/d');
    expect(await bed.failure(put('/tmp/d', NODEV, `${source}/of-seven`))).toMatchObject({ op: 'cover', errno: 'EISDIR' });
  });

  test('root inside can take it off, but not make it writable, obey setuid or open devices', async () => {
    await put('/tmp/a', RDONLY | NODEV | NOSUID);
    for (const option of ['rw', 'dev', 'suid']) expect((await sh(`mount -o remount,bind,${option} /tmp/a`)).code).not.toBe(0);
    // Nor through a clone of it, nor in a user namespace of its own.
    expect((await sh('mkdir /tmp/b; mount --bind /tmp/a /tmp/b; mount -o remount,bind,rw /tmp/b')).code).not.toBe(0);
    expect((await sh('busybox unshare -Ur busybox unshare -m busybox mount -o remount,bind,rw /tmp/a')).code).not.toBe(0);
    expect((await sh('echo x >/tmp/a/of-seven; echo x >/tmp/b/of-seven')).out).toMatch(/Read-only.*\n.*Read-only/);
    expect((await sh('umount /tmp/b && umount /tmp/a')).code).toBe(0);
  });

  test('nor look below a part of a tree', async () => {
    const tree: Op[] = [
      { op: 'newFs', slot: 2, type: 'tmpfs', options: [], attrs: 0n, fsuid: 0 },
      { op: 'attach', slot: 2, path: `${source}/sub` },
    ];
    writeFileSync(`${source}/sub/below`, 'covered');
    await bed.launcher.ops({ ops: tree });
    try {
      await visit(
        [
          { op: 'cloneTree', slot: 1, path: source, recursive: 1 },
          { op: 'setTree', slot: 1, set: 0n, clear: 0n, propagation: PRIVATE, userns: NO_SLOT },
          { op: 'seal', slot: 1 },
        ],
        [{ op: 'cover', slot: 1, path: '/tmp/a' }],
      );
      expect((await sh('umount /tmp/a/sub')).code).not.toBe(0);
      expect((await sh('ls /tmp/a/sub')).out).toBe('');
      await take('/tmp/a', (await mounts()).find(({ path }) => path === '/tmp/a')?.id ?? 0, DETACH);
    } finally {
      await bed.umount();
    }
  });

  test('what is mounted on it inside does not come out', async () => {
    await bed.launcher.ops({
      ops: [
        { op: 'cloneTree', slot: 1, path: source, recursive: 0 },
        { op: 'attach', slot: 1, path: source },
        { op: 'setTree', slot: 1, set: 0n, clear: 0n, propagation: 1n << 20n, userns: NO_SLOT },
      ],
    });
    try {
      await put('/tmp/a');
      expect((await sh('mount -t tmpfs none /tmp/a/sub && echo x >/tmp/a/sub/x')).code).toBe(0);
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(`${source}/sub`);
      await sh('umount /tmp/a/sub');
    } finally {
      await bed.umount();
    }
  });

  test.each([
    ['a link at the place', 'ln -s / /tmp/place'],
    ['a link above it', 'mkdir -p /tmp/x; ln -s x /tmp/place; rm -f /tmp/place; ln -s .. /tmp/place'],
    ['a link to nowhere', 'ln -s /nowhere /tmp/place'],
  ])('%s is refused', async (_what, plant) => {
    await sh(`ln() { busybox ln "$@"; }; ${plant}`);
    for (const path of ['/tmp/place', '/tmp/place/in/it']) {
      expect(await bed.failure(put(path))).toMatchObject({ op: 'cover', errno: 'ELOOP', path });
    }
    expect(await mounts()).toEqual([]);
  });

  test('a path with .. is none', async () => {
    expect(await bed.failure(put('/tmp/../../a'))).toMatchObject({ op: 'cover', errno: 'EPROTO' });
  });

  test('is made by the root of the container: what it makes there belongs to it', async () => {
    await put('/tmp/new/dir');
    expect((await sh('busybox stat -c %u:%g /tmp/new')).out).toBe('0:0\n');
  });

  test('brings a device with a mapped owner, which works, and nothing else does', async () => {
    const device = (minor: bigint): Op => ({
      op: 'device',
      slot: 1,
      mode: CHARACTER | 0o640,
      device: (1n << 32n) | minor,
      uid: BASE,
      gid: BASE + 6,
    });
    await visit([device(5n)], [{ op: 'cover', slot: 1, path: '/dev/sub/mine' }]);
    expect((await sh('busybox stat -c "%u:%g %a %t:%T" /dev/sub/mine; head -c 3 /dev/sub/mine | md5sum')).out).toBe(
      `0:6 640 1:5\n${(await sh('head -c 3 /dev/null | busybox tr x x; busybox printf "\\0\\0\\0" | md5sum')).out}`,
    );
    const id = Number(/^(\d+) .* \/dev\/sub\/mine /m.exec(readFileSync(`/proc/${born.init.pid}/mountinfo`, 'utf8'))?.[1]);
    await visit(
      [],
      [
        { op: 'uncover', path: '/dev/sub/mine', mount: id, flags: DETACH },
        { op: 'unlink', path: '/dev/sub/mine' },
      ],
    );
    expect((await sh('ls /dev/sub')).out).toBe('');
  });

  test('a node that lies on what was bound cannot be opened', async () => {
    execFileSync('mknod', ['-m', '666', `${source}/zero`, 'c', '1', '5']);
    await put('/tmp/a');
    expect((await sh('head -c 1 /tmp/a/zero')).out).toMatch(/Permission denied/);
    expect((await sh('busybox mknod /tmp/a/own c 1 5')).code).not.toBe(0);
  });

  test('two at one place lie on each other', async () => {
    mkdirSync(`${bed.dir}/second`, { recursive: true });
    writeFileSync(`${bed.dir}/second/second`, '');
    await put('/tmp/a');
    await put('/tmp/a', NODEV, `${bed.dir}/second`);
    expect((await sh('ls /tmp/a')).out).toBe('second\n');
    const [first, second] = await mounts();
    // The lower one is covered: nothing there is taken for it.
    expect(await bed.failure(take('/tmp/a', first?.id ?? 0))).toMatchObject({ errno: 'ESTALE' });
    await take('/tmp/a', second?.id ?? 0);
    await take('/tmp/a', first?.id ?? 0);
  });

  test('stays inside when root there has put another root over its own', async () => {
    const other = makeBed();
    const moved = await other.start({ init: 'busybox mount -t tmpfs none / && echo over >/over; while :; do sleep 1000; done' });
    try {
      const table = (): string => readFileSync(`/proc/${moved.init.pid}/mountinfo`, 'utf8');
      await expect.poll(table).toMatch(/ \/ \/ .* tmpfs /);
      const before = ours();
      await visit(clone(source, NODEV), [{ op: 'cover', slot: 1, path: '/tmp/a' }], moved.init);
      expect(table()).toMatch(/\/source \/tmp\/a /);
      expect(ours()).toEqual(before);
    } finally {
      await other.end(moved);
      await other.down();
    }
  });

  test('is refused for who is gone, for a recycled pid, and with operations of the node', async () => {
    const nobody = { pid: born.init.pid, startTime: born.init.startTime + 1n };
    expect(await bed.failure(visit([], [], nobody))).toMatchObject({ stage: 'visit', op: 'init', errno: 'ESRCH' });
    expect(await bed.failure(visit([], [{ op: 'mkdir', path: '/tmp/x', mode: 0 }]))).toMatchObject({ stage: 'visit', errno: 'EPROTO' });
    expect(await bed.failure(visit([{ op: 'uncover', path: '/tmp', mount: 1, flags: 0 }], []))).toMatchObject({ errno: 'EPROTO' });
  });

  test('leaves nothing on the node', async () => {
    const before = ours();
    await put('/tmp/a', NODEV | IDMAP);
    expect(ours()).toEqual(before);
  });
});
