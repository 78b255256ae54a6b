// Rows that only programs in the place of the kernel's own functions can hold a container to: what is refused, with which error, and how it is counted.
import { constants, readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  changeLimits,
  holdGroup,
  letGo,
  makeRefusals,
  type RefusalLimits,
  refusalsIn,
  refusedRows,
} from '../../../src/engine/cgroup/refusals.ts';
import { parseBtf } from '../../../src/engine/spec/bpf/btf.ts';
import { REFUSED, type Refused } from '../../../src/engine/spec/bpf/refusal-frame.ts';
import { parseRefusalCounts, parseRefusalLimits, REFUSAL_TYPES } from '../../../src/engine/spec/bpf/refusals.ts';
import { bpfPlace, inBpfPlace } from '../../../src/engine/store/bpf-place.ts';
import { patience } from '../../../src/engine/watch/timer.ts';
import { requires } from '../requires.ts';
import { IteratorLab, type Obedient } from './load.ts';

requires(
  'root',
  'launcher',
  'x64',
  'disposable',
)('what programs refuse', () => {
  const lab = new IteratorLab();
  let dir = '';
  let last = 0;
  const group = (id: number): string => `${lab.lab.topology.unified}${lab.lab.topology.top}/${id}`;

  beforeAll(async () => {
    await lab.open();
    dir = refusalsIn(bpfPlace(lab.host), lab.lab.topology);
    const types = parseBtf(readFileSync('/sys/kernel/btf/vmlinux'), REFUSAL_TYPES);
    expect(await inBpfPlace(lab.host, patience, () => makeRefusals(lab.host, lab.lab.topology, dir, types))).toBe('whole');
    expect(await lab.make()).toBe(true);
  });
  afterAll(() => lab.close());

  const counts = (id: number) => parseRefusalCounts(readFileSync(`${dir}/counts`, 'utf8')).get(statSync(group(id)).ino);
  const limitsOf = (id: number) => parseRefusalLimits(readFileSync(`${dir}/limits`, 'utf8')).get(statSync(group(id)).ino);
  const set = (id: number, limits: RefusalLimits): Promise<void> => lab.lab.ops(changeLimits(dir, group(id), limits));

  /** A container under the set with one program in it. */
  async function under(
    limits: RefusalLimits,
  ): Promise<{ id: number; one: Obedient; two: () => Promise<Obedient>; held: (row: Refused) => number }> {
    const id = ++last;
    const born = await lab.container(id);
    await lab.lab.ops(holdGroup(dir, group(id), limits));
    return { id, one: await born(), two: born, held: (row) => counts(id)?.[row].held ?? -1 };
  }

  test('this kernel can refuse all of them', () => {
    expect(refusedRows(lab.host.files, dir)).toEqual(REFUSED);
  });

  test('open files: the last one that fits, every refusal, and who has closed some', async () => {
    const { id, one, held } = await under({});
    const before = held('numfile');
    expect(before).toBeGreaterThan(0);
    await one.do('for (1 .. 5) { open my $f, "<", "/dev/null" or die $!; push @kept, $f }');
    expect(held('numfile')).toBe(before + 5);
    // another descriptor of the same file
    await one.do('open my $f, "<&", $kept[0] or die; push @kept, $f');
    expect(held('numfile')).toBe(before + 5);
    await set(id, { numfile: before + 8 });
    expect(limitsOf(id)).toMatchObject({ numfile: before + 8, numflock: Number.POSITIVE_INFINITY });
    await one.do(
      'our ($got, $no) = (0, 0); for (1 .. 10) { if (open my $f, "<", "/dev/null") { push @kept, $f; $got++ } elsif ($!{ENFILE}) { $no++ } } die "$got $no" if $got != 3 || $no != 7',
    );
    expect(counts(id)?.numfile).toEqual({ held: before + 8, maxheld: before + 8, failcnt: 7 });
    await one.do('@kept = (); open my $f, "<", "/dev/null" or die $!');
    expect(counts(id)?.numfile).toEqual({ held: before, maxheld: before + 8, failcnt: 7 });
    await one.end();
    expect(held('numfile')).toBe(0);
  });

  test('file locks of all kinds', async () => {
    const { id, one } = await under({ numflock: 3 });
    await one.do(`our $l = kept_file('${lab.dir}/locked'); flock $l, LOCK_EX or die $!`);
    await one.do(
      'our ($got, $no) = (0, 0); for (1 .. 5) { my $k = pack("ssx4qqi x4", F_WRLCK, 0, 10 * $_, 1, 0); if (fcntl $l, 6, $k) { $got++ } elsif ($!{ENOLCK}) { $no++ } } die "$got $no" if $got != 2 || $no != 3',
    );
    expect(counts(id)?.numflock).toEqual({ held: 3, maxheld: 3, failcnt: 3 });
    expect(lab.figures(id)[0]?.['numflock']).toBe(3);
    // to give one back is never refused
    await one.do('flock $l, LOCK_UN or die $!; my $k = pack("ssx4qqi x4", F_UNLCK, 0, 0, 15, 0); fcntl $l, 6, $k or die $!');
    expect(counts(id)?.numflock).toMatchObject({ held: 1, failcnt: 3 });
    await one.do('undef $l; @kept = ()');
    expect(counts(id)?.numflock).toMatchObject({ held: 0 });
    await one.end();
  });

  test('sockets of all families, those of connections too', async () => {
    const { id, one, held } = await under({ numothersock: 4 });
    await one.do(
      'socket(our $u, PF_UNIX, SOCK_STREAM, 0) or die $!; socket(our $n, 16, SOCK_RAW, 0) or die $!; socket(our $d, PF_INET, SOCK_DGRAM, 0) or die $!; socket(our $t, PF_INET, SOCK_STREAM, 0) or die $!',
    );
    expect(held('numothersock')).toBe(3);
    await one.do(`bind $u, pack_sockaddr_un('${lab.dir}/listens') or die $!; listen $u, 5; undef $n; undef $d`);
    expect(held('numothersock')).toBe(1);
    await one.do(`socket(our $c, PF_UNIX, SOCK_STREAM, 0) or die $!; connect $c, pack_sockaddr_un('${lab.dir}/listens') or die $!`);
    expect(held('numothersock')).toBe(3);
    await one.do('accept our $s, $u or die $!');
    expect(held('numothersock')).toBe(3);
    await one.do(
      'our $no = 0; for (1 .. 4) { socketpair(my $a, my $b, PF_UNIX, SOCK_DGRAM, 0) or $!{ENOBUFS} && $no++ } die $no if $no != 4',
    );
    expect(counts(id)?.numothersock).toEqual({ held: 3, maxheld: 4, failcnt: 4 });
    await one.do('undef $c; undef $s; undef $u; socket(our $d, PF_INET6, SOCK_DGRAM, 0) or die $!');
    expect(counts(id)?.numothersock).toMatchObject({ held: 1 });
    await one.end();
    expect(held('numothersock')).toBe(0);
  });

  test('promised memory, when the limit of a running container is lowered; what is given back may be asked for again', async () => {
    const { id, one, two } = await under({});
    const now = (): number => lab.figures(id)[0]?.['privvmpages'] ?? 0;
    const before = now();
    await one.do('map_pages(2560)');
    expect(now()).toBe(before + 2560);
    // 10 MB are promised, and 5 more may be
    const limit = now() + 1280;
    await set(id, { privvmpages: limit });
    await one.do(
      'our ($got, $no) = (0, 0); for (1 .. 20) { if (eval { map_pages(256) }) { $got++ } elsif ($!{ENOMEM}) { $no++ } } die "$got $no" if $got < 4 || $got > 5 || $got + $no != 20',
    );
    expect(now()).toBeLessThanOrEqual(limit);
    const refused = counts(id)?.privvmpages.failcnt ?? 0;
    expect(refused).toBeGreaterThanOrEqual(15);
    // mapped and given back a hundred times over: the estimate is put right, and nothing is refused
    await one.do('drop_maps(); for (1 .. 100) { map_pages(2560); drop_maps() }');
    expect(counts(id)?.privvmpages.failcnt).toBe(refused);
    // of all processes together
    const other = await two();
    await one.do('map_pages(2560)');
    await expect(other.do('map_pages(2560)')).rejects.toThrow('Cannot allocate memory');
    await one.end();
    await other.do('map_pages(2560)');
    await set(id, {});
    await other.do('map_pages(25600)');
    await other.end();
  });

  test.each([
    // CLONE_VFORK, but not the parent's memory: the child goes on in the parent's place
    ['a child whose parent waits for it', 'my $child = syscall(56, 0x4000 | 17, 0, 0, 0, 0); die $! if $child < 0'],
    [
      'threads that outlive the first one',
      'use threads; threads->create(sub { 1 until do { open my $s, "<", "/proc/$$/task/$$/stat"; <$s> =~ /\\) Z/ }; obey() })->detach; syscall(60, 0)',
    ],
  ])('promised memory is not hidden by %s', async (_, hide) => {
    const { id, one } = await under({});
    await one.do(hide);
    await one.do('map_pages(5120)');
    await set(id, { privvmpages: (lab.figures(id)[0]?.['privvmpages'] ?? 0) + 1280 });
    await expect(one.do('map_pages(2560)')).rejects.toThrow('Cannot allocate memory');
    await one.do('drop_maps(); map_pages(2560)');
    await one.end();
  });

  test('memory that nobody is asked for is refused to who is beyond the limit', async () => {
    const { id, one } = await under({});
    await one.do(
      'sub unreserved { my $at = syscall(9, 0, 4096 * 2560, $_[0], 0x4022, -1, 0); die "mmap: $!" if $at == -1; push @maps, [$at, 2560]; $at } sub open_up { syscall(10, $_[0], 4096 * 2560, 3) == 0 or die "mprotect: $!" }',
    );
    await one.do('our ($first, $second) = (unreserved(0), unreserved(0))');
    await set(id, { privvmpages: (lab.figures(id)[0]?.['privvmpages'] ?? 0) + 1280 });
    // what it is, is not known before it is there
    await one.do('open_up($first)');
    for (const more of ['open_up($second)', 'unreserved(3)', 'map_pages(1)'])
      await expect(one.do(more), more).rejects.toThrow('Cannot allocate memory');
    // what cannot be written to is promised to nobody
    await one.do('unreserved(1)');
    await one.do('drop_maps(); unreserved(3)');
    await expect(one.do('unreserved(3)')).rejects.toThrow('Cannot allocate memory');
    await one.do('drop_maps(); map_pages(640)');
    await one.end();
  });

  test('what was promised to a fork is promised, before anybody sees the child', async () => {
    const { id, one, two } = await under({});
    const watcher = (await under({})).one;
    const now = (): number => lab.figures(id)[0]?.['privvmpages'] ?? 0;
    // a fork waits in the kernel until somebody has read that it is one (userfaultfd)
    await one.do(
      `my $at = map_pages(2560); our $fd = syscall(323, ${constants.O_NONBLOCK}); open our $u, "+<&=", $fd or die $!; my $api = pack "QQQ", 0xaa, 2, 0; ioctl $u, 0xc018aa3f, $api or die $!; my $r = pack "QQQQ", $at, 4096 * 2560, 1, 0; ioctl $u, 0xc020aa00, $r or die $!`,
    );
    await one.do(`open my $f, ">", "${lab.dir}/at" or die $!; print $f "$$ $fd"; close $f`);
    const own = now();
    const other = await two();
    const limit = now() + own + 640;
    await set(id, { privvmpages: limit });
    await watcher.do(
      `open my $f, "<", "${lab.dir}/at" or die $!; my ($pid, $at) = split / /, <$f>; my $p = syscall(434, $pid + 0, 0); our $got = syscall(438, $p, $at + 0, 0); open our $u, "+<&=", $got or die $!`,
    );
    const forked = one.do('my $child = fork; die "fork: $!" if !defined $child; if (!$child) { POSIX::_exit(0) } waitpid $child, 0');
    await watcher.do('my $r = ""; vec($r, $got, 1) = 1; select($r, undef, undef, undef) == 1 or die $!');
    await expect(other.do('map_pages(1280)')).rejects.toThrow('Cannot allocate memory');
    await watcher.do('sysread($u, my $event, 32) == 32 or die $!');
    await forked;
    await other.do('map_pages(1280)');
    // and whole: no part of a fork may be beyond the limit
    await set(id, { privvmpages: limit - 1280 });
    await expect(one.do('defined fork or die $!')).rejects.toThrow('Cannot allocate memory');
    await other.do('drop_maps()');
    await watcher.end();
    await Promise.all([one.end(), other.end()]);
  });

  test('of a container that ends while it holds all it may, nothing is left; the next one begins anew', async () => {
    const { id, one } = await under({ numfile: 80 });
    await one.do('while (open my $f, "<", "/dev/null") { push @kept, $f }');
    await one.end();
    expect(counts(id)?.numfile).toMatchObject({ held: 0, failcnt: 1 });
    await lab.lab.ops(letGo(dir, group(id)));
    expect(counts(id)).toBeUndefined();
  });

  test('what was handed to the node stays charged to who opened it, and leaves when it is closed', async () => {
    const [{ id, one, held }, other] = [await under({}), await under({})];
    const [before, theirs] = [held('numfile'), other.held('numfile')];
    const path = `${lab.dir}/handed`;
    await other.one.do(`socket(our $s, PF_UNIX, SOCK_DGRAM, 0); bind $s, pack_sockaddr_un('${path}') or die "bind: $!"`);
    await one.do(
      `our $f = kept_file('${lab.dir}/file'); socket(our $c, PF_UNIX, SOCK_DGRAM, 0); connect $c, pack_sockaddr_un('${path}') or die $!`,
    );
    await one.do(
      'my $b = "x"; my $v = pack("PQ", $b, 1); my $m = pack("Qlll", 20, 1, 1, fileno $f) . "\\0" x 4; my $h = pack("QL x4 P Q P Q l x4", 0, 0, $v, 1, $m, 24, 0); syscall(46, fileno $c, $h, 0) == 1 or die "sendmsg: $!"',
    );
    await other.one.do(
      'my $b = "x"; my $v = pack("PQ", $b, 1); my $m = "\\0" x 24; my $h = pack("QL x4 P Q P Q l x4", 0, 0, $v, 1, $m, 24, 0); syscall(47, fileno $s, $h, 0) == 1 or die "recvmsg: $!"; our $got = unpack "l", substr($m, 16)',
    );
    await one.do('@kept = (); undef $f; undef $c');
    expect([held('numfile'), other.held('numfile')]).toEqual([before + 1, theirs + 1]);
    await one.end();
    expect(counts(id)?.numfile.held).toBe(1);
    await other.one.end();
    expect([held('numfile'), other.held('numfile')]).toEqual([0, 0]);
  });
});
