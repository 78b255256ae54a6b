// Limits that a kernel can hold a container to, each tried by running into it once and then without it: what is attached and does nothing, or is
// written and has no effect, is no limit. Names are those of the mechanisms in spec/ubc-holds.ts.
import type { Mechanism } from '../../spec/ubc-holds.ts';
import type { Probe } from './probe.ts';

/** Controllers whose trees the scripts ask for, in the order of their arguments, and the tree of version 2. */
export const LIMIT_TREES = ['pids', 'memory', 'unified'] as const;

/**
 * What the scripts share: %tree groups that one of ours may be made in, by controller ("": no tree has it), and $give: whether a tree of version 2 may be
 * asked to give the controller to its groups, as the first start does; without, and where it does not, nobody can try. `group` a directory of our own there; `put` and `got` its files;
 * `inside` runs code in a process of the group and tells whether it says yes; `spared` a group that is promised memory, which its own groups have from it; `refused` wants a call to fail with one of these errors; `stuff`
 * bytes that a TCP connection of the loopback takes while nobody reads.
 */
export const LIMIT_PRELUDE = `use POSIX (); use Fcntl;
my %tree; @tree{qw(${LIMIT_TREES.join(' ')})} = @ARGV; my $give = $ARGV[${LIMIT_TREES.length}] eq 'give'; my $g = ''; my $maker = $$;
END { if ($$ == $maker && $g ne '') { my $code = $?; rmdir $g and last for 1 .. 50; $? = $code } }
sub group { my ($name) = @_; my $tree = $tree{$name} or no_("no tree has the controller");
  if ($name ne 'unified' && open(my $f, '<', "$tree/cgroup.subtree_control")) { my $given = <$f> // '';
    if ($given !~ /\\b$name\\b/) { $give or nobody_("the first start gives $name to groups, and tries it then"); put("$tree/cgroup.subtree_control", "+$name") } }
  $g = "$tree/vz-probe-$$"; if (!mkdir $g) { my $why = "$g: $!"; $g = ''; no_($why) } }
sub has { -e "$g/$_[0]" }
sub put { my ($file, $text) = @_; open(my $f, '>', $file =~ m{^/} ? $file : "$g/$file") or no_("$file: $!"); syswrite($f, $text) or no_("$file: $!") }
sub got { my ($file) = @_; open(my $f, '<', "$g/$file") or no_("$file: $!"); local $/; my $text = <$f>; $text =~ s/\\s+$//; $text }
sub inside { my ($code) = @_; my $child = fork; defined $child or no_("fork: $!");
  if (!$child) { put('cgroup.procs', $$) if $g ne ''; POSIX::_exit(eval { $code->() } ? 0 : 1) }
  waitpid($child, 0); $? == 0 }
sub spared { group('memory'); has('memory.low') or no_('version 1 has no guarantee'); put('memory.low', 1 << 20);
  got('memory.low') == 1 << 20 or no_('memory.low keeps ' . got('memory.low'));
  open(my $mounts, '<', '/proc/self/mountinfo') or no_("mountinfo: $!"); grep { / - cgroup2 .*\\bmemory_recursiveprot\\b/ } <$mounts>
    or no_('cgroup2 is mounted without memory_recursiveprot: no guarantee reaches the groups inside a group') }
sub refused { my ($got, @errors) = @_; (!defined $got || $got < 0) && grep { $!{$_} } @errors }
sub address { unpack('Q', pack('P', $_[0])) }
sub stuff {
  socket(my $d, AF_INET, SOCK_DGRAM, 0); ioctl($d, 0x8914, my $up = pack('a16 s x14', 'lo', 1)) or no_("lo: $!");
  my ($l, $c, $s);
  socket($l, AF_INET, SOCK_STREAM, 0) && bind($l, sockaddr_in(0, INADDR_LOOPBACK)) && listen($l, 1) or no_("listen: $!");
  socket($c, AF_INET, SOCK_STREAM, 0) && connect($c, getsockname($l)) && accept($s, $l) or no_("connect: $!");
  fcntl($c, F_SETFL, O_NONBLOCK); my ($sent, $still) = (0, 0);
  while ($still < 10) { my $n = syswrite($c, 'x' x 65536); if ($n) { $sent += $n; $still = 0 } else { $still++; select(undef, undef, undef, 0.005) } }
  $sent }
sub stuffs { my ($least, $most) = @_; pipe(my $r, my $w); inside(sub { syswrite($w, stuff()) }) or no_("nothing could be sent");
  sysread($r, my $n, 32); $n }`;

