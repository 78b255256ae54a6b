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
 * function of the kernel, or of another kind of type (Documentation/bpf/btf.rst); `put_there` put a program there; `trampoline` one before a function, for this process only; `notes` one that counts calls of this
 * process whose 32 bits at an offset of the context fail a test: it gives what asks for the count; `diag` ask for sockets of a kind. */
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
sub btf { my ($name, $kind_) = (@_, 12);
  open(my $f, '<:raw', '/sys/kernel/btf/vmlinux') or no_("no types of the kernel: $!"); local $/; my $all = <$f>;
  my ($header, $types, $length, $strings) = unpack('x4 L4', $all);
  my $wanted = index($all, "\\0$name\\0", $header + $strings) + 1 - $header - $strings; no_("the kernel has no $name") if $wanted < 1;
  my %more = (1 => 4, 3 => 12, 14 => 4, 17 => 4); my %each = (4 => 12, 5 => 12, 6 => 8, 13 => 8, 15 => 12, 19 => 12);
  for (my ($at, $id) = ($header + $types, 1); $at < $header + $types + $length; $id++) {
    my ($string, $info) = unpack('L2', substr($all, $at, 8)); my $kind = $info >> 24 & 31;
    return $id if $kind == $kind_ && $string == $wanted;
    $at += 12 + ($more{$kind} || 0) + ($each{$kind} || 0) * ($info & 0xffff) }
  no_("$name is none of the kernel's") }
sub put_there { my ($attach, $of, @code) = @_; my $code = join '', map { pack('C2 s l', @$_) } @code; my $license = "GPL\\0";
  my $attr = pack('L2 Q2 L2 Q L2 a16 L2 x36 L2', 26, scalar @code, unpack('Q', pack('P', $code)), unpack('Q', pack('P', $license)),
    0, 0, 0, 0, 0, '', 0, $attach, $of, 0);
  my $program = call('bpf', 5, $attr, length $attr); my $link = pack('Q L x4', 0, $program); call('bpf', 17, $link, length $link) }
sub trampoline { my ($name, $answer) = @_;
  put_there(26, btf($name), [0x85, 0, 0, 14], [0x77, 0, 0, 32], [0x15, 0, 2, $$], [0xb7, 0, 0, 0], [0x95, 0, 0, 0], [0xb7, 0, 0, $answer], [0x95, 0, 0, 0]) }
sub notes { my ($attach, $of, $at, $jump, $than) = @_; my $attr = pack('L5 x100', 2, 4, 8, 1, 0); my $map = call('bpf', 0, $attr, length $attr);
  put_there($attach, $of, [0xbf, 0x16, 0, 0], [0x85, 0, 0, 14], [0x77, 0, 0, 32], [0x55, 0, 11, $$], [0x61, 0x61, $at, 0], [$jump, 1, 9, $than], [0xbf, 0xa2, 0, 0],
    [0x07, 2, 0, -4], [0x62, 10, -4, 0], [0x18, 0x11, 0, $map], [0, 0, 0, 0], [0x85, 0, 0, 1], [0x15, 0, 2, 0], [0xb7, 1, 0, 1], [0xdb, 0x10, 0, 0], [0xb7, 0, 0, 0], [0x95, 0, 0, 0]);
  sub { my ($key, $value) = (pack('L', 0), "\\0" x 8); my $ask = pack('L x4 Q3', $map, unpack('Q', pack('P', $key)), unpack('Q', pack('P', $value)), 0);
    call('bpf', 1, $ask, length $ask); unpack('Q', $value) } }
sub diag { my ($family, $protocol) = @_;
  socket(my $s, 16, SOCK_RAW, 4) or no_("socket: $!");
  my $body = pack('C4 L', $family, $protocol, 0, 0, 0xffffffff) . "\\0" x 64;
  send($s, pack('L S2 L2', 16 + length $body, 20, 0x301, 1, 0) . $body, 0) or no_("send: $!");
  recv($s, my $answer, 65536, 0); my (undef, $kind) = unpack('L S', $answer);
  if ($kind == 2) { $! = -unpack('x16 l', $answer); no_("$!") if $! } }`;
}
