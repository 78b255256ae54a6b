// System calls that no common program makes, made from Perl, which every Debian has. Numbers of the architecture; words of the kernel's headers.

const NUMBERS = {
  x64: { bpf: 321, kcmp: 312, name_to_handle_at: 303, setxattr: 188, prctl: 157, eventfd2: 290, epoll_create1: 291, userfaultfd: 323 },
  arm64: { bpf: 280, kcmp: 272, name_to_handle_at: 264, setxattr: 5, prctl: 167, eventfd2: 19, epoll_create1: 20, userfaultfd: 282 },
} as const;

/** What the scripts of Perl share: `call` a system call or end with its error; `load` a BPF program that answers 1; `diag` ask for sockets of a kind. */
export function perlPrelude(architecture: string): string {
  const numbers = NUMBERS[architecture === 'arm64' ? 'arm64' : 'x64'];
  return `use strict; use Socket;
my %number = (${Object.entries(numbers).map(([name, number]) => `${name} => ${number}`)});
sub no_ { print STDERR "@_\\n"; exit 1 }
sub call { my $name = shift; my $got = syscall($number{$name}, @_); no_("$name: $!") if $got < 0; $got }
sub load { my ($type, $attach) = @_;
  my $code = pack('C2 s l C2 s l', 0xb7, 0, 0, 1, 0x95, 0, 0, 0); my $license = "MIT\\0";
  my $attr = pack('L2 Q2 L2 Q L2 a16 L2', $type, 2, unpack('Q', pack('P', $code)), unpack('Q', pack('P', $license)), 0, 0, 0, 0, 0, '', 0, $attach);
  call('bpf', 5, $attr, length $attr) }
sub diag { my ($family, $protocol) = @_;
  socket(my $s, 16, SOCK_RAW, 4) or no_("socket: $!");
  my $body = pack('C4 L', $family, $protocol, 0, 0, 0xffffffff) . "\\0" x 64;
  send($s, pack('L S2 L2', 16 + length $body, 20, 0x301, 1, 0) . $body, 0) or no_("send: $!");
  recv($s, my $answer, 65536, 0); my (undef, $kind) = unpack('L S', $answer);
  if ($kind == 2) { $! = -unpack('x16 l', $answer); no_("$!") if $! } }`;
}