interface Row {
  readonly name: Mechanism;
  readonly title: string;
  readonly script: string;
  readonly use: string;
  readonly without: string;
}

const ROWS: readonly Row[] = [
  {
    name: 'pids',
    title: 'A process too many is refused',
    script: `group('pids');
my $fork = sub { my $p = fork; POSIX::_exit(0) if defined $p && !$p; waitpid($p, 0) if $p; $p };
put('pids.max', 1); inside(sub { refused($fork->(), 'EAGAIN') }) or no_('it was begun');
put('pids.max', 'max'); inside(sub { defined $fork->() }) or no_('it is refused without a limit');`,
    use: 'numproc',
    without: 'numproc is counted, not enforced',
  },
  {
    name: 'memory',
    title: 'Memory above the limit is refused',
    // a table in the kernel is refused where a page of a program would end it, with a page of the log
    script: `group('memory'); my $v1 = has('memory.limit_in_bytes');
my ($now, $limit) = $v1 ? ('memory.usage_in_bytes', 'memory.limit_in_bytes') : ('memory.current', 'memory.max');
my $table = sub { my $attr = pack('L5 x100', 2, 4, 8, 1 << 20, 0); syscall($number{bpf}, 0, $attr, length $attr) };
inside(sub { put($limit, (got($now) + (2 << 20)) & ~4095); refused($table->(), 'ENOMEM') }) or no_('it was given');
put($limit, $v1 ? -1 : 'max'); inside(sub { $table->() >= 0 }) or no_("it is refused without a limit: $!");`,
    use: 'physpages',
    without: 'physpages is counted, not enforced',
  },
  {
    name: 'swap',
    title: 'Swap has a limit',
    script: `group('memory'); my $file = has('memory.swap.max') ? 'memory.swap.max' : 'memory.memsw.limit_in_bytes';
has($file) or no_('swap is not counted for groups'); my $of = 'memory.limit_in_bytes'; put($of, 1 << 20) if has($of);
put($file, 1 << 20); got($file) == 1 << 20 or no_("$file keeps " . got($file)); print "$file\\n";`,
    use: 'swappages',
    without: 'swappages is kept, not enforced',
  },
  {
    name: 'memory-low',
    title: 'Memory that is spared when groups above run full',
    script: 'spared();',
    use: 'oomguarpages',
    without: 'oomguarpages is kept, and guarantees nothing',
  },
  {
    name: 'memory-low-node',
    title: 'The same when the node itself runs out',
    // 6.12: of 16 MiB that were promised 10 went while a neighbour lost 8, and none with the LRU of before; memory.min made no difference
    script: `spared(); if (open(my $file, '<', '/sys/kernel/mm/lru_gen/enabled')) { hex(<$file>) & 1 and
no_('the multi-generational LRU takes from who was promised, too; without it: echo n >/sys/kernel/mm/lru_gen/enabled') }`,
    use: 'oomguarpages',
    without: 'oomguarpages is kept where groups above run full',
  },
  {
    name: 'tcp-memory',
    title: 'TCP buffers of a group have a limit',
    script: `group('memory'); my $file = 'memory.kmem.tcp.limit_in_bytes'; has($file) or no_('version 2 counts them as memory');
put($file, -1); my $free = stuffs(); put($file, 1 << 16); my $held = stuffs();
$held * 2 < $free or no_("$held bytes in flight with it, $free without"); print "$held bytes in flight with it, $free without\\n";`,
    use: 'tcpsndbuf, tcprcvbuf: both together',
    without: 'by the largest buffer of one socket, where a network namespace has that',
  },
  {
    name: 'tcp-buffers',
    title: 'TCP buffers of a network namespace have a largest size',
    script: `my $net = '/proc/sys/net/ipv4'; my $free = stuffs(); put("$net/tcp_$_", '4096 16384 16384') for qw(rmem wmem); my $held = stuffs();
$held * 2 < $free or no_("$held bytes in flight with it, $free without"); print "$held bytes in flight with it, $free without\\n";`,
    use: 'tcpsndbuf, tcprcvbuf: of each socket',
    without: 'by the group, where that has a limit',
  },
  {
    name: 'shmall',
    title: 'System V shared memory of a namespace has a limit',
    script: `call('unshare', 0x08000000); my $all = '/proc/sys/kernel/shmall'; my $get = sub { syscall($number{shmget}, 0, 8192, 01600) };
put($all, 1); refused($get->(), 'ENOSPC') or no_('it was given'); put($all, 100); $get->() >= 0 or no_("it is refused without a limit: $!");`,
    use: 'shmpages',
    without: 'shmpages is counted, not enforced',
  },
  {
    name: 'memlock',
    title: 'Locked memory of a process has a limit',
    script: `my $bytes = pack('Q2', 65536, 65536); call('prlimit64', 0, 8, $bytes, 0); call('setresuid', 65534, 65534, 65534);
my $room = 'x' x 262144; my $lock = sub { syscall($number{mlock}, address($room), $_[0]) };
refused($lock->(262144), 'ENOMEM', 'EAGAIN', 'EPERM') or no_('it was given'); $lock->(16384) == 0 or no_("it is refused without a limit: $!");`,
    use: 'lockedpages: of each process',
    without: 'lockedpages is counted, not enforced',
  },
  {
    name: 'devpts',
    title: 'Terminals of one devpts have a limit',
    // over a directory that is there, in a mount namespace that goes with the try
    script: `my $at = '/dev'; system('mount', '-t', 'devpts', '-o', 'newinstance,max=1,ptmxmode=666', 'devpts', $at) == 0 or no_('it cannot be mounted');
sysopen(my $one, "$at/ptmx", O_RDWR) or no_("the first: $!"); my $two; refused(sysopen($two, "$at/ptmx", O_RDWR) ? 0 : undef, 'ENOSPC') or no_('one too many was given');`,
    use: 'numpty',
    without: 'terminals are bounded by the node only',
  },
  {
    name: 'sigpending',
    title: 'Queued signals of a user namespace have a limit',
    // two users in a namespace that a third one has made, each below the limit for himself; another one for each try, since all share his count
    script: `my $maker_ = 0x7ffe0000 + $$ % 65536; pipe(my $r, my $w); pipe(my $r2, my $w2);
my $ns = fork; defined $ns or no_("fork: $!");
if (!$ns) { my $six = pack('Q2', 6, 6); call('prctl', 28, 4, 0, 0, 0); call('prlimit64', 0, 11, $six, 0); call('setresuid', -1, $maker_, -1);
  call('unshare', 0x10000000); syswrite($w, 'x'); sysread($r2, my $go, 1); call('setresuid', 0, 0, 0);
  my $queue = sub { my ($uid) = @_; pipe(my $told, my $tell); my $child = fork;
    if (!$child) { call('setresuid', $uid, $uid, $uid); POSIX::sigprocmask(POSIX::SIG_BLOCK, POSIX::SigSet->new(40)); my $n = 0; my $info = pack('l3 x116', 40, 0, -1);
      $n++ while $n < 4 && syscall($number{rt_sigqueueinfo}, $$, 40, $info) == 0; syswrite($tell, $n); POSIX::pause() }
    sysread($told, my $n, 8); ($child, $n) };
  my ($first, $a) = $queue->(1); my ($second, $b) = $queue->(2); kill 'KILL', $first, $second; print "$a of one user, $b of the next\\n"; POSIX::_exit($a == 4 && $b < 4 ? 0 : 1) }
sysread($r, my $ready, 1); my $done = put("/proc/$ns/uid_map", "0 $maker_ 10\\n"); syswrite($w2, 'x'); waitpid($ns, 0); exit($? ? 1 : 0);`,
    use: 'numsiginfo',
    without: 'numsiginfo bounds single users inside',
  },
  {
    name: 'bpf-sockets',
    title: 'A socket too many is refused by a program of its group',
    script: `group('unified'); my $program = load(9, 2, [0xb7, 1, -105], [0x85, 0, 187], [0xb7, 0, 0], [0x95, 0, 0]);
load(13, 3); sysopen(my $dir, $g, O_RDONLY) or no_("$g: $!"); my $where = sub { pack('L4', fileno $dir, $program, 2, @_) };
my $make = sub { socket(my $s, AF_INET, SOCK_STREAM, 0) ? 0 : undef };
call('bpf', 8, my $on = $where->(2), 16); inside(sub { refused($make->(), 'ENOBUFS') }) or no_('it was made');
call('bpf', 9, my $off = $where->(0), 16); inside(sub { defined $make->() }) or no_('it is refused without the program');`,
    use: 'numtcpsock, numothersock',
    without: 'numtcpsock and numothersock are counted, not enforced',
  },
];

export const LIMIT_PROBES: readonly Probe[] = ROWS.map((row) => ({ ...row, group: 'limits', language: 'perl' }));
