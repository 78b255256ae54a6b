import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { OPS, type Op, type OpName } from '../../../src/engine/spec/op.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';
import { BASE, type Bed, descendants, identity, makeBed, serverOf, type Wish } from './bed.ts';

let bed: Bed;
beforeAll(() => {
  bed = makeBed();
});
afterEach(async () => {
  await bed.umount();
  for (const note of readdirSync(bed.runDir)) unlinkSync(`${bed.runDir}/${note}`);
});
afterAll(() => bed.down());

const quiet = () => expect.poll(() => descendants(serverOf())).toEqual([]);

requires(
  'root',
  'launcher',
  'busybox',
)('a birth', () => {
  test('ends in an init of its own namespaces, and its end in the notes of the keeper', async () => {
    const started = await bed.start({
      init: 'echo "pid $$ $(id -u):$(id -g) $(hostname) $(tty)"; grep SigQ /proc/self/status; exit 5',
      last: [{ op: 'hostname', name: 'newborn' }],
    });
    await bed.launcher.ended(started.keeper);
    expect(bed.note('last')).toBe('pid 1 0:0 newborn /dev/console\nSigQ:\t0/20');
    const [status, when] = bed.note('exit').split(' ');
    expect(Number(status)).toBe(5 << 8);
    expect(Math.abs(Number(when) - Date.now())).toBeLessThan(60_000);
    expect(bed.note('init')).toBe(`${started.init.pid} ${started.init.startTime}`);
    expect(readFileSync(`${bed.dir}/tty1.log`, 'utf8')).toContain('pid 1 0:0');
  });

  test('gives the container nothing of the node: descriptors, environment, mounts, keys, processes', async () => {
    process.env['SECRET_OF_THE_NODE'] = 'x';
    const started = await bed.start({ init: 'ls -l /proc/1/fd; env; cat /proc/self/mounts; cat /proc/keys; ps; exit 0' });
    await bed.launcher.ended(started.keeper);
    const said = bed.note('last');
    expect(said.match(/-> .*/g)?.map((line) => line.trim())).toEqual(['-> /dev/console', '-> /dev/console', '-> /dev/console']);
    expect(said).not.toContain('SECRET');
    expect(said).not.toContain('/tmp/vzdeck');
    for (const key of said.match(/^[0-9a-f]{8} .*$/gm) ?? []) expect(key.split(/ +/)[5]).toBe('0'); // owned by the inner root: made inside
    expect(said.match(/^ *\d+ 0 +.*$/gm)?.length).toBe(2); // init and ps
  });

  test('owner and mode of the console are those of a terminal of the inner root', async () => {
    const started = await bed.start({ init: 'ls -ln /dev/console; stat=1; exit 0' });
    await bed.launcher.ended(started.keeper);
    expect(bed.note('last')).toMatch(/^crw--w---- +1 0 +5 /);
  });

  test('the keeper runs on its own: session, directory, no descriptor of the engine, little memory', async () => {
    const started = await bed.start();
    const proc = (name: string) => readFileSync(`/proc/${started.keeper.pid}/${name}`, 'utf8');
    expect(proc('comm').trim()).toBe('vzdeck-keeper');
    expect(proc('cmdline').replace(/\0+$/, '')).toBe('[vzdeck keeper 101]');
    expect(proc('environ').replaceAll('\0', '')).toBe('');
    expect(proc('stat').split(' ')[5]).toBe(String(started.keeper.pid)); // session
    const kb = [...proc('smaps_rollup').matchAll(/^Private_\w+: +(\d+)/gm)].reduce((sum, found) => sum + Number(found[1]), 0);
    expect(kb).toBeLessThan(1024);
    expect(bed.note('keeper')).toBe(`${started.keeper.pid} ${started.keeper.startTime}`);
    expect(statSync(`${bed.runDir}/console`).mode & 0o777).toBe(0o600);
    await bed.end(started);
  });

  test('SIGTERM and SIGHUP to the keeper do not end the container', async () => {
    const started = await bed.start();
    for (const signal of [15, 1, 2]) expect(await bed.launcher.kill(started.keeper, signal)).toBe(true);
    expect((await bed.inside(started.init, 'exit 0')).code).toBe(0);
    await bed.end(started);
    expect(bed.note('exit')).toMatch(/^9 /);
  });

  test('a reboot inside shows as the signal by which init ended', async () => {
    const started = await bed.start({ init: 'reboot -f' });
    await bed.launcher.ended(started.keeper);
    expect(bed.note('exit')).toMatch(/^1 /); // SIGHUP
  });

  test('when init has ended the commands run in order up to the first success, with exactly their environment; otherwise the clean-up', async () => {
    const mark = (name: string) => `${bed.dir}/${name}`;
    const say = (name: string, code: number) => [
      '/bin/sh',
      '-c',
      `echo "$0 $X $HOME $(cat ${bed.runDir}/exit | cut -d' ' -f1)" >> ${mark('order')}; exit ${code}`,
      name,
    ];
    const run = async (codes: readonly number[], cleanup: readonly Op[]) => {
      const started = await bed.start({
        init: 'exit 3',
        plan: { onExit: codes.map((code, index) => say(`c${index}`, code)), onExitEnv: ['PATH=/usr/bin:/bin', 'X=y'], cleanup },
      });
      await bed.launcher.ended(started.keeper);
      await bed.umount();
    };
    mkdirSync(mark('a'));
    await run([1, 0, 0], [{ op: 'rmdir', path: mark('a') }]);
    expect(readFileSync(mark('order'), 'utf8')).toBe('c0 y  768\nc1 y  768\n');
    statSync(mark('a'));
    await run(
      [1],
      [
        { op: 'rmdir', path: '/proc' },
        { op: 'rmdir', path: mark('a') },
      ],
    );
    expect(() => statSync(mark('a'))).toThrow(/ENOENT/);
  });

  test('a cgroup namespace begins where the newborn was put, on version 1 hierarchies as well', async () => {
    const started = await bed.start({ init: 'cat /proc/self/cgroup; exit 0' });
    await bed.launcher.ended(started.keeper);
    for (const line of bed.note('last').split('\n')) expect(line).toMatch(/:\/$/);
  });

  test('what is planted in the tree leads no operation outside', async () => {
    symlinkSync('/', `${bed.tree}/tmp/up`);
    symlinkSync('../../../../../../..', `${bed.tree}/tmp/higher`);
    symlinkSync('/proc/1/root', `${bed.tree}/tmp/magic`);
    const started = await bed.start({
      init: 'ls /tmp /etc; exit 0',
      inside: [
        { op: 'dir', path: `/tmp/up/etc/vz-planted-1`, mode: 0o755 },
        { op: 'dir', path: `/tmp/higher/etc/vz-planted-2`, mode: 0o755 },
        { op: 'file', path: '/tmp/higher/etc/vz-planted-3', mode: 0o600 },
      ],
    });
    await bed.launcher.ended(started.keeper);
    for (const name of ['vz-planted-1', 'vz-planted-2', 'vz-planted-3']) {
      expect(() => statSync(`/etc/${name}`)).toThrow(/ENOENT/);
      statSync(`${bed.tree}/etc/${name}`);
    }
    const refused = await bed.failure(bed.start({ inside: [{ op: 'dir', path: '/tmp/magic/etc/vz-planted', mode: 0o755 }] }));
    expect(refused).toMatchObject({ stage: 'inside', op: 'dir', syscall: 'openat2', errno: 'ELOOP' });
  });

  test('what is mounted inside does not appear on the node, whatever mounts of the node were moved in', async () => {
    const shared = `${bed.dir}/shared`;
    mkdirSync(shared);
    mkdirSync(`${bed.tree}/mnt`);
    const share: Op[] = [
      { op: 'newFs', slot: 8, type: 'tmpfs', options: ['size=64k'], attrs: 0n, fsuid: 0 },
      { op: 'attach', slot: 8, path: shared },
      { op: 'setTree', slot: 8, set: 0n, clear: 0n, propagation: 1n << 20n, userns: 0xff },
      { op: 'mkdir', path: `${shared}/over`, mode: 0o777 },
      { op: 'cloneTree', slot: 9, path: shared, recursive: 0 },
    ];
    const started = await bed.start({ prepare: share, inside: [{ op: 'place', slot: 9, path: '/mnt' }] });
    const { out } = await bed.inside(started.init, 'mount -t tmpfs none /mnt/over && cat /proc/mounts');
    expect(out).toContain(' /mnt/over ');
    expect(bed.mounts().filter((path) => path.endsWith('/over'))).toEqual([]);
    await bed.end(started);
  });

  test('the lease is held as long as the keeper lives; a taken one is refused', async () => {
    const lease = `${bed.dir}/lease`;
    const started = await bed.start({ plan: { lease } });
    expect(await bed.launcher.lock(lease, { wait: false })).toBeNull();
    expect(readFileSync(lease, 'utf8')).toBe(`${started.init.pid} ${started.init.startTime}\n`);
    await bed.umount();
    const refused = await bed.failure(bed.start({ plan: { lease } }));
    expect(refused).toMatchObject({ stage: 'keeper', op: 'lease', errno: 'EAGAIN', path: lease });
    await bed.end(started);
    expect(existsSync(lease)).toBe(false);
  });

  test('a range whose container has lost its keeper is as taken as before; an adoption takes it over', async () => {
    const lease = `${bed.dir}/lease`;
    const orphan = await bed.start({ plan: { lease } });
    await bed.launcher.kill(orphan.keeper, 9);
    await bed.launcher.ended(orphan.keeper);
    await bed.umount();
    expect(await bed.failure(bed.start({ plan: { lease } }))).toMatchObject({ op: 'lease', errno: 'EAGAIN' });
    const adopted = await bed.launcher.adopt({ ...bed.adoption(orphan), lease });
    expect(await bed.launcher.lock(lease, { wait: false })).toBeNull();
    expect(readFileSync(lease, 'utf8')).toBe(`${orphan.init.pid} ${orphan.init.startTime}\n`);
    await bed.end(adopted);
    expect(existsSync(lease)).toBe(false);
  });

  test('a range is free whose tenant has ended, though nobody has reaped it', async () => {
    const lease = `${bed.dir}/lease`;
    // what the shell has begun becomes a zombie of a program that knows nothing of it
    const parent = spawn('sh', ['-c', 'exec 3<&0; cat <&3 & echo $!; exec sleep 1000'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const zombie = identity(Number(await new Promise((resolve) => parent.stdout.once('data', resolve))));
    await until(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n');
    parent.stdin.end();
    await until(() => readFileSync(`/proc/${zombie.pid}/stat`, 'utf8').includes(') Z '));
    writeFileSync(lease, `${zombie.pid} ${zombie.startTime}\n`);
    const started = await bed.start({ plan: { lease } });
    expect(readFileSync(lease, 'utf8')).toBe(`${started.init.pid} ${started.init.startTime}\n`);
    await bed.end(started);
    parent.kill('SIGKILL');
  });

  test('inherits what it was to become, and nobody else does', async () => {
    const become: Op[] = [{ op: 'write', path: '/proc/self/oom_score_adj', data: Buffer.from('321') }];
    const started = await bed.start({ plan: { become } });
    const score = (pid: number): string => readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim();
    expect(score(started.init.pid)).toBe('321');
    expect(score(started.keeper.pid)).not.toBe('321');
    expect(readFileSync(`/proc/${started.init.pid}/status`, 'utf8')).toContain(`PPid:\t${started.keeper.pid}\n`);
    await bed.end(started);
    const failing: Op[] = [...become, { op: 'write', path: missing, data: Buffer.from('x') }];
    const record = await bed.failure(bed.start({ plan: { become: failing } }));
    expect(record).toMatchObject({ stage: 'become', index: 1, op: 'write', syscall: 'write', path: missing, errno: 'ENOENT' });
    await quiet();
  });

  test('no program runs in a range before its lease says so', async () => {
    const lease = `${bed.dir}/lease`;
    const mount = readFileSync('/proc/self/mounts', 'utf8').match(/^\S+ (\S+) cgroup2 /m)?.[1];
    const group = `${mount}/vzdeck-unborn-${process.pid}`;
    await bed.launcher.ops({ ops: [{ op: 'mkdir', path: group, mode: 0o755 }] });
    writeFileSync(`${group}/cgroup.freeze`, '1');
    const starting = bed.start({ plan: { lease, cgroup: group } });
    await expect.poll(() => existsSync(lease) && readFileSync(lease, 'utf8')).toMatch(/^\d+ \d+\n$/);
    writeFileSync(`${group}/cgroup.freeze`, '0');
    const started = await starting;
    expect(readFileSync(lease, 'utf8')).toBe(`${started.init.pid} ${started.init.startTime}\n`);
    await bed.end(started);
    await bed.launcher.ops({ ops: [{ op: 'rmCgroup', path: group }] });
  });

  test('cancelled in the middle it leaves no process', async () => {
    const stop = new AbortController();
    const block = `${bed.dir}/fifo-that-nobody-opens`;
    const attempt = bed.launcher.start(
      bed.plan({ born: [{ op: 'write', path: '/dev/null', data: Buffer.from('x') }], init: 'exit 0', plan: { lease: block } }),
      stop.signal,
    );
    stop.abort();
    await attempt.then(
      async (started) => bed.end(started), // it was faster
      (error) => expect(error.code).toBe('cancelled'),
    );
    await quiet();
  });
});

/** For each operation a plan in which it fails, and what its record says. Lists of a start plan by the place where the operation stands. */
interface Failing {
  readonly op: Op;
  readonly before?: readonly Op[];
  readonly errno: string;
  readonly syscall: string;
}
const missing = '/nowhere/at/all';
/** Those of a visit are tried there. */
const FAILING: { readonly [K in Exclude<OpName, 'uncover' | 'unlink'>]: Failing } = {
  mkdir: { op: { op: 'mkdir', path: missing, mode: 0o755 }, errno: 'ENOENT', syscall: 'mkdir' },
  rmdir: { op: { op: 'rmdir', path: '/proc' }, errno: 'EBUSY', syscall: 'rmdir' },
  write: { op: { op: 'write', path: missing, data: Buffer.from('x') }, errno: 'ENOENT', syscall: 'write' },
  chown: { op: { op: 'chown', path: missing, uid: 0, gid: 0 }, errno: 'ENOENT', syscall: 'lchown' },
  umount: { op: { op: 'umount', path: '/proc/self/exe/x', flags: 0 }, errno: 'ENOTDIR', syscall: 'umount2' },
  joinCgroup: { op: { op: 'joinCgroup', path: missing }, errno: 'ENOENT', syscall: 'write' },
  rmCgroup: { op: { op: 'rmCgroup', path: '/tmp' }, errno: 'EINVAL', syscall: 'open' },
  killCgroup: { op: { op: 'killCgroup', path: '/tmp' }, errno: 'EINVAL', syscall: 'open' },
  bpfDevice: { op: { op: 'bpfDevice', path: '/tmp', program: new Uint8Array(8) }, errno: 'EINVAL', syscall: 'open' },
  bound: { op: { op: 'bound', path: '/tmp', resource: 8, most: 0n, owner: 0 }, errno: 'EINVAL', syscall: 'open' },
  open: { op: { op: 'open', slot: 9, path: missing }, errno: 'ENOENT', syscall: 'open' },
  bpf: {
    op: { op: 'bpf', slot: 9, command: 9999, attr: new Uint8Array(8), data: new Uint8Array(), fixes: new Uint8Array() },
    errno: 'EINVAL',
    syscall: 'bpf',
  },
  userns: { op: { op: 'userns', slot: 9, base: 0, count: 0 }, errno: 'EINVAL', syscall: 'write' },
  cloneTree: { op: { op: 'cloneTree', slot: 9, path: missing, recursive: 0 }, errno: 'ENOENT', syscall: 'open_tree' },
  setTree: { op: { op: 'setTree', slot: 9, set: 0n, clear: 0n, propagation: 0n, userns: 0xff }, errno: 'EBADF', syscall: 'slot' },
  attach: { op: { op: 'attach', slot: 2, path: missing }, errno: 'ENOENT', syscall: 'open' },
  newFs: { op: { op: 'newFs', slot: 9, type: 'nosuchfs', options: [], attrs: 0n, fsuid: 0 }, errno: 'ENODEV', syscall: 'fsopen' },
  cloneSource: { op: { op: 'cloneSource', slot: 9, path: '/proc/self', recursive: 0 }, errno: 'ELOOP', syscall: 'open_tree' },
  seal: { op: { op: 'seal', slot: 9 }, errno: 'EBADF', syscall: 'slot' },
  device: { op: { op: 'device', slot: 9, mode: 0o600, device: 0n, uid: 0, gid: 0 }, errno: 'EINVAL', syscall: 'mknodat' },
  remount: {
    op: { op: 'remount', pid: process.pid, startTime: 0n, descriptor: 0, magic: 0x1cd1n, options: [] },
    errno: 'ESRCH',
    syscall: 'pidfd_open',
  },
  run: {
    op: { op: 'run', flags: 0, argv: ['no-such-program'], input: new Uint8Array() },
    errno: 'ENOENT',
    syscall: 'execve',
  },
  links: {
    op: { op: 'links', pid: 0, startTime: 0n, net: '', flags: 0, lines: ['link set dev no-such-link up'] },
    errno: 'ENODEV',
    syscall: 'rtnetlink',
  },
  elements: {
    op: { op: 'elements', lines: ['add element inet no-such-table no-such-set { 10.0.0.1 }'] },
    errno: 'ENOENT',
    syscall: 'nftables',
  },
  pinNet: { op: { op: 'pinNet', pid: process.pid, startTime: 0n, path: missing }, errno: 'ESRCH', syscall: 'pidfd_open' },
  lendLink: { op: { op: 'lendLink', net: missing, name: 'lo', index: 5, gone: 0 }, errno: 'ENOENT', syscall: 'open' },
  returnLink: {
    op: { op: 'returnLink', net: missing, index: 5, name: 'longer-than-a-link', home: 5 },
    errno: 'ENODEV',
    syscall: 'RTM_NEWLINK',
  },
  cutLinks: { op: { op: 'cutLinks', net: '/etc/passwd/none', keep: [] }, errno: 'ENOTDIR', syscall: 'open' },
  needMark: {
    op: { op: 'needMark', family: 1, table: 'no-such-table', set: 'made', mark: 1 },
    errno: 'ENOENT',
    syscall: 'NFT_MSG_GETSETELEM',
  },
  announce: { op: { op: 'announce', device: 'nosuchlink', address: new Uint8Array(4) }, errno: 'ENODEV', syscall: 'ioctl SIOCGIFHWADDR' },
  probe: { op: { op: 'probe', device: 'lo', own: '', addresses: ['no address'], wait: 0 }, errno: 'EINVAL', syscall: 'inet_pton' },
  idmap: { op: { op: 'idmap', uids: '0 0 1', gids: '0 0 1' }, errno: 'EPERM', syscall: 'write' },
  attachCgroup: { op: { op: 'attachCgroup', path: missing }, errno: 'ENOENT', syscall: 'open' },
  hold: { op: { op: 'hold', slot: 9 }, errno: 'EBADF', syscall: 'slot' },
  notePid: { op: { op: 'notePid', path: missing }, errno: 'ENOENT', syscall: 'write' },
  root: { op: { op: 'root', slot: 9, path: '/' }, errno: 'EBADF', syscall: 'slot' },
  mount: { op: { op: 'mount', type: 'tmpfs', path: '/tmp', options: ['nonsense=1'], attrs: 0n }, errno: 'EINVAL', syscall: 'fsconfig' },
  place: { op: { op: 'place', slot: 9, path: '/tmp' }, errno: 'EBADF', syscall: 'slot' },
  dir: { op: { op: 'dir', path: '/bin/busybox', mode: 0o755 }, errno: 'ENOTDIR', syscall: 'openat2' },
  file: { op: { op: 'file', path: '/tmp', mode: 0o600 }, errno: 'EISDIR', syscall: 'openat' },
  symlink: { op: { op: 'symlink', target: 'x', path: '/tmp' }, errno: 'EEXIST', syscall: 'symlinkat' },
  protect: { op: { op: 'protect', path: '/tmp', attrs: 1n << 60n }, errno: 'EINVAL', syscall: 'mount_setattr' },
  mask: { op: { op: 'mask', path: '/bin/busybox', slot: 9 }, errno: 'EBADF', syscall: 'slot' },
  pivot: { op: { op: 'pivot' }, before: [{ op: 'pivot' }], errno: 'EINVAL', syscall: 'pivot_root' },
  hostname: { op: { op: 'hostname', name: 'x'.repeat(65) }, errno: 'EINVAL', syscall: 'sethostname' },
  linkUp: { op: { op: 'linkUp', name: 'nolink' }, errno: 'ENODEV', syscall: 'ioctl SIOCGIFFLAGS' },
  ttyAt: { op: { op: 'ttyAt', tty: 7, path: '/tmp' }, errno: 'ENODEV', syscall: 'tty' },
  cover: { op: { op: 'cover', slot: 9, path: '/tmp' }, errno: 'EBADF', syscall: 'slot' },
  stdio: { op: { op: 'stdio', tty: 7 }, errno: 'ENODEV', syscall: 'tty' },
  rlimit: { op: { op: 'rlimit', resource: 99, soft: 0n, hard: 0n }, errno: 'EINVAL', syscall: 'getrlimit' },
  caps: { op: { op: 'caps', keep: 0n }, before: [{ op: 'caps', keep: 1n }], errno: 'EPERM', syscall: 'prctl PR_CAPBSET_DROP' },
  seccomp: { op: { op: 'seccomp', program: new Uint8Array(8) }, errno: 'EINVAL', syscall: 'seccomp' },
  cwd: { op: { op: 'cwd', path: missing }, before: [{ op: 'pivot' }], errno: 'ENOENT', syscall: 'chdir' },
  exec: {
    op: { op: 'exec', files: ['/bin/no', '/bin'], argv: ['x'], env: [] },
    before: [{ op: 'pivot' }],
    errno: 'EACCES',
    syscall: 'execve',
  },
};

function wishOf({ op, before = [] }: Failing): Wish {
  const ops = [...before, op];
  const at: readonly string[] = OPS[op.op].at;
  if (at.includes('node')) return { prepare: ops };
  return at.includes('born') ? { born: ops } : { inside: ops };
}

requires(
  'root',
  'launcher',
  'busybox',
)('a failure', () => {
  describe.each(Object.entries(FAILING))('%s', (name, failing) => {
    test('comes back as stage, operation, call and errno, and leaves no process, mount, note or socket', async () => {
      const wish = wishOf(failing);
      const plan = bed.plan(wish);
      const stage = wish.prepare ? 'prepare' : wish.born ? 'born' : 'inside';
      const record = await bed.failure(bed.launcher.start(plan));
      expect(record).toMatchObject({ stage, op: name, syscall: failing.syscall, errno: failing.errno });
      expect(plan[stage as 'prepare' | 'born' | 'inside'][record.index]).toBe(failing.op);
      await quiet();
      for (const left of ['init', 'keeper', 'console']) expect(() => statSync(`${bed.runDir}/${left}`)).toThrow(/ENOENT/);
      await bed.umount();
      expect(bed.mounts()).toEqual([]);
    });
  });

  test('of a host plan names the operation; those before it are done, those after it not', async () => {
    const [one, two] = [`${bed.dir}/one`, `${bed.dir}/two`];
    const record = await bed.failure(
      bed.launcher.ops({
        ops: [
          { op: 'mkdir', path: one, mode: 0o700 },
          { op: 'rmdir', path: '/proc' },
          { op: 'mkdir', path: two, mode: 0o700 },
        ],
      }),
    );
    expect(record).toMatchObject({ stage: 'host', index: 1, op: 'rmdir', syscall: 'rmdir', path: '/proc', errno: 'EBUSY' });
    statSync(one);
    expect(() => statSync(two)).toThrow(/ENOENT/);
  });

  test('of what the kernel itself explains carries its explanation', async () => {
    const record = await bed.failure(
      bed.launcher.ops({ ops: [{ op: 'newFs', slot: 0, type: 'tmpfs', options: ['size=banana'], attrs: 0n, fsuid: 0 }] }),
    );
    expect(record.path).toMatch(/^tmpfs size=banana: .*(size|banana)/);
  });

  test('exec before pivot is refused: nothing of the container runs in the tree of the node', async () => {
    const record = await bed.failure(bed.start({ inside: [{ op: 'exec', files: ['/bin/true'], argv: ['true'], env: [] }] }));
    expect(record).toMatchObject({ stage: 'inside', op: 'exec', errno: 'EPERM' });
    await quiet();
  });

  test('namespaces that a container must have are not optional', async () => {
    const plan = bed.plan();
    for (const missingFlag of [0x1000_0000n, 0x2_0000n, 0x2000_0000n]) {
      const record = await bed.failure(bed.launcher.start({ ...plan, cloneFlags: plan.cloneFlags & ~missingFlag }));
      expect(record).toMatchObject({ stage: 'start', errno: 'EPROTO' });
    }
    expect(await bed.failure(bed.launcher.start({ ...plan, cloneFlags: plan.cloneFlags | 0x100n }))).toMatchObject({ errno: 'EPROTO' });
    expect(await bed.failure(bed.launcher.start({ ...plan, creator: 0 }))).toMatchObject({ errno: 'EPROTO' });
  });

  test('an init that is killed while it sets itself up is a failure, not a birth', async () => {
    const started = bed.start({
      inside: [
        { op: 'rlimit', resource: 0, soft: 0n, hard: 0n },
        { op: 'seccomp', program: killAll() },
      ],
    });
    expect(await bed.failure(started)).toMatchObject({ stage: 'inside', syscall: 'died' });
    await quiet();
  });

  test('two births by one engine at once, and the ids of both ranges', async () => {
    const other = makeBed();
    try {
      const all = await Promise.all([bed.start(), other.start()]);
      expect(new Set(all.flatMap(({ init, keeper }) => [init.pid, keeper.pid])).size).toBe(4);
      await bed.end(all[0]);
      await other.end(all[1]);
    } finally {
      await other.down();
    }
  });

  test('a bound on terminals of the container holds, and so does the file map', async () => {
    const started = await bed.start();
    const { out } = await bed.inside(started.init, `cat /proc/self/uid_map; mount -o remount,max=99 /dev/pts; grep -c max=8 /proc/mounts`);
    expect(out.replace(/ +/g, ' ').trim().split('\n')[0]).toBe(`0 ${BASE} 65536`);
    expect(out.trim().split('\n').at(-1)).toBe('1');
    await bed.end(started);
  });
});

/** A filter that kills the process at its next system call: BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS. */
function killAll(): Uint8Array {
  const program = Buffer.alloc(8);
  program.writeUInt16LE(0x06, 0);
  program.writeUInt32LE(0x8000_0000, 4);
  return program;
}
