// System calls that no common program makes, made from Perl, which every Debian has. Numbers of the architecture; words of the kernel's headers.

const NUMBERS = {
  x64: {
    bpf: 321,
    kcmp: 312,
    name_to_handle_at: 303,
    setxattr: 188,
    prctl: 157,
    eventfd2: 290,
    epoll_create1: 291,
    userfaultfd: 323,
    getpgid: 121,
    unshare: 272,
    setresuid: 117,
    prlimit64: 302,
    mlock: 149,
    shmget: 29,
    rt_sigqueueinfo: 129,
  },
  arm64: {
    bpf: 280,
    kcmp: 272,
    name_to_handle_at: 264,
    setxattr: 5,
    prctl: 167,
    eventfd2: 19,
    epoll_create1: 20,
    userfaultfd: 282,
    getpgid: 155,
    unshare: 97,
    setresuid: 147,
    prlimit64: 261,
    mlock: 228,
    shmget: 194,
    rt_sigqueueinfo: 138,
  },
} as const;

/** What the scripts of Perl share: `call` a system call or end with its error; `load` a BPF program, of instructions [code, register, number], that answers 1 where none are given; `btf` the id of a
 * function of the kernel (Documentation/bpf/btf.rst); `trampoline` put a program before one, for this process only; `diag` ask for sockets of a kind. */
export function perlPrelude(architecture: string): string {
  const numbers = NUMBERS[architecture === 'arm64' ? 'arm64' : 'x64'];
  return `use strict; use Socket;
my %number = (${Object.entries(numbers).map(([name, number]) => `${name} => ${number}`)});
sub no_ { print STDERR "@_\\n"; exit 1 }
sub nobody_ { print STDERR "@_\\n"; exit 127 }
sub call { my $name = shift; my $got = syscall($number{$name}, @_); no_("$name: $!") if $got < 0; $got }
sub load { my ($type, $attach, @code) = @_; @code = ([0xb7, 0, 1], [0x95, 0, 0]) if !@code;
  my $code = join '', map { pack('C2 s l', $$_[0], $$_[1], 0, $$_[2]) } @code; my $license = "MIT\\0";
  my $attr = pack('L2 Q2 L2 Q L2 a16 L2', $type, scalar @code, unpack('Q', pack('P', $code)), unpack('Q', pack('P', $license)), 0, 0, 0, 0, 0, '', 0, $attach);
  call('bpf', 5, $attr, length $attr) }
sub btf { my ($name) = @_;
  open(my $f, '<:raw', '/sys/kernel/btf/vmlinux') or no_("no types of the kernel: $!"); local $/; my $all = <$f>;
  my ($header, $types, $length, $strings) = unpack('x4 L4', $all);
  my $wanted = index($all, "\\0$name\\0", $header + $strings) + 1 - $header - $strings; no_("the kernel has no $name") if $wanted < 1;
  my %more = (1 => 4, 3 => 12, 14 => 4, 17 => 4); my %each = (4 => 12, 5 => 12, 6 => 8, 13 => 8, 15 => 12, 19 => 12);
  for (my ($at, $id) = ($header + $types, 1); $at < $header + $types + $length; $id++) {
    my ($string, $info) = unpack('L2', substr($all, $at, 8)); my $kind = $info >> 24 & 31;
    return $id if $kind == 12 && $string == $wanted;
    $at += 12 + ($more{$kind} || 0) + ($each{$kind} || 0) * ($info & 0xffff) }
  no_("$name is no function of the kernel") }
sub trampoline { my ($name, $answer) = @_;
  my @code = (pack('C2 s l', 0x85, 0, 0, 14), pack('C2 s l', 0x77, 0, 0, 32), pack('C2 s l', 0x15, 0, 2, $$), pack('C2 s l', 0xb7, 0, 0, 0),
    pack('C2 s l', 0x95, 0, 0, 0), pack('C2 s l', 0xb7, 0, 0, $answer), pack('C2 s l', 0x95, 0, 0, 0));
  my $code = join '', @code; my $license = "GPL\\0";
  my $attr = pack('L2 Q2 L2 Q L2 a16 L2 x36 L2', 26, scalar @code, unpack('Q', pack('P', $code)), unpack('Q', pack('P', $license)),
    0, 0, 0, 0, 0, '', 0, 26, btf($name), 0);
  my $program = call('bpf', 5, $attr, length $attr); my $link = pack('Q L x4', 0, $program); call('bpf', 17, $link, length $link) }
sub diag { my ($family, $protocol) = @_;
  socket(my $s, 16, SOCK_RAW, 4) or no_("socket: $!");
  my $body = pack('C4 L', $family, $protocol, 0, 0, 0xffffffff) . "\\0" x 64;
  send($s, pack('L S2 L2', 16 + length $body, 20, 0x301, 1, 0) . $body, 0) or no_("send: $!");
  recv($s, my $answer, 65536, 0); my (undef, $kind) = unpack('L S', $answer);
  if ($kind == 2) { $! = -unpack('x16 l', $answer); no_("$!") if $! } }`;
}
