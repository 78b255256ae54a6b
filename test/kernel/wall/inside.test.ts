// The wall from inside, tried as root of a container.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { spawn as spawnPty } from 'node-pty';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KEPT } from '../../../src/engine/rootfs/wall/capabilities.ts';
import { HIDDEN, READ_ONLY, WRITABLE } from '../../../src/engine/rootfs/wall/masks.ts';
import { ERRNO } from '../../../src/engine/rootfs/wall/syscalls.ts';
import { HOME } from '../lab.ts';
import { requires } from '../requires.ts';
import { REFUSED_TRIES } from './refused-calls.ts';
import { openRoom, type Room } from './room.ts';

const NUMPTY = 3;

const listen = (where: string | number): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer();
    const options = typeof where === 'number' ? { port: where, host: '0.0.0.0' } : { path: where };
    server.listen(options, () => resolve(server));
  });

/** What `vzctl enter` shows on a terminal while the line is typed. */
const enter = (root: string, line: string): Promise<string> =>
  new Promise((resolve) => {
    const terminal = spawnPty(`${HOME}/bin/vzctl`, ['enter', '101'], { env: { ...process.env, VZDECK_ROOT: root }, cols: 200 });
    let said = '';
    terminal.onData((data) => {
      said += data;
    });
    terminal.onExit(() => resolve(said));
    terminal.write(`stty -echo; ${line}\n`);
  });

