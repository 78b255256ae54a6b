// What the kernel's iterators tell of containers, against loads that are known to the page and to the file.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requires } from '../requires.ts';
import { until } from '../until.ts';
import { type Figures, IteratorLab, type Obedient } from './load.ts';

const suite = requires('root', 'launcher', 'x64');

const status = (pid: number, key: string): number =>
  Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

suite('figures of iterators that copy what they look at, as those of older kernels do', () => {
  const lab = new IteratorLab();
  beforeAll(() => lab.open());
  afterAll(() => lab.close());

  test('are those of /proc', async () => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    writeFileSync(join(lab.dir, 'run/vzdeck/kernel-types'), `${boot}{"struct timespec64":null}\n`);
    const one = await (await lab.container(1))();
    expect(await lab.make()).toBe(true);
    await one.do('map_pages(2500); syscall(149, $maps[0][0], 4096 * 10) == 0 or die "mlock: $!"');
    expect(lab.figures(1)[0]).toMatchObject({
      privvmpages: (status(one.pid, 'VmData') + status(one.pid, 'VmStk')) / 4,
      lockedpages: 10,
      numfile: readdirSync(`/proc/${one.pid}/fd`).length,
    });
  });
});

suite('figures of the iterators', () => {
  const lab = new IteratorLab();
  let born: () => Promise<Obedient>;
  let one: Obedient;

  beforeAll(async () => {
    await lab.open();
    born = await lab.container(1);
    one = await born();
    expect(await lab.make()).toBe(true);
  });
  afterAll(() => lab.close());

  const now = (): Figures => lab.figures(1)[0] ?? {};

  describe('memory', () => {
    test('that is promised is what /proc tells of each process, and follows it up and down', async () => {
      const pages = (): number => (status(one.pid, 'VmData') + status(one.pid, 'VmStk')) / 4;
      const before = now()['privvmpages'] ?? 0;
      expect(before).toBe(pages());
      await one.do('map_pages(2500)');
      expect(now()['privvmpages']).toBe(before + 2500);
      expect(pages()).toBe(before + 2500);
      await one.do('drop_maps()');
      expect(now()['privvmpages']).toBe(before);
    });

    test('of two processes counts twice, of one that has forked too', async () => {
      const before = now()['privvmpages'] ?? 0;
      const two = await born();
      const both = now()['privvmpages'] ?? 0;
      expect(both).toBe(before + (status(two.pid, 'VmData') + status(two.pid, 'VmStk')) / 4);
      await two.end();
      expect(now()['privvmpages']).toBe(before);
      await one.do('pipe my $r, my $w; push @kept, $r, $w');
      const piped = now();
      await one.do('our $child = fork() // die; if ($child == 0) { sysread STDIN, my $x, 0; POSIX::pause(); POSIX::_exit(0) }');
      const forked = now();
      expect(forked['privvmpages']).toBeGreaterThan((piped['privvmpages'] ?? 0) * 1.9);
      expect(forked['numfile']).toBe(piped['numfile']);
      await one.do('kill 9, $child; waitpid $child, 0; @kept = ()');
      expect(now()['privvmpages']).toBeLessThan((piped['privvmpages'] ?? 0) + 200);
    });

    test('of processes that begin and end while it is read', async () => {
      const before = now();
      await one.do(
        'our $storm = fork() // die; if (!$storm) { $SIG{TERM} = sub { POSIX::_exit(0) }; while (1) { my $p = fork; POSIX::_exit(0) if defined $p && !$p; waitpid $p, 0 if $p } }',
      );
      for (let pass = 0; pass < 100; pass++) {
        const during = now();
        // the container's own two at least, and at most one child that has not gone yet
        expect(during['privvmpages']).toBeGreaterThanOrEqual(before['privvmpages'] ?? 0);
        expect(during['privvmpages']).toBeLessThan(4 * (before['privvmpages'] ?? 0));
        expect(during['numfile']).toBe(before['numfile']);
      }
      await one.do('kill TERM => $storm; waitpid $storm, 0');
      // its last child ends by itself
      await until(() => now()['privvmpages'] === (status(one.pid, 'VmData') + status(one.pid, 'VmStk')) / 4);
      expect(now()['numfile']).toBe(before['numfile']);
    });

    test('that is locked', async () => {
      expect(now()['lockedpages']).toBe(0);
      await one.do('my $at = map_pages(64); syscall(149, $at, 4096 * 10) == 0 or die "mlock: $!"');
      expect(now()['lockedpages']).toBe(10);
      expect(status(one.pid, 'VmLck')).toBe(40);
      await one.do('drop_maps()');
      expect(now()['lockedpages']).toBe(0);
    });
  });

  describe('files', () => {
    test('count once, however many descriptors lead to them', async () => {
      const before = now()['numfile'] ?? 0;
      await one.do('for (1 .. 50) { open my $f, "<", "/dev/null" or die; push @kept, $f }');
      expect(now()['numfile']).toBe(before + 50);
      await one.do('for (1 .. 30) { open my $f, "<&", $kept[0] or die; push @kept, $f }');
      expect(now()['numfile']).toBe(before + 50);
      await one.do('@kept = @kept[0 .. 9]');
      expect(now()['numfile']).toBe(before + 10);
      await one.do('@kept = ()');
      expect(now()['numfile']).toBe(before);
    });

    test('of ten thousand descriptors none is missed', async () => {
      const before = now()['numfile'] ?? 0;
      await one.do('my $two = pack("QQ", 20000, 20000); syscall(160, 7, $two) == 0 or die "setrlimit: $!"');
      await one.do('for (1 .. 10000) { open my $f, "<", "/dev/null" or die "open: $!"; push @kept, $f }');
      expect(now()['numfile']).toBe(before + 10_000);
      await one.do('@kept = ()');
      expect(now()['numfile']).toBe(before);
    });

    test('handed to another container are held by both', async () => {
      const other = await lab.container(2);
      const taker = await other();
      const path = `${lab.dir}/handed`;
      await taker.do(`socket(our $s, PF_UNIX, SOCK_DGRAM, 0); bind $s, pack_sockaddr_un('${path}') or die "bind: $!"`);
      const [giver, before] = lab.figures(1, 2);
      await one.do(
        `our $f = kept_file('${lab.dir}/file'); socket(our $c, PF_UNIX, SOCK_DGRAM, 0); connect $c, pack_sockaddr_un('${path}') or die $!`,
      );
      // sendmsg with SCM_RIGHTS: iovec, control message, msghdr of x86-64
      await one.do(
        'my $b = "x"; my $v = pack("PQ", $b, 1); my $m = pack("Qlll", 20, 1, 1, fileno $f) . "\\0" x 4; my $h = pack("QL x4 P Q P Q l x4", 0, 0, $v, 1, $m, 24, 0); syscall(46, fileno $c, $h, 0) == 1 or die "sendmsg: $!"',
      );
      await taker.do(
        'my $b = "x"; my $v = pack("PQ", $b, 1); my $m = "\\0" x 24; my $h = pack("QL x4 P Q P Q l x4", 0, 0, $v, 1, $m, 24, 0); syscall(47, fileno $s, $h, 0) == 1 or die "recvmsg: $!"; our $got = unpack "l", substr($m, 16)',
      );
      const [gave, got] = lab.figures(1, 2);
      expect(gave?.['numfile']).toBe((giver?.['numfile'] ?? 0) + 2);
      expect(got?.['numfile']).toBe((before?.['numfile'] ?? 0) + 1);
      await one.do('@kept = (); undef $f; undef $c');
      const [closed, kept] = lab.figures(1, 2);
      expect(closed?.['numfile']).toBe(giver?.['numfile']);
      expect(kept?.['numfile']).toBe(got?.['numfile']);
      await taker.end();
      expect(lab.figures(2)[0]?.['numfile']).toBe(0);
    });
  });

  test('locks of all kinds', async () => {
    const before = now();
    expect(before['numflock']).toBe(0);
    await one.do(`our $l = kept_file('${lab.dir}/locked'); flock $l, LOCK_EX or die $!`);
    expect(now()['numflock']).toBe(1);
    // F_SETLK, F_OFD_SETLK on ranges of one byte that do not touch
    await one.do('for (1 .. 5) { my $k = pack("ssx4qqi x4", F_WRLCK, 0, 10 * $_, 1, 0); fcntl $l, 6, $k or die $! }');
    expect(now()['numflock']).toBe(6);
    await one.do('for (1 .. 3) { my $k = pack("ssx4qqi x4", F_WRLCK, 0, 1000 + 10 * $_, 1, 0); fcntl $l, 37, $k or die $! }');
    expect(now()['numflock']).toBe(9);
    await one.do('my $k = pack("ssx4qqi x4", F_UNLCK, 0, 0, 500, 0); fcntl $l, 6, $k or die $!');
    expect(now()['numflock']).toBe(4);
    await one.do('undef $l; @kept = ()');
    expect(now()).toMatchObject({ numflock: 0, numfile: before['numfile'] });
  });

  describe('sockets', () => {
    test('that are not TCP, and what waits in them', async () => {
      const before = now();
      await one.do(
        'socketpair(our $a, our $b, PF_UNIX, SOCK_DGRAM, 0) or die $!; socket(our $u, PF_INET, SOCK_DGRAM, 0) or die $!; socket(our $n, 16, SOCK_RAW, 0) or die $!',
      );
      expect(now()).toMatchObject({ numothersock: (before['numothersock'] ?? 0) + 4, othersockbuf: before['othersockbuf'] });
      await one.do('send $a, "x" x 1000, 0 or die $!');
      const sent = now()['othersockbuf'] ?? 0;
      expect(sent).toBeGreaterThanOrEqual((before['othersockbuf'] ?? 0) + 1000);
      await one.do('recv $b, my $x, 2000, 0 // die $!');
      expect(now()['othersockbuf']).toBe(before['othersockbuf']);
      await one.do('bind $u, pack_sockaddr_in(0, INADDR_LOOPBACK) or die $!; send $u, "x" x 1000, 0, getsockname $u or die $! for 1 .. 5');
      expect(now()['dgramrcvbuf']).toBeGreaterThanOrEqual((before['dgramrcvbuf'] ?? 0) + 5000);
      await one.do('undef $a; undef $b; undef $u; undef $n');
      expect(now()).toEqual(before);
    });

    test('of TCP, in both directions', async () => {
      const before = now();
      expect(before).toMatchObject({ tcpsndbuf: 0, tcprcvbuf: 0 });
      await one.do('socket(our $l, PF_INET, SOCK_STREAM, 0); bind $l, pack_sockaddr_in(0, INADDR_LOOPBACK) or die $!; listen $l, 5');
      await one.do('socket(our $c, PF_INET, SOCK_STREAM, 0); connect $c, getsockname $l or die $!; accept our $s, $l or die $!');
      expect(now()).toMatchObject({ numothersock: before['numothersock'], numfile: (before['numfile'] ?? 0) + 3 });
      await one.do('fcntl $c, F_SETFL, O_NONBLOCK; while (defined(my $n = syswrite $c, "x" x 65536)) {}');
      const full = now();
      expect(full['tcpsndbuf']).toBeGreaterThan(65_536);
      expect(full['tcprcvbuf']).toBeGreaterThan(65_536);
      await one.do('undef $c; undef $s; undef $l');
      expect(now()).toEqual(before);
    });
  });
});