requires(
  'root',
  'launcher',
  'busybox',
  'cc',
  'x64',
)('root of a container', () => {
  let room: Room;
  const lines = async (line: string): Promise<readonly string[]> => (await room.sh(line)).split('\n').filter(Boolean);

  beforeAll(async () => {
    // A secret of ours that must not arrive inside by environment.
    process.env['VZDECK_TEST_SECRET'] = 'seen';
    room = await openRoom({ NUMPTY: `${NUMPTY}:${NUMPTY}`, NETFILTER: 'disabled' });
  });
  afterAll(() => room.close());

  test('gets the errno of the table for every refused call', async () => {
    const got = await room.calls(REFUSED_TRIES);
    expect(REFUSED_TRIES.map(({ way, call }, i) => [way, call, got[i]])).toEqual(
      REFUSED_TRIES.map(({ way, call, refusal }) => [way, call, -ERRNO[refusal.errno]]),
    );
  });

  test('cannot set the clock by the calls that were left open either', async () => {
    expect(await room.sh('adjtimex -q -f 100')).toContain('not permitted');
    expect(await room.sh('adjtimex')).toContain('time.tv_sec');
  });

  test('has the kept capabilities and no more, and the filter; init and commands alike', async () => {
    const status = await room.sh(`grep -hE '^(CapInh|CapPrm|CapEff|CapBnd|CapAmb|Seccomp|NoNewPrivs):' /proc/1/status /proc/self/status`);
    const all = BigInt(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'));
    const kept = (KEPT & ((1n << (all + 1n)) - 1n)).toString(16).padStart(16, '0');
    const node = BigInt(`0x${/CapBnd:\s*(\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]}`);
    expect(status).toContain(`CapBnd:\t${kept}`);
    for (const set of status.matchAll(/Cap(?:Inh|Prm|Eff|Bnd):\t(\w+)/g)) expect(set[1]).toBe(kept);
    expect(status.match(/CapAmb:\t0{16}/g)).toHaveLength(2);
    expect(status.match(/Seccomp:\t2/g)).toHaveLength(2);
    expect(node).not.toBe(0n);
  });

  test.each(HIDDEN.flatMap((part) => part.paths))('finds nothing in %s', async (path) => {
    const [kind, content = ''] = await lines(
      `if [ -d ${path} ]; then echo dir; ls -A ${path} | head -1; elif [ -e ${path} ]; then echo file; head -c 40 ${path}; else echo absent; fi`,
    );
    expect(content).toBe('');
    const here = spawnSync('test', ['-e', path]).status === 0;
    expect(kind).not.toBe(here ? 'absent' : 'file');
  });

  test('reads settings of the node and writes none', async () => {
    for (const path of READ_ONLY.flatMap((part) => part.paths))
      expect(await room.sh(`touch ${path}/x 2>&1; find ${path} -maxdepth 0 -writable`)).not.toContain(`${path}\n`);
    for (const file of ['kernel/panic', 'kernel/shmall', 'vm/swappiness', 'fs/file-max', 'kernel/core_pattern'])
      expect(await room.sh(`echo 1 > /proc/sys/${file}`)).toContain('Read-only file system');
    expect(WRITABLE.paths).toEqual(['/proc/sys/net']);
    expect(await room.sh('echo 1 > /proc/sys/net/ipv4/ip_forward && cat /proc/sys/net/ipv4/ip_forward')).toBe('1\n');
    expect(await room.sh('touch /sys/class/net/x; echo 1 > /sys/kernel/mm/ksm/run')).toMatch(/(Read-only file system[\s\S]*){2}/);
  });

  test('sees its own /dev and nothing of the node’s', async () => {
    const wanted = 'console core fd full mqueue null ptmx pts random shm stderr stdin stdout tty tty2 urandom zero'.split(' ');
    const found = await lines('ls /dev');
    expect(found.filter((name) => !wanted.includes(name) && name !== 'log')).toEqual([]);
    expect(await room.sh('cat /dev/kmsg; dmesg')).toMatch(/No such file[\s\S]*not permitted/);
    expect(await room.sh('echo x > /dev/null && head -c 3 /dev/zero | wc -c && echo x > /dev/full')).toMatch(/^3\n[\s\S]*No space left/);
  });

  test('makes no device, and one that lies on its disk does not open', async () => {
    expect(await room.sh('mknod /tmp/m c 1 1')).toContain('not permitted');
    const { rdev } = statSync('/dev/null');
    expect(rdev).toBe(259);
    expect(spawnSync('mknod', [`${room.area}/tmp/planted`, 'c', '1', '3']).status).toBe(0);
    expect(await room.sh('cat /tmp/planted')).toContain('Permission denied');
  });

  test('mounts nothing of the node and changes no mount of it', async () => {
    const nodes = (): readonly string[] =>
      readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .filter((line) => /^(\/|\/dev\S*|\/proc|\/sys)$/.test(line.split(' ')[4] ?? ''));
    const before = nodes();
    const own = (await room.sh('cat /proc/1/mountinfo')).split('\n').filter(Boolean);
    const places = own.map((line) => line.split(' ')[4] ?? '');
    expect(places.filter((path) => !/^\/($|proc|sys|dev)/.test(path))).toEqual([]);
    // Only the root hears of mounts from outside; nothing tells outside of mounts inside: they are shared among its own namespaces only.
    const groupOf = (line: string): string | undefined => / shared:(\d+) /.exec(line)?.[1];
    const groups = new Set(
      readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .flatMap((line) => groupOf(line) ?? []),
    );
    for (const line of own) {
      expect(groups.has(groupOf(line) ?? 'none'), line).toBe(false);
      if (line.split(' ')[4] !== '/') expect(line).not.toMatch(/ master:/);
    }
    for (const type of ['debugfs', 'tracefs', 'devtmpfs', 'configfs', 'securityfs', 'pstore', 'ext4'])
      expect(await room.sh(`mount -t ${type} /dev/vda /mnt || mount -t ${type} none /mnt`)).toMatch(/denied|not permitted|No such|Invalid/);
    for (const path of ['/dev/null', '/dev/pts', '/']) await room.sh(`mount -o remount,ro ${path}`);
    await room.sh('mount -t tmpfs none /mnt; mkfifo /mnt/x; mount --bind /mnt/x /dev/zero');
    expect(nodes()).toEqual(before);
    expect(spawnSync('head', ['-c', '2', '/dev/zero']).stdout).toEqual(Buffer.alloc(2));
    await room.sh('umount /dev/zero; umount /mnt; mount -o remount,rw /');
  });

  test('has as many pseudo-terminals as it was given, whatever it remounts', async () => {
    const open = `${Array.from({ length: NUMPTY + 1 }, (_, i) => `exec ${i + 4}<>/dev/ptmx && echo open`).join('; ')}`;
    const tried = async (): Promise<string> => await room.sh(`${open}`);
    expect((await tried()).match(/open\n/g)).toHaveLength(NUMPTY);
    await room.sh('mount -t devpts -o remount,max=100 devpts /dev/pts; mount -o remount,max=100 /dev/pts');
    expect((await tried()).match(/open\n/g)).toHaveLength(NUMPTY);
  });

  test('sees no process but its own', async () => {
    const pids = (await lines('ls /proc | grep -E "^[0-9]+$"')).map(Number);
    expect(pids.length).toBeLessThan(40);
    const host = await room.sh('cat /proc/*/comm');
    expect(host).not.toMatch(/node|vitest|vzdeck|launcher/);
    expect(await room.sh('cat /proc/self/cgroup')).toMatch(/^0::\/\S*$/m);
    expect(await room.sh('cat /proc/self/cgroup')).not.toMatch(/vz/);
  });

  test('sees no interface, connection or listening socket of the node', async () => {
    const tcp = await listen(0);
    const name = `vzdeck-wall-${process.pid}`;
    const abstract = await listen(`\0${name}`);
    try {
      const address = tcp.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      // bonding_masters is a file there, of a module that another test may have loaded
      expect(await lines('cd /sys/class/net && ls -d */')).toEqual(['lo/']);
      expect(await room.sh(`nc -w 2 127.0.0.1 ${port} < /dev/null; echo $?`)).toMatch(/refused[\s\S]*1\n$/);
      expect(await room.sh('cat /proc/net/tcp')).not.toContain(`:${port.toString(16).toUpperCase().padStart(4, '0')} `);
      expect(readFileSync('/proc/net/unix', 'utf8')).toContain(name);
      expect(await room.sh('cat /proc/net/unix')).not.toContain(name);
    } finally {
      tcp.close();
      abstract.close();
    }
  });

  test('sees no shared memory and no keys of the node', async () => {
    const made = spawnSync('ipcmk', ['-M', '4096'], { encoding: 'utf8' }).stdout;
    const id = /\d+/.exec(made)?.[0] ?? '';
    try {
      expect(readFileSync('/proc/sysvipc/shm', 'utf8')).toContain(id);
      expect(await lines('cat /proc/sysvipc/shm')).toHaveLength(1);
    } finally {
      spawnSync('ipcrm', ['-m', id]);
    }
    expect(await room.sh('umount /proc/keys; grep -v -E "^[0-9a-f]+ I--Q" /proc/keys | wc -l')).toMatch(/^0\n$|can't open/);
  });

  test('holds no descriptor, variable or directory of the node: init and commands alike', async () => {
    for (const fd of await lines('for f in /proc/1/fd/*; do readlink $f; done'))
      expect(fd).toMatch(/^(\/dev\/(console|null)|socket:|pipe:|anon_inode:)/);
    const env = await room.sh('cat /proc/1/environ | tr "\\0" "\\n"; echo; env');
    expect(env).not.toMatch(/VZDECK_TEST_SECRET|VITEST|NODE_|HOME=\/root\b.*\/home/);
    expect(new Set([...env.matchAll(/^(\w+)=/gm)].map((m) => m[1]))).toEqual(
      new Set(['PATH', 'HOME', 'TERM', 'container', ...(env.match(/^(SHLVL|PWD|USER|OLDPWD)=/gm) ?? []).map((m) => m.slice(0, -1))]),
    );
    // 3 is the directory that ls itself reads.
    expect(await lines('ls /proc/self/fd')).toEqual(['0', '1', '2', '3']);
    expect(await room.sh('pwd; umask; readlink /proc/self/root; readlink /proc/1/cwd')).toBe('/\n0022\n/\n/\n');
    expect(await room.sh('cat /proc/self/limits')).toMatch(/core file size +0 [\s\S]*realtime priority +0 +0/);
  });

  test('enters on a terminal of its own, with nothing of the caller’s', async () => {
    // The last two are from the template's own /etc/profile.
    const NAMES = 'HISTFILE HOME LOGNAME OLDPWD PATH PS1 PWD SHELL SHLVL TERM USER container PAGER EDITOR'.split(' ');
    const said = await enter(
      room.lab.root,
      'for f in /proc/$$/fd/*; do readlink $f; done | sort -u | xargs echo fds; env | cut -d= -f1 | xargs echo env; echo in $(pwd); exit',
    );
    expect(
      /^fds (.*?)\r?$/m
        .exec(said)?.[1]
        ?.split(' ')
        .filter((fd) => fd !== '/dev/tty'),
    ).toEqual(['/dev/pts/0']);
    expect(
      /^env (.*?)\r?$/m
        .exec(said)?.[1]
        ?.split(' ')
        .filter((name) => !NAMES.includes(name)),
    ).toEqual([]);
    expect(said).toMatch(/^in \/(root)?\r?$/m);
  });

  test('makes user and other namespaces, but no further host name', async () => {
    const unshare = (flags: number) => ({ way: '64' as const, nr: 272, args: [flags] });
    const NEW = { user: 0x1000_0000, mount: 0x2_0000, net: 0x4000_0000, pid: 0x2000_0000, uts: 0x400_0000 };
    expect(await room.calls([unshare(NEW.user | NEW.mount | NEW.net | NEW.pid), unshare(NEW.uts), unshare(NEW.user | NEW.uts)])).toEqual([
      0, -1, -1,
    ]);
  });

  test('takes a mask off and still stands before the kernel’s own refusal', async () => {
    await room.sh(
      'umount /proc/kcore; umount /proc/sysrq-trigger; umount /proc/kallsyms; umount /proc/iomem; umount /sys/firmware; umount -l /proc/sys',
    );
    const bare = await room.sh(`
      cat /proc/kcore; echo b > /proc/sysrq-trigger; echo 1 > /proc/sys/kernel/panic; echo /x > /proc/sys/kernel/core_pattern
      grep -c -v '^0* ' /proc/kallsyms; grep -c -v '00000000-00000000' /proc/iomem; cat /proc/kmsg
      echo 5 > /proc/sys/user/max_user_namespaces; mount -o remount,rw /sys; echo 1 > /sys/kernel/mm/ksm/run`);
    const refused = bare.split('\n').filter((line) => !/denied|not permitted|Read-only|No such|nonexistent/.test(line));
    expect(refused.filter(Boolean)).toEqual(['0', '0']);
    expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).not.toBe('/x\n');
  });

  test('has the packet filter again from the next start on when its config says so', async () => {
    const netlink = { way: '64', nr: 41, args: [16, 3, 12] } as const;
    expect(await room.calls([netlink])).toEqual([-ERRNO.EPROTONOSUPPORT]);
    await room.lab.engine.set(101, { NETFILTER: 'full' }, { save: true, setmode: 'restart' }, room.lab.run);
    expect(Number((await room.calls([netlink]))[0])).toBeGreaterThanOrEqual(0);
  });
});
